"""A published list."""

from __future__ import annotations

import pytest

from gatepost.endpoints.published_list import PublishedList
from tests.unit.endpoints.listing import ON, Source


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def listed(source: Source) -> PublishedList:
    return PublishedList(source, ON)
