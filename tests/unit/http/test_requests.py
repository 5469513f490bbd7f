"""Events of API Gateway as requests: spellings (S116), forms (S94, S96), cookies (S131)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatepost.errors import InvalidRequest
from gatepost.http.request import LONGEST_BODY, Request, parse_event
from gatepost.http.strict_json import NotStrict, json_text
from tests.raising import raised
from tests.unit.http.events import SPELLINGS, Event, event, plain

FORM = "application/x-www-form-urlencoded"
SESSION = "__Host-gatepost-session"
# What `str.strip` takes away and RFC 6265 and RFC 9110 do not: they know the space and the tab.
NOT_BLANK = ("\u2000", "\u00a0", "\u0085", "\u3000", "\u2028", "\x1c", "\x0b", "\x0c")

MADE = event(
    "POST",
    "/developer/auth",
    query="a=1&a=2",
    body="token=%C3%A9&x=y",
    headers={"content-type": FORM},
    cookies=["a=1", " b=x=y", "a=2", "", "c"],
    pathParameters={"client_id": "x"},
    context={"authorizer": {"lambda": {"sub": "alice-id"}}},
)


def parsed(event: Event) -> Request:
    """The request, without its cookies' blanks and the time, which no spelling means."""
    request = parse_event(event)
    headers = {name: value for name, value in request.headers.items() if name != "cookie"}
    cookies = [cookie.strip(" ") for cookie in request.cookies]
    return request._replace(headers=headers, cookies=cookies, now=0, arrived_at=0)


@pytest.mark.parametrize("written", SPELLINGS.values(), ids=SPELLINGS)
def test_s116_a_request_is_the_same_however_its_event_is_written(written: Callable[[Event], Event]) -> None:
    bare = event("GET", "/")

    assert parsed(written(MADE)) == parsed(MADE)
    assert parsed(written(bare)) == parsed(bare)
    request = parse_event(written(MADE))
    assert [request.cookie(name) for name in ("a", "b", "c", "d")] == ["1", "x=y", "", None]
    assert (request.path, request.form().once()) == ("/developer/auth", {"token": "é", "x": "y"})


def test_s116_an_event_without_anything_is_a_request_without_anything() -> None:
    request = parse_event({})

    assert (request.method, request.path, request.body, request.headers) == ("", "", b"", {})
    assert (request.path_parameters, request.authorizer, request.cookie("a")) == ({}, {}, None)


@pytest.mark.parametrize("written", [lambda made: made, plain], ids=["base64", "plain"])
def test_s116_a_body_is_measured_once_it_is_decoded(written: Callable[[Event], Event]) -> None:
    def sent(length: int) -> Request:
        return parse_event(written(event("POST", "/", body="x=".ljust(length, "y"), headers={"content-type": FORM})))

    assert len(sent(LONGEST_BODY).form().once()["x"]) == LONGEST_BODY - 2
    with pytest.raises(InvalidRequest, match=r"^the body is too large$"):
        sent(LONGEST_BODY + 1).form()


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=utf-8", f"{FORM};charset=UTF-8", FORM.upper()])
def test_s94_the_type_of_a_form_may_be_written_in_any_case_and_with_a_charset(content_type: str) -> None:
    assert parse_event(event("POST", "/", body="x=y", headers={"content-type": content_type})).form().once() == {
        "x": "y"
    }


@pytest.mark.parametrize(
    "content_type",
    [
        "", "text/plain", "multipart/form-data; boundary=x", "application/xml", f"{FORM}x",
        f"{FORM}, application/json", f"application/json, {FORM}", f"{FORM}\u00a0", f"{FORM}\u0085; charset=utf-8",
    ],
)  # fmt: skip
def test_s94_s131_a_body_of_another_type_is_refused(content_type: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^the body must be {FORM}$"):
        parse_event(event("POST", "/", body="x=y", headers={"content-type": content_type})).form()


@pytest.mark.parametrize(("content_type", "body"), [("application/json", "x=y"), (FORM, '{"grant_type": "password"}')])
def test_a_body_in_json_is_refused_as_such(content_type: str, body: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^the body must be {FORM}, not JSON$"):
        parse_event(event("POST", "/", body=body, headers={"content-type": content_type})).form()


def test_s96_a_body_that_is_not_percent_encoded_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"^the body must be percent-encoded$"):
        parse_event(event("POST", "/", body="x=é", headers={"content-type": FORM})).form()


@pytest.mark.parametrize("blank", NOT_BLANK, ids=ascii)
def test_s131_a_cookie_whose_name_begins_with_a_blank_of_unicode_is_another_cookie(blank: str) -> None:
    planted, real = [f"{blank}{SESSION}=planted", f"{SESSION}{blank}=planted"], f"{SESSION}=real"

    for cookies in ([*planted, real], [real, *planted]):
        assert parse_event(event("GET", "/", cookies=cookies)).cookie(SESSION) == "real"
    assert parse_event(event("GET", "/", cookies=planted)).cookie(SESSION) is None


def test_s131_a_space_and_a_tab_are_trimmed_and_only_a_cookie_of_this_host_is_refused_twice() -> None:
    request = parse_event(event("GET", "/", cookies=[f"a=1;\t {SESSION} =real", "a=2;c", "__Host-d=3", "__Host-d=4"]))

    assert [request.cookie(name) for name in (SESSION, "a", "c", "e")] == ["real", "1", "", None]
    with pytest.raises(InvalidRequest, match="sent a cookie of this server twice"):
        request.cookie("__Host-d")


@pytest.mark.parametrize(("body", "reason"), [(b"", "empty"), (b'{"name":"\xff"}', "UnicodeDecodeError")])
def test_a_body_without_a_text_is_no_json(body: bytes, reason: str) -> None:
    caught = raised(NotStrict, json_text, body)
    assert (caught.description, caught.reason) == ("the body is not JSON", reason)
    assert json_text('{"name":"é"}'.encode()) == '{"name":"é"}'
