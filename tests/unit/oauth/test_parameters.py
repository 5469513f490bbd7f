"""Form-encoded parameters: duplicates (S07, S102), invalid UTF-8, control characters (S96), empty values."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.errors import InvalidRequest
from gatepost.oauth.parameters import Parameters

UNICODE = st.text(st.characters(exclude_categories=["Cs"]))


def test_every_parameter_comes_with_its_value() -> None:
    assert Parameters("a=1&b=x+y&c=%C3%A9%2B&d=e=f").once() == {"a": "1", "b": "x y", "c": "é+", "d": "e=f"}


@pytest.mark.parametrize("encoded", ["", "&", "&&", "a", "a=", "a=&b"])
def test_a_parameter_without_a_value_is_as_if_it_were_not_there(encoded: str) -> None:
    assert Parameters(encoded).once() == {}
    assert Parameters(encoded).one("a") is None


@pytest.mark.parametrize("encoded", ["a=&b=1", "a&b=1", "b=1&a="])
def test_outside_oauth_a_parameter_without_a_value_is_there_and_empty(encoded: str) -> None:
    assert Parameters(encoded).every() == {"a": "", "b": "1"}


@pytest.mark.parametrize("encoded", ["a=1&a=2", "a=1&a=1", "a=&a=1", "a&a", "a=1&%61=2"])
def test_s102_a_parameter_that_is_sent_twice_is_refused(encoded: str) -> None:
    parameters = Parameters(encoded + "&b=3")

    for read in (parameters.once, parameters.every, lambda: parameters.one("a")):
        with pytest.raises(InvalidRequest, match=r"^a is sent more than once$"):
            read()
    assert parameters.one("b") == "3"


@pytest.mark.parametrize("name", ["A", "<b>", "a" * 41, "%C3%BC"])
def test_s19_a_name_that_is_no_parameters_is_not_repeated(name: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^a parameter is sent more than once$") as caught:
        Parameters(f"{name}=1&{name}=2").once()

    assert caught.value.detail == ""


@pytest.mark.parametrize("value", ["%00", "%0A", "%0d%0a", "%09", "%1F", "%7F", "a%00b", "\x00"])
def test_s96_a_control_character_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequest, match="a control character"):
        Parameters(f"a={value}").once()


@pytest.mark.parametrize("octets", ["%FF", "%C3", "%C0%AF", "%ED%A0%80", "%F5%80%80%80", "%E9", "\ud800"])
@pytest.mark.parametrize("place", ["{}=1", "a={}", "a=1&b=x{}"])
def test_s96_octets_that_are_no_utf8_are_refused(octets: str, place: str) -> None:
    with pytest.raises(InvalidRequest, match="a parameter is not UTF-8"):
        Parameters(place.format(octets))


@pytest.mark.parametrize("text", ["%", "%zz", "%2", "100%"])
def test_s09_a_percent_sign_that_begins_no_octet_stands_for_itself(text: str) -> None:
    assert Parameters(f"state={text}").one("state") == text


def test_s07_what_an_error_answer_carries_is_what_was_sent_just_once() -> None:
    parameters = Parameters("state=a%0Ab&twice=1&twice=1&empty=")

    assert parameters.sole("state") == "a\nb"
    assert parameters.sole("twice") is None
    assert parameters.sole("empty") is None
    assert parameters.sole("absent") is None


def test_what_a_person_typed_is_taken_as_it_is() -> None:
    assert ("a" in Parameters("a"), "b" in Parameters("a")) == (True, False)
    assert Parameters("name=a&name=b").text("name") == "a"
    assert Parameters("name=%00").text("name") == "\x00"
    assert Parameters("").text("name") == ""


@given(st.text())
def test_s117_reading_a_form_raises_nothing_but_invalid_request(text: str) -> None:
    try:
        Parameters(text).once()
    except InvalidRequest:
        return
    pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    assert Parameters(text).once() == {name: value for name, value in pairs if value}


@given(st.dictionaries(UNICODE, st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)))
def test_s117_what_a_client_encodes_comes_back(parameters: dict[str, str]) -> None:
    assert Parameters(urlencode(parameters)).once() == parameters


def test_a_field_that_may_be_ticked_more_than_once_has_every_value() -> None:
    parameters = Parameters("scope=read&scope=write&scope=&name=x")

    assert parameters.all("scope") == ("read", "write", "")
    assert parameters.all("name") == ("x",)
    assert parameters.all("other") == ()


def test_s136_a_parameter_that_may_hold_any_text_may_hold_control_characters_and_others_may_not() -> None:
    assert Parameters("token=a%00b&hint=x").once(any_text=("token",)) == {"token": "a\x00b", "hint": "x"}
    for encoded in ("token=a&hint=%00", "token=a&token=b", "token=%ff"):
        with pytest.raises(InvalidRequest):
            Parameters(encoded).once(any_text=("token",))


def test_a_parameter_that_may_come_several_times_has_every_value() -> None:
    encoded = "resource=https://a.test&resource=&b=1&resource=https%3A%2F%2Fb.test"

    assert Parameters(encoded).once(several=("resource",)) == {"resource": "https://a.test\nhttps://b.test", "b": "1"}
    assert Parameters("resource=&resource=").once(several=("resource",)) == {}


@pytest.mark.parametrize("encoded", ["resource=a%0Ab", "resource=a&resource=b%00", "b=1&b=2&resource=a"])
def test_no_value_of_it_holds_the_separator_and_the_others_come_once(encoded: str) -> None:
    with pytest.raises(InvalidRequest):
        Parameters(encoded).once(several=("resource",))
