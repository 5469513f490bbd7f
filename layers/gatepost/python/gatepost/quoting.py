"""Values of a request, as logs, problems and error descriptions may repeat them: short, printable, without secrets."""

from __future__ import annotations

import re

LONGEST_VALUE = 200  # characters of a value that a log line or a problem quotes
# The patterns are compiled when an error first quotes something.
_LONG_WORD = r"[A-Za-z0-9_-]{40,}"  # as long as every code, token, secret and verifier
_LONGEST_SENT = 60  # characters of a value that a description quotes
_NOT_SENDABLE = r"[^\x20\x21\x23-\x5b\x5d-\x7e]"
_WORD = r"[A-Za-z0-9_.-]+"
_USER_INFO = r"(?<=//)[^/?#]*@"
_QUERY_VALUE = r"(?<=[?&;#])([^=&;#]*)=[^&;#]*"


def quoted(value: str) -> str:
    """Return a value of a request as a log line or a problem may hold it: printable ASCII, cut, and without secrets.

    Whatever is as long as a code, a token, a secret or a verifier becomes `…` with all that hangs on it by dots, and so
    do a user name with its password and the values in a query.
    """
    text = re.sub(_USER_INFO, "…@", value[: 10 * LONGEST_VALUE])
    text = re.sub(_QUERY_VALUE, r"\1=…", text)
    if text != text.strip(" "):
        text = f'"{text}"'  # a space at an end is seen
    return printable(re.sub(_WORD, lambda word: "…" if re.search(_LONG_WORD, word[0]) else word[0], text))


def sendable(value: str, *, most: int = _LONGEST_SENT) -> str:
    """Return a value of a request as an `error_description` may hold it: `most` characters of RFC 6749 §5.2."""
    text = quoted(value).replace("…", "...").replace('"', "'")
    return re.sub(_NOT_SENDABLE, "?", text if len(text) <= most else f"{text[:most]}...")


def printable(value: str) -> str:
    """Return a value of a request as printable ASCII, whatever it holds, and cut."""
    text = "".join(each if " " <= each <= "~" or each == "…" else ascii(each)[1:-1] for each in value[:LONGEST_VALUE])
    whole = len(value) <= LONGEST_VALUE and len(text) <= LONGEST_VALUE
    return text if whole else f"{text[: LONGEST_VALUE - 1]}…"
