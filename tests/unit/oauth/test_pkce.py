"""PKCE: accepted challenges (S45, S48, S49) and matching verifiers (S46, S47)."""

from __future__ import annotations

import pytest

from gatepost.errors import InvalidGrant, InvalidRequest
from gatepost.identifiers import digest
from gatepost.oauth.pkce import check_challenge, check_verifier
from tests.unit.world import CHALLENGE, VERIFIER

CUT = CHALLENGE[:-1]


@pytest.mark.parametrize("required", [True, False])
def test_a_challenge_of_s256_is_kept(required: bool) -> None:
    assert check_challenge(CHALLENGE, "S256", required=required) == CHALLENGE


def test_s45_a_request_may_do_without_pkce_only_where_it_is_not_required() -> None:
    assert check_challenge(None, None, required=False) == ""
    with pytest.raises(InvalidRequest, match="code_challenge is missing"):
        check_challenge(None, None, required=True)


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("method", [None, "plain", "none", "S512", "s256", "S256 ", "", "S256,plain"])
def test_s48_a_method_other_than_s256_is_refused(method: str | None, required: bool) -> None:
    said = "is missing, which means plain: send S256" if method is None else "must be S256: plain is not supported"
    for challenge in (CHALLENGE, VERIFIER + "0"):  # that of `plain` is the verifier, of any length
        with pytest.raises(InvalidRequest, match=f"^code_challenge_method {said}$"):
            check_challenge(challenge, method, required=required)


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize(
    "challenge",
    [
        *(None, "", CUT, CUT + "=", CUT + "+", CUT + "/", CUT + "\x00", CUT + "é"),
        *(CHALLENGE + "A", CHALLENGE + "=", CHALLENGE + "\n", "A" * 129),
    ],
)
def test_s49_a_challenge_that_is_no_sha256_in_base64url_is_refused(challenge: str | None, required: bool) -> None:
    with pytest.raises(InvalidRequest, match="43 characters of base64url"):
        check_challenge(challenge, "S256", required=required)


def test_the_verifier_of_the_challenge_opens_the_code_and_one_without_challenge_needs_none() -> None:
    check_verifier(VERIFIER, CHALLENGE)
    check_verifier(None, "")
    for length in (43, 128):
        verifier = "a-._~Z9" + "b" * (length - 7)
        check_verifier(verifier, digest(verifier))


@pytest.mark.parametrize(
    "verifier",
    [
        *(None, "", VERIFIER[:-1], VERIFIER[:-1] + "l", VERIFIER.swapcase(), VERIFIER + "=", VERIFIER + "\n"),
        *(VERIFIER + "\x00", " " + VERIFIER, "a" * 42, "a" * 129, "é" * 43, "+" * 43),
        CHALLENGE,  # what `plain` would accept
    ],
)
def test_s46_any_other_verifier_is_refused(verifier: str | None) -> None:
    with pytest.raises(InvalidGrant, match="code is not valid"):
        check_verifier(verifier, CHALLENGE)


@pytest.mark.parametrize("length", [42, 129])
def test_s46_a_verifier_of_a_wrong_length_is_refused_even_if_it_matches(length: int) -> None:
    verifier = "a" * length
    with pytest.raises(InvalidGrant):
        check_verifier(verifier, digest(verifier))


@pytest.mark.parametrize("verifier", [VERIFIER, "", "x"])
def test_s47_a_verifier_for_a_code_without_challenge_is_refused_and_logged_as_such(verifier: str) -> None:
    with pytest.raises(InvalidGrant, match="code is not valid") as caught:
        check_verifier(verifier, "")
    assert caught.value.reason == "code_verifier without code_challenge"
