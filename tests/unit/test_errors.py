"""Values of requests in log lines and problems."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.errors import InvalidRequest, about
from gatepost.identifiers import new_id, new_secret
from gatepost.quoting import printable, quoted, sendable
from gatepost.scope import named


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://client.example.test/cb", "https://client.example.test/cb"),
        ("https://a:b@client.example.test/cb", "https://…@client.example.test/cb"),
        ("https://client.example.test/cb?tenant=7&x", "https://client.example.test/cb?tenant=…&x"),
        ("https://client.example.test/cb#code=1", "https://client.example.test/cb#code=…"),
        ("a" * 39, "a" * 39),
        ("a" * 40, "…"),
        (f"https://a.example.test/{'a' * 36}.grant.1.{'b' * 43}/x", "https://a.example.test/…/x"),
        ("über\n\u202e<b>", r"\xfcber\n\u202e<b>"),
        ("read ", '"read "'),
        ("\ud800", r"\ud800"),
    ],
)
def test_a_value_is_quoted_as_printable_ascii_without_what_may_be_secret(value: str, shown: str) -> None:
    assert quoted(value) == shown


@given(before=st.text(max_size=300), behind=st.text(max_size=300))
def test_s151_no_secret_is_quoted(before: str, behind: str) -> None:
    secret = new_secret()

    assert secret[:20] not in quoted(before + secret + behind)
    assert len(quoted(before + secret + behind)) <= 200


@given(value=st.text())
def test_every_quoted_value_is_printable_and_short(value: str) -> None:
    for text in (quoted(value), printable(value)):
        assert len(text) <= 200
        assert all(" " <= each <= "~" or each == "…" for each in text)


@given(value=st.text())
def test_what_a_description_quotes_has_the_characters_of_rfc_6749_and_is_short(value: str) -> None:
    text = sendable(value)

    assert len(text) <= 63
    assert all(" " <= each <= "~" and each not in '"\\' for each in text)


def test_a_description_quotes_what_was_sent() -> None:
    client_id = new_id()

    assert quoted(client_id) == client_id
    assert sendable("Client_Credentials") == "Client_Credentials"
    assert sendable("password ") == "'password '"
    assert sendable(new_secret()) == "..."


def test_names_are_the_first_few_and_cut() -> None:
    assert named(["b", "a"]) == "a, b"
    assert named(list("edcba")) == "a, b, c and 2 more"
    assert named(["x" * 100]) == f"{'x' * 40}..."


def test_an_error_is_about_the_first_app_that_it_was_said_to_be_about() -> None:
    error = about(InvalidRequest("no"), "one", proven=False)

    assert about(error, "other", proven=True) is error
    assert (error.client_id, error.proven) == ("one", False)
