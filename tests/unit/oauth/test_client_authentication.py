"""Client credentials: in the header (S50, S53), the body, both (S51), neither (S57), never the query (S55)."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.errors import InvalidClient, InvalidRequest
from gatepost.oauth.client_authentication import Credentials, of_request
from tests.raising import raised

UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def basic(client_id: str, client_secret: str) -> Credentials:
    return Credentials(client_id=client_id, client_secret=client_secret, basic=True)


@pytest.mark.parametrize("scheme", ["Basic ", "basic ", "BASIC ", "Basic   ", " Basic "])
def test_s50_the_scheme_is_read_in_any_case(scheme: str) -> None:
    assert of_request(scheme + encoded("app:secret"), {}) == basic("app", "secret")


@pytest.mark.parametrize(
    ("sent", "client_id", "client_secret"),
    [
        ("%61%70%70:%73%65%63%72%65%74", "app", "secret"),
        ("a%3Ab:c:d", "a:b", "c:d"),
        ("a+b:c%2Bd", "a b", "c+d"),
        ("%C3%A9:%E2%82%AC", "é", "€"),
        ("é:€", "é", "€"),
        ("app:", "app", ""),
        ("app:%", "app", "%"),
    ],
)
def test_s50_key_and_secret_are_form_decoded(sent: str, client_id: str, client_secret: str) -> None:
    assert of_request(f"Basic {encoded(sent)}", {}) == basic(client_id, client_secret)


def test_s53_a_header_of_2000_characters_is_read_and_no_longer_one() -> None:
    header = f"Basic {encoded('app:secret')}"

    assert of_request(header.ljust(2000), {}) == basic("app", "secret")
    with pytest.raises(InvalidClient):
        of_request(header.ljust(2001), {})


def test_s50_s57_the_body_may_carry_them_and_a_public_app_only_names_itself() -> None:
    for sent in ({"client_id": "app", "client_secret": "secret"}, {"client_id": "app"}):
        found = of_request(None, sent)
        assert found == Credentials(client_id="app", client_secret=sent.get("client_secret"), basic=False)
    assert raised(InvalidClient, of_request, None, {"client_secret": "secret"}).challenge is False


@pytest.mark.parametrize("parameters", [{"client_secret": "secret"}, {"client_id": "app", "client_secret": "secret"}])
def test_s51_two_methods_at_once_are_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest, match="in the header or in the body, not in both"):
        of_request(f"Basic {encoded('app:secret')}", parameters)


def test_s51_the_body_may_repeat_the_key_of_the_header_and_name_no_other_app() -> None:
    assert of_request(f"Basic {encoded('app:secret')}", {"client_id": "app"}) == basic("app", "secret")
    with pytest.raises(InvalidRequest, match="client_id differs in the header and in the body"):
        of_request(f"Basic {encoded('app:secret')}", {"client_id": "other"})


@pytest.mark.parametrize(
    "header",
    [
        *("", "Basic", "Basic ", "Basic  \t", "Basic ====", "Basic YXBw*OnNl", "Basic app:secret"),
        *("Basic YXBwOnNlY3JldA", "Basic YXBwOnNlY3JldA=", "Basic YXBwOnNlY3JldA== x"),  # the padding
        *(f"Basic {encoded(text)}" for text in ("no colon", ":secret", "%FF:secret", "app:%C3", "app:" + "x" * 2000)),
        f"Basic {b64encode(bytes([0xFF, 0x3A, 0x61])).decode()}",
        f"Basic {encoded('app:secret')}, Basic {encoded('app:secret')}",
        *(f"{scheme}{encoded('app:secret')}" for scheme in ("", "Bearer ", "Basicé ", "Basic\t")),
    ],
)
@pytest.mark.parametrize("parameters", [{}, {"client_id": "app", "client_secret": "secret"}])
def test_s53_an_unreadable_header_is_refused_and_nothing_else_is_tried(header: str, parameters: dict[str, str]) -> None:
    caught = raised(InvalidClient, of_request, header, parameters)
    assert caught.challenge is True
    assert caught.description == "the Authorization header is not valid Basic authentication"


@given(st.one_of(st.text(), st.text(max_size=40).map(lambda text: f"Basic {encoded_loosely(text)}")), st.booleans())
def test_s117_reading_a_header_raises_nothing_but_invalid_client_and_invalid_request(header: str, both: bool) -> None:
    try:
        of_request(header, {"client_secret": "secret"} if both else {})
    except (InvalidClient, InvalidRequest):
        return


@given(UNICODE.filter(bool), UNICODE)
def test_s117_what_a_client_sends_by_the_standard_is_what_is_read(client_id: str, client_secret: str) -> None:
    sent = encoded(f"{quote_plus(client_id)}:{quote_plus(client_secret)}")
    if len(sent) < 1900:
        assert of_request(f"Basic {sent}", {}) == basic(client_id, client_secret)


def encoded_loosely(text: str) -> str:
    return b64encode(text.encode("utf-8", "surrogatepass")).decode()
