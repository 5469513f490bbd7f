"""Guarded fetches from another side that is a socket of the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gatepost.http.guarded_fetch import GuardedFetch
from gatepost.model.fetching import Fetched, FetchFailed, Outbound
from tests.raising import raised
from tests.unit.http.other_side import Answer, OtherSide, answering

NAME = "app.example.test"
GET = Outbound(method="GET", url=f"https://{NAME}/", most_bytes=1000, seconds=2.0)
OK = b"HTTP/1.1 200 OK\r\n"


def ok(body: bytes = b"{}", *fields: str) -> bytes:
    lines = [f"Content-Length: {len(body)}", "Content-Type: application/json", *fields]
    return OK + "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def resolving(*answers: Sequence[str]) -> tuple[Callable[[str], Sequence[str]], list[str]]:
    """A resolver that gives one answer after the other, the last one for ever; and the names that it was asked for."""
    left, asked = list(answers), list[str]()

    def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve, asked


def local(*addresses: str) -> GuardedFetch:
    return GuardedFetch(local=True, resolve=resolving(addresses or ("127.0.0.1",))[0])


def at(side: OtherSide, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
    return f"{scheme}://{host}:{side.port}{path}"


def got(answer: Answer, **changes: Any) -> Fetched:
    """The response to a request over plain HTTP."""
    with answering(answer) as side:
        return local().fetch(GET._replace(url=at(side), **changes))


def failure(answer: Answer, **changes: Any) -> str:
    return raised(FetchFailed, got, answer, **changes).reason
