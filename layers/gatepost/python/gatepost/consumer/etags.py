"""Entity tags (RFC 9110 §8.8.3) and conditional requests (§13.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatepost.consumer.problem_details import Stale
from gatepost.identifiers import digest

_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_TAGS = re.compile(rf"[ \t,]*(?:{_TAG.pattern}[ \t]*(?:,[ \t,]*|$))*")  # a list (RFC 9110 §5.6.1)


def etag_of(representation: str, version: int = 0) -> str:
    """Return a strong tag that changes with every visible change and every version."""
    return f'"{digest(f"{version} {representation}")[:22]}"'


def check_current(if_match: str, etag: str) -> None:
    """Raise Stale unless If-Match holds the tag or is `*`; a weak tag never matches (RFC 9110 §13.1.1)."""
    if if_match.strip(" \t") != "*" and etag not in [tag for weak, tag in _listed(if_match) if not weak]:
        raise Stale


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether If-None-Match holds the tag, weak or not, or is `*`; then the response is 304 (RFC 9110 §13.1.2)."""
    header = if_none_match or ""
    return header.strip(" \t") == "*" or etag in [tag for _, tag in _listed(header)]


def _listed(header: str) -> Sequence[tuple[str, str]]:
    """Return each tag with `W/` or an empty prefix; none if the header is not a list of tags."""
    return _TAG.findall(header) if _TAGS.fullmatch(header) else ()
