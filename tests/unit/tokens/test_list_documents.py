"""The documents of the published list: what is written is read, and everything else is refused."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from gatepost.errors import TemporarilyUnavailable
from gatepost.tokens.list_documents import (
    Head,
    ListedSegment,
    head_document,
    read_head,
    read_segment,
    segment_document,
    with_handles,
)
from tests.unit.world import ISSUER, NOW

MARKS, CUTOFFS = bytes(range(16)), bytes(range(24))
NAME = urlsafe_b64encode(hashlib.sha256(MARKS).digest()[:16]).rstrip(b"=").decode()
SEGMENT = ListedSegment(name=NAME, has_cutoffs=False, expires_at=NOW + 60)
HEAD = Head(time=NOW + 0.25, since=NOW - 70.5, marks=MARKS, cutoffs=CUTOFFS, segments=(SEGMENT,))
DOCUMENT = json.loads(json.dumps(head_document(HEAD, ISSUER)))


def refused(document: dict[str, Any]) -> None:
    with pytest.raises(TemporarilyUnavailable):
        read_head(document, ISSUER)


def test_the_head_is_what_the_document_says() -> None:
    assert DOCUMENT == {
        "issuer": ISSUER,
        "time": NOW + 0.25,
        "published": True,
        "since": NOW - 70.5,
        "marks": "AAECAwQFBgcICQoLDA0ODw",
        "cutoffs": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
        "segments": [{"name": NAME, "kind": "marks", "expires_at": NOW + 60}],
    }
    assert read_head(DOCUMENT, ISSUER) == HEAD


def test_an_issuer_without_a_list_says_so() -> None:
    document = head_document(Head(time=NOW, published=False), ISSUER)

    assert document == {"issuer": ISSUER, "time": NOW, "published": False}
    assert not read_head(document, ISSUER).published


def test_s310_a_head_of_another_issuer_or_without_one_of_its_members_is_refused() -> None:
    refused(DOCUMENT | {"issuer": "https://other.example.test"})
    refused(DOCUMENT | {"issuer": f"{ISSUER}/"})
    refused({"issuer": "https://other.example.test", "time": NOW, "published": False})
    for missing in DOCUMENT:
        refused({name: value for name, value in DOCUMENT.items() if name != missing})


@pytest.mark.parametrize(
    "change",
    [
        {"time": "now"}, {"time": True}, {"time": -1}, {"time": float("nan")}, {"time": float("inf")}, {"time": None},
        {"since": "x"}, {"published": 1}, {"published": "true"}, {"published": None},
        {"marks": "AAECAwQFBg"}, {"marks": "AAECAwQFBgcICQoLDA0ODw=="}, {"marks": "é"}, {"marks": None}, {"marks": 7},
        {"cutoffs": "AAECAwQFBgc"}, {"cutoffs": []},
        {"segments": None}, {"segments": {}}, {"segments": ["x"]}, {"segments": [{}]}, {"segments": "x"},
        {"segments": [{"name": NAME, "kind": "other", "expires_at": NOW}]},
        {"segments": [{"name": NAME, "kind": "marks", "expires_at": "x"}]},
        {"segments": [{"name": "../jwks.json", "kind": "marks", "expires_at": NOW}]},
        {"segments": [{"name": f"{NAME}\n", "kind": "marks", "expires_at": NOW}]},
        {"segments": [{"name": 7, "kind": "marks", "expires_at": NOW}]},
    ],
    ids=str,
)  # fmt: skip
def test_s310_a_head_of_another_form_is_refused(change: dict[str, object]) -> None:
    refused(DOCUMENT | change)


def test_a_segment_is_what_its_name_stands_for() -> None:
    assert read_segment(segment_document(MARKS), SEGMENT) == MARKS


@pytest.mark.parametrize(
    "document",
    [{}, segment_document(MARKS[:8]), segment_document(MARKS[:15]), segment_document(MARKS[8:] + MARKS[:8]),
     {"contents": None}, {"contents": "AAECAwQFBgcICQoLDA0ODw=="}],
    ids=str,
)  # fmt: skip
def test_s310_a_segment_whose_digest_differs_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(TemporarilyUnavailable):
        read_segment(document, SEGMENT)


def test_cutoffs_are_rewritten_in_an_order_that_says_nothing() -> None:
    written = with_handles(CUTOFFS, b"k")
    other = with_handles(CUTOFFS[12:] + CUTOFFS[:12], b"k")

    assert written == other
    assert len(written) == 24
    assert CUTOFFS[:8] not in written
    assert {written[8:12], written[20:]} == {CUTOFFS[8:12], CUTOFFS[20:]}
