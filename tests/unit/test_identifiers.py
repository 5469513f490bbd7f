"""Ids, secrets and hashes (S59, S99, S130)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.identifiers import (
    NOBODY,
    app_id,
    base64url,
    came_by_itself,
    digest,
    from_base64url,
    is_id,
    is_registered_id,
    new_grant_id,
    new_id,
    new_registered_id,
    new_secret,
    user_of,
)

HEX = "[0-9a-f]"


def test_s59_a_secret_has_256_bits_and_none_comes_twice() -> None:
    made = {new_secret() for _ in range(1000)}

    assert len(made) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in made)


def test_an_id_is_a_random_uuid() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", new_id())
    assert new_id() != new_id()


def test_s130_ids_of_apps_that_nobody_owns_have_forms_of_their_own() -> None:
    made = {new_registered_id() for _ in range(1000)}

    assert len(made) == 1000
    assert all(re.fullmatch(f"{HEX}{{8}}-{HEX}{{4}}-8{HEX}{{3}}-a{HEX}{{3}}-{HEX}{{12}}", each) for each in made)
    assert all(is_id(each) and is_registered_id(each) and app_id(each) == each for each in made)
    assert app_id("https://client.example.test/a") == "b4af9496-c8b3-83d7-bf2b-951c7f245026"
    assert all(map(came_by_itself, (*made, app_id("https://client.example.test/a"))))


def test_s370_no_other_id_has_the_mark_of_an_app_that_came_by_itself() -> None:
    for other in ("10000000-0000-4000-a000-000000000000", "10000000-0000-8000-8000-000000000000", "web-id", ""):
        assert not came_by_itself(other)


@pytest.mark.parametrize(
    "other",
    [
        "10000000-0000-4000-a000-000000000000",
        app_id("https://client.example.test/a"),
        "00000000-0000-8000-a000-00000000000",
        "00000000-0000-8000-a000-000000000000\n",
        "00000000-0000-8000-A000-000000000000",
        "name#000-0000-8000-a000-000000000000",
    ],
)
def test_s130_no_other_text_has_the_form_of_a_registered_app_s_id(other: str) -> None:
    assert is_registered_id("00000000-0000-8000-a000-000000000000")
    assert not is_registered_id(other)


def test_a_grant_is_found_with_its_user_and_its_id_can_not_be_guessed() -> None:
    grant_id = new_grant_id("alice-id")

    assert user_of(grant_id) == "alice-id"
    assert re.fullmatch(r"alice-id\.[A-Za-z0-9_-]{22}", grant_id)


def test_a_hash_is_sha256_in_base64url() -> None:
    assert digest("") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    assert digest("é") == "SplVfkAzw1Od4utlRyAXytX5VX96BiWgnxw_biumnEw"


def test_the_url_of_a_metadata_document_is_kept_by_an_id_and_what_is_neither_is_nobody() -> None:
    one, other = app_id("https://client.example.test/a"), app_id("https://client.example.test/A")

    assert is_id(one)
    assert one == app_id("https://client.example.test/a") != other
    assert app_id(one) == one
    for neither in ("", "x", "http://client.example.test/a", "HTTPS://client.example.test/a"):
        assert app_id(neither) == NOBODY


@given(st.binary(max_size=100))
def test_base64url_is_read_as_it_is_written(octets: bytes) -> None:
    assert from_base64url(base64url(octets)) == octets


@pytest.mark.parametrize(
    "text", ["A", "AB", "AAB", "AA==", "AAAA=", "A A", "AA\n", "+/+/", "+_8", "\u00e9A", "!!!!", "\ud800"]
)
def test_base64url_is_read_in_one_spelling_only(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 — the words are binascii's in part
        from_base64url(text)
