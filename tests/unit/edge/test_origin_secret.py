"""Recognition of the edge's requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.edge.origin_secret import Edge, arrived, viewer_in
from gatepost.errors import TemporarilyUnavailable

A, B, NEW = "a" * 64, "b" * 64, "n" * 64
NOW = 1_800_000_000.0
EVENT: dict[str, Any] = {
    "headers": {"x-gatepost-edge": A, "x-gatepost-viewer": "198.51.100.1", "accept": "*/*"},
    "requestContext": {"http": {"method": "GET", "sourceIp": "192.0.2.1"}, "requestId": "r"},
}


class Secret:
    """A secret that can be replaced, or that can't be read."""

    def __init__(self, **slots: str) -> None:
        self.text = json.dumps(slots)
        self.fault: Exception | None = None
        self.reads = 0

    def read(self) -> str:
        self.reads += 1
        if self.fault:
            raise self.fault
        return self.text


def edge(secret: Secret) -> Edge:
    return Edge(secret.read, refresh=300)


@pytest.mark.parametrize("presented", ["", "x", A[:-1], A + "a", B, f"{A},{A}", "ä" * 64, "\ud800" * 64])
def test_s129_only_a_value_of_a_filled_slot_is_the_edges(presented: str) -> None:
    assert edge(Secret(a=A, b="")).sent(presented, NOW) is False
    assert edge(Secret(a=A, b="")).sent(A, NOW) is True


@pytest.mark.parametrize("text", ['{"a": "short", "b": ""}', json.dumps({"c": A}), "{}"])
def test_s129_a_secret_without_a_filled_slot_lets_nothing_through(text: str) -> None:
    secret = Secret()
    secret.text = text

    assert [edge(secret).sent(each, NOW) for each in ("", "short", A)] == [False, False, False]


def test_s129_the_secret_is_read_once_a_container_and_again_when_it_may_have_been_replaced() -> None:
    secret = Secret(a=A, b="")
    known = edge(secret)

    assert [known.sent(A, NOW + second) for second in (0, 1, 299)] == [True] * 3
    assert secret.reads == 1
    assert known.sent(A, NOW + 300)
    assert secret.reads == 2
    assert known.sent(A, NOW - 50)  # a clock that went back
    assert secret.reads == 3


def test_s129_a_value_that_was_just_filled_in_is_accepted_soon() -> None:
    secret = Secret(a=A, b="")
    known = edge(secret)
    assert known.sent(A, NOW)
    secret.text = json.dumps({"a": A, "b": B})

    assert known.sent(B, NOW + 29) is False
    assert known.sent(B, NOW + 30) is True
    assert secret.reads == 2


def test_s129_however_many_wrong_values_come_the_secret_is_read_twice_a_minute_at_most() -> None:
    secret = Secret(a=A, b="")
    known = edge(secret)
    for second in range(60):
        assert known.sent(NEW, NOW + second) is False
        assert known.sent("", NOW + second) is False

    assert secret.reads == 2


@pytest.mark.parametrize("fault", [Refusal("InternalServiceError"), NoAnswer("TimeoutError")])
def test_s129_while_it_can_not_be_read_what_is_known_goes_on(fault: Exception) -> None:
    secret = Secret(a=A, b="")
    known = edge(secret)
    assert known.sent(A, NOW)
    secret.fault = fault

    assert [known.sent(each, NOW + 400) for each in (A, NEW)] == [True, False]
    assert [known.sent(A, NOW + second) for second in (401, 429, 430)] == [True, True, True]
    assert secret.reads == 3  # the last one half a minute after the one that failed
    secret.fault, secret.text = None, json.dumps({"a": NEW, "b": ""})
    assert [known.sent(each, NOW + 460) for each in (A, NEW)] == [False, True]


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "null", '{"a": 7}'])
def test_s129_a_secret_that_can_not_be_understood_is_one_that_can_not_be_read(text: str) -> None:
    secret = Secret()
    secret.text = text
    known = edge(secret)
    for _ in range(2):
        with pytest.raises(TemporarilyUnavailable):
            known.sent(A, NOW)

    secret.text = json.dumps({"a": A, "b": B})
    assert known.sent(A, NOW)


def test_s129_a_request_of_the_edge_comes_from_the_viewer_and_brings_no_secret() -> None:
    passed = arrived(EVENT, edge(Secret(a=A, b=B)), only=True, now=NOW)

    assert passed == {
        "headers": {"accept": "*/*"},
        "requestContext": {"http": {"method": "GET", "sourceIp": "198.51.100.1"}, "requestId": "r"},
    }
    assert EVENT["headers"]["x-gatepost-edge"] == A


@pytest.mark.parametrize("viewer", ["", "198.51.100.1, 203.0.113.1", "nonsense"])
def test_s129_without_a_viewer_it_comes_from_where_it_came(viewer: str) -> None:
    event = {**EVENT, "headers": {**EVENT["headers"], "x-gatepost-viewer": viewer}}
    passed = arrived(event, edge(Secret(a=A, b="")), only=True, now=NOW)

    assert passed is not None
    assert passed["requestContext"] == EVENT["requestContext"]


@pytest.mark.parametrize("event", [{}, {"headers": None}, {"headers": {"x-gatepost-edge": NEW}}])
def test_s129_another_request_is_refused_where_only_the_edge_counts(event: dict[str, Any]) -> None:
    known = edge(Secret(a=A, b=""))

    assert arrived(event, known, only=True, now=NOW) is None
    assert arrived(event, known, only=False, now=NOW) == {**event, "headers": {}}


def test_s129_where_nothing_can_be_told_only_what_may_come_from_anywhere_passes() -> None:
    secret = Secret(a=A)
    secret.fault = NoAnswer("TimeoutError")
    passed = arrived(EVENT, edge(secret), only=False, now=NOW)

    assert passed is not None
    assert passed["requestContext"] == EVENT["requestContext"]
    with pytest.raises(TemporarilyUnavailable):
        arrived(EVENT, edge(secret), only=True, now=NOW)


@pytest.mark.parametrize(
    ("text", "viewer"),
    [
        *(("198.51.100.1", "198.51.100.1"), ("2001:db8::1", "2001:db8::1"), ("2001:0DB8:0:0:0:0:0:1", "2001:db8::1")),
        *(
            (text, None)
            for text in ("198.51.100.1:443", "[2001:db8::1]", "fe80::1%eth0", "198.51.100.01", "", "3325256705")
        ),
        *(
            (text, None)
            for text in (" 198.51.100.1", "198.51.100.1\n", "198.51.100.0/24", "１98.51.100.1", "3325256705")
        ),
    ],
)
def test_s129_an_address_is_read_strictly(text: str, viewer: str | None) -> None:
    assert viewer_in(text) == viewer
