"""The consumer API over stores in memory."""

from __future__ import annotations

import pytest

from tests.unit.consumer.api import Api


@pytest.fixture
def api() -> Api:
    return Api()
