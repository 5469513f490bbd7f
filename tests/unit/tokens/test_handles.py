"""Handles: what stands for an app and a user in the published list, known from their tokens alone."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest

from gatepost.identifiers import from_base64url
from gatepost.tokens.access_token import Signer, issue_access_token
from gatepost.tokens.handles import KEY, claimed
from gatepost.tokens.key_rotation import next_signing_secret
from gatepost.tokens.signing_keys import handle_key
from tests.unit.tokens.forge import CLAIMS, ES256, refused, signed, verify
from tests.unit.world import NOW, READ, SETTINGS

A_KEY = bytes(range(KEY))
TWO = ["AAAAAAAAAAA", "__________8"]


def issued(**changes: str) -> dict[str, Any]:
    signer = Signer(kid=ES256.kid, alg=ES256.alg, key=ES256.load(), handle_key=A_KEY)
    who = {"sub": "alice-id", "client_id": "web", "grant_id": "alice-id.g", **changes}
    token = issue_access_token(
        signer, SETTINGS, **who, scope=READ, lifetime=60, now=NOW, audience="https://api.example.test"
    )
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def test_a_token_names_the_handles_of_its_app_and_its_user_if_there_is_a_key() -> None:
    expected = []
    for subject in (b"client#web", b"user#alice-id"):
        digest = hmac.new(A_KEY, hashlib.sha256(subject).digest()[:8], hashlib.sha256).digest()[:8]
        expected.append(digest)
    handles = issued()["handles"]

    assert [from_base64url(each) for each in handles] == expected
    assert [len(each) for each in handles] == [11, 11]


def test_another_user_app_or_key_has_another_handle_and_another_token_has_the_same() -> None:
    alice, again = issued(), issued(grant_id="alice-id.other")
    bob, other = issued(sub="bob-id"), issued(client_id="other")
    app, user = alice["handles"]

    assert again["handles"] == [app, user]
    assert bob["handles"][0] == app
    assert bob["handles"][1] != user
    assert other["handles"][0] != app
    assert other["handles"][1] == user
    assert not {*claimed(b"x" * KEY, client_id="web", sub="alice-id")} & {app, user}


def test_without_the_key_a_token_is_as_before() -> None:
    signer = Signer(kid=ES256.kid, alg=ES256.alg, key=ES256.load())
    token = issue_access_token(
        signer, SETTINGS, sub="a", client_id="b", grant_id="", scope=READ, lifetime=60, now=NOW, audience="c"
    )

    assert set(jwt.decode(token, options={"verify_signature": False})) == {
        "iss", "sub", "aud", "client_id", "scope", "jti", "iat", "exp"
    }  # fmt: skip
    assert verify(signed(CLAIMS)).handles == ()


def test_the_handles_of_a_token_are_read_as_marks_are() -> None:
    assert verify(signed(CLAIMS | {"handles": TWO})).handles == (0, 2**64 - 1)
    assert len(verify(signed(CLAIMS | {"handles": TWO[:1]})).handles) == 1


@pytest.mark.parametrize(
    "value",
    ["AAAAAAAAAAA", [], [1], ["AAAA"], ["AAAAAAAAAA="], ["AAAAAAAAAAB"], {}, 7, [["AAAAAAAAAAA"]], [TWO[0], None]],
)
def test_handles_of_another_form_make_a_token_invalid(value: object) -> None:
    refused(signed(CLAIMS | {"handles": value}))


def test_the_key_stays_from_secret_to_secret_and_is_made_where_there_is_none() -> None:
    first = next_signing_secret("", SETTINGS, NOW)
    before = json.dumps({"keys": json.loads(first)["keys"]})  # of a release without handles
    made = [handle_key(next_signing_secret(before, SETTINGS, NOW + 1000)) for _ in range(2)]

    assert len(handle_key(first)) == KEY
    assert handle_key(next_signing_secret(first, SETTINGS, NOW + 1000)) == handle_key(first)
    assert handle_key(before) == b""
    assert [len(each) for each in made] == [KEY, KEY]
    assert made[0] != made[1]


@pytest.mark.parametrize("text", ["", "what-CloudFormation-generated", "{}", "[]", "1", "null"])
def test_a_secret_that_no_rotation_has_written_has_no_key(text: str) -> None:
    assert handle_key(text) == b""
