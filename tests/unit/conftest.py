"""Fixtures of the unit tests. Keys are made once: an RSA key takes longer than the tests that use it."""

from __future__ import annotations

import hypothesis
import pytest

from gatepost.grants.token_response import TokenAnswer
from gatepost.model.feed import PublicKey
from gatepost.tokens.access_token import Signer
from gatepost.tokens.signing_keys import SigningKey, new_signing_key
from tests.unit.claims import claims_py as claims_py
from tests.unit.world import World, signer_of

hypothesis.settings.register_profile("gatepost", deadline=None, max_examples=200, database=None)
hypothesis.settings.load_profile("gatepost")


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    return new_signing_key("RS256", active_from=0)


@pytest.fixture(scope="session")
def public_key(signing_key: SigningKey) -> PublicKey:
    return signing_key.public()


@pytest.fixture(scope="session")
def signer(signing_key: SigningKey) -> Signer:
    return signer_of(signing_key)


@pytest.fixture
def world(signer: Signer, public_key: PublicKey) -> World:
    return World(signer, public_key)


@pytest.fixture
def first(world: World) -> TokenAnswer:
    """Tokens for a code that alice approved for the web app."""
    return world.redeem(world.code())
