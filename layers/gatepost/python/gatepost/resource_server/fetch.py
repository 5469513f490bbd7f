"""Fetches JSON documents over https: short timeouts, a size limit, no redirects, no proxy; http on loopback only."""

from __future__ import annotations

import json
import re
import ssl
from typing import Any, NamedTuple

from gatepost.aws.connection import Connection, Place, Reply
from gatepost.aws.errors import NoAnswer
from gatepost.errors import TemporarilyUnavailable
from gatepost.resource import LOOPBACK

LARGEST = 100_000  # bytes
_SECONDS = 3.0  # to connect and agree on TLS, and for each read
_URL = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::(\d{1,5}))?(/[!-~]*)?")


_ETAG = re.compile(r'(W/)?"[!#-~]{0,100}"')


class Answer(NamedTuple):
    """A document, and its ETag if it has one."""

    document: dict[str, Any]
    etag: str


def fetch_json(url: str) -> dict[str, Any]:
    """Return the JSON object at `url`.

    Raises TemporarilyUnavailable for any other status than 200 (redirects are not followed), a document that is too
    large or not an object, and a URL that is neither https nor on loopback.
    """
    found = fetch_changed(url, "", LARGEST)
    return found.document if found else {}


def fetch_changed(url: str, etag: str, largest: int) -> Answer | None:
    """Return the JSON object at `url`, of `largest` bytes at most, or None if it is still that of the ETag (304).

    Raises as `fetch_json`; without an ETag, for 304 too.
    """
    try:
        status, headers, body = _get(url, etag, largest)
        if status == 304 and etag:
            return None
        document = json.loads(body) if status == 200 and len(body) <= largest else None
    except (NoAnswer, ValueError, RecursionError) as error:
        cause = error.reason if isinstance(error, NoAnswer) else type(error).__name__
        raise TemporarilyUnavailable("try again", reason=f"fetch: {cause}") from None
    if not isinstance(document, dict):
        raise TemporarilyUnavailable("try again", reason=f"fetch: status {status}, {len(body)} bytes")
    found = headers.get("etag", "")
    return Answer(document, found if _ETAG.fullmatch(found) else "")


def _get(url: str, etag: str, largest: int) -> Reply:
    match = _URL.fullmatch(url)
    if match is None or (match[1] == "http" and match[2] not in LOOPBACK):
        raise ValueError("not an https URL")
    scheme, host, port, path = match.groups()
    tls = ssl.create_default_context() if scheme == "https" else None
    number = int(port or (443 if tls else 80))
    connection = Connection(Place(host.strip("[]"), number, tls, _SECONDS, _SECONDS, largest))
    try:
        known = f"If-None-Match: {etag}\r\n" if etag else ""
        return connection.exchange(
            f"GET {path or '/'} HTTP/1.1\r\nHost: {host}{f':{port}' if port else ''}\r\nUser-Agent: gatepost\r\n"
            f"Accept: application/json\r\n{known}Connection: close\r\n\r\n".encode()
        )
    finally:
        connection.close()
