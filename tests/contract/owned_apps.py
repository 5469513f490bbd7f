"""Apps before and after their scopes were decided, their next owner, and what the tests of both look at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.errors import Conflict
from gatepost.model.feed import Revocation
from gatepost.model.records import App
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey
from tests.contract.records import APP
from tests.unit.world import OWNER, READ, READ_WRITE, WRITE

TOMAS = replace(OWNER, user_id="tomas-id", user_name="tomas", scope=READ)
OLD = replace(APP, own_scope=None)
COMPLETE = replace(APP, own_scope=READ_WRITE, own_scope_by_update=True)
GRANTED: dict[str, Any] = {
    "own_scope": WRITE,
    "own_scope_by_update": False,
    "marked_scope": READ,
    "granted_look": "a digest",
}
NONE = Scope()


def stored(store: Store, client_id: str = APP.client_id) -> App | None:
    return store.read(AppKey(client_id))[0]


def published(store: Store) -> list[Revocation]:
    return list(store.feed(0))


def refused(field: str, change: Any, *args: Any, **named: Any) -> None:
    with pytest.raises(Conflict) as caught:
        change(*args, **named)
    assert caught.value.field == field
