"""No input makes a parser raise anything but its declared errors. Checklist K (S117); long runs by `make fuzz`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatepost.http.request import Request, parse_event
from tests.security.fuzz.__main__ import EXAMPLES
from tests.security.fuzz.parsers import CORPUS, PARSERS, Parser

SETTINGS = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
# what Lambda reads out of an event's JSON may hold half a character
TEXT = st.text(st.characters(exclude_categories=[]))


@st.composite
def respelled(draw: st.DrawFn, examples: list[str]) -> str:
    """One of the examples, or two of them, cut, joined and with something else in it."""
    first, second = draw(st.sampled_from(examples)), draw(st.sampled_from(["", *examples]))
    start = draw(st.integers(0, len(first)))
    end = draw(st.integers(start, len(first)))
    return first[:start] + draw(st.one_of(TEXT, st.just(second), st.just(first[start:end] * 2))) + first[end:]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_s117_every_example_of_the_corpus_is_read_or_refused(parser: Parser) -> None:
    examples = parser.examples()
    for text in examples:
        parser.read(text)

    assert len(examples) >= 10


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_s117_any_text_is_read_or_refused_as_declared(parser: Parser) -> None:
    @SETTINGS
    @given(st.one_of(TEXT, respelled(parser.examples())))
    def reads(text: str) -> None:
        parser.read(text)

    reads()


def test_s117_every_corpus_is_used() -> None:
    assert {f"{parser.corpus}.json" for parser in PARSERS} == {path.name for path in CORPUS.iterdir()}


TEXTS = st.dictionaries(TEXT, TEXT, max_size=4)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "rawPath": TEXT,
        "rawQueryString": TEXT,
        "routeKey": TEXT,
        "cookies": st.none() | st.lists(TEXT, max_size=4),
        "headers": st.none() | TEXTS,
        "pathParameters": st.none() | TEXTS,
        "body": st.none() | TEXT,
        "requestContext": st.fixed_dictionaries(
            {},
            optional={
                "stage": TEXT,
                "requestId": TEXT,
                "timeEpoch": st.none() | st.integers(0, 2**53),
                "http": st.fixed_dictionaries({}, optional={"method": TEXT, "sourceIp": TEXT}),
                "authorizer": st.none() | st.fixed_dictionaries({}, optional={"lambda": st.none() | TEXTS}),
            },
        ),
    },
)


@SETTINGS
@given(EVENTS)
def test_s117_every_event_of_api_gateway_is_a_request(event: dict[str, Any]) -> None:
    request = parse_event(json.loads(json.dumps(event)))

    assert isinstance(request, Request)
    assert request.body == (event.get("body") or "").encode("utf-8", "surrogatepass")
    assert all(isinstance(value, str) for value in request.cookies)
