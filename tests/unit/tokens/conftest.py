"""A feed, and a warm authorizer's cache of it."""

from __future__ import annotations

import pytest

from gatepost.tokens.revocation_list import Watch
from tests.unit.tokens.feed import Feed
from tests.unit.world import SETTINGS


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def watch(feed: Feed) -> Watch:
    return Watch(feed, SETTINGS)
