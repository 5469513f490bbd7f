"""Apps that are not used: active, and without a token in thirty days."""

from __future__ import annotations

from dataclasses import replace

from gatepost.clients.app_use import use_of_apps
from gatepost.model.records import App, Login
from tests.fakes import MemoryStore
from tests.unit.world import NOW, OWNER, web_app

DAY = 86400


def app(number: int, *, used_days_ago: int | None, status: str = "active") -> App:
    last = 0 if used_days_ago is None else NOW - used_days_ago * DAY
    named = web_app(client_id=f"{number:08d}-0000-4000-8000-000000000000", name=f"App {number}")
    return replace(named, last_used_at=last, status=status)


def test_an_app_is_unused_if_neither_its_last_use_nor_its_count_is_of_these_days() -> None:
    store = MemoryStore()
    apps = [
        app(1, used_days_ago=40),
        app(2, used_days_ago=None),
        app(3, used_days_ago=29),
        app(4, used_days_ago=None, status="deactivated"),
        app(5, used_days_ago=100),
        app(6, used_days_ago=60),  # by the implicit grant, whose later uses are counted only
    ]
    store.create_user(OWNER, Login(user_id=OWNER.user_id, password_hash=""))
    for each in apps:
        store.create_app(each, owner=OWNER, limit=99)
    store.add_tokens(apps[5].client_id, 2, now=NOW)

    use = use_of_apps(store, NOW)

    assert list(use.unused) == [apps[1].client_id, apps[4].client_id, apps[0].client_id]
    assert list(use.used) == [(apps[5].client_id, 2)]
    assert use.looked_at_all
