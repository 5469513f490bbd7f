"""Sixteen token requests at once (S40, S68), each with several interleaved steps."""

from __future__ import annotations

from typing import cast

import pytest

from gatepost.errors import InvalidGrant
from gatepost.grants.token_response import TokenAnswer
from gatepost.stores.ports.store import Store
from gatepost.tokens.signing_keys import new_signing_key
from tests.contract.cloud import race
from tests.fakes import MemoryStore
from tests.unit.world import CHALLENGE, NOW, VERIFIER, World, signer_of

MANY = 16


@pytest.fixture
def world(racing_store: Store) -> World:
    key = new_signing_key("ES256", active_from=0)
    return World(signer_of(key), key.public(), cast(MemoryStore, racing_store))


@pytest.mark.parametrize(("verifier", "revoked_at"), [(VERIFIER, 0), (None, NOW)], ids=["PKCE", "none"])
def test_s40_s141_of_many_who_redeem_a_code_one_gets_tokens_that_live_only_with_pkce(
    world: World, verifier: str | None, revoked_at: int
) -> None:
    code = world.code(code_challenge=CHALLENGE if verifier else "")

    def redeem(_: int) -> TokenAnswer | None:
        try:
            return world.redeem(code, code_verifier=verifier)
        except InvalidGrant:
            return None

    answers = [answer for answer in race(MANY, redeem) if answer is not None]

    assert len(answers) == 1
    (grant,) = world.store.grants_of("alice-id")
    assert (grant.redeemed_at, grant.revoked_at) == (NOW, revoked_at)


def test_s68_of_many_who_refresh_all_get_the_same_successor_and_the_chain_goes_on(world: World) -> None:
    first = world.redeem(world.code())

    answers = race(MANY, lambda _: world.refresh(first.refresh_token, now=NOW + 5))

    successors = {answer.refresh_token for answer in answers}
    assert len(successors) == 1
    assert world.grant(first).generation == 2
    assert all(world.opens(answer.access_token, NOW + 6) for answer in answers)
    assert world.refresh(successors.pop(), now=NOW + 60).access_token
