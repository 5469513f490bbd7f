"""Changes of registrations are limited, and those that change nothing write nothing (S358)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.dynamic_registration import change_registration, delete_registration
from gatepost.clients.registration_limits import TooManyRegistrations, is_first_in_hour
from gatepost.errors import ServerError
from gatepost.model.records import App
from tests.unit.clients.registering import PUBLIC, registered, stored
from tests.unit.world import NOW, World

HOUR = NOW - NOW % 3600
HERE: dict[str, Any] = {"source_ip": "192.0.2.7", "now": HOUR + 600}


def change(world: World, app: App, name: str, **where: Any) -> App:
    document = {**PUBLIC, "client_id": app.client_id, "client_name": name}
    return change_registration(world.store, world.settings, app, document, **{**HERE, **where})


def test_a_change_of_nothing_is_not_written(world: World) -> None:
    app, _ = registered(world, PUBLIC)

    assert change(world, app, PUBLIC["client_name"]) is app
    assert stored(world, app) == app


def test_s358_an_app_changes_its_registration_twenty_times_in_an_hour(world: World) -> None:
    app, _ = registered(world, PUBLIC)
    other, _ = registered(world, PUBLIC)
    for number in range(20):
        app = change(world, app, f"Name {number}", source_ip=f"192.0.2.{number}")

    with pytest.raises(TooManyRegistrations) as caught:
        change(world, app, "Another", source_ip="198.51.100.7")

    assert (caught.value.status, caught.value.retry_after) == (429, 3000)
    assert caught.value.description == "too many registrations were changed, try again later"
    assert caught.value.reason == "changes of registrations of one app"
    assert change(world, other, "Another").name == "Another"
    assert change(world, app, "Another", now=HOUR + 3600).name == "Another"
    delete_registration(world.store, world.settings, app, **HERE)  # it can still go
    assert stored(world, app) is None


def test_s358_a_network_changes_and_deletes_as_many_as_it_may_register(world: World) -> None:
    world.set(registrations_per_network=2)
    apps = [registered(world, PUBLIC, source_ip=f"198.51.100.{number}")[0] for number in range(4)]
    change(world, apps[0], "Another")
    delete_registration(world.store, world.settings, apps[1], **HERE)

    with pytest.raises(TooManyRegistrations) as caught:
        change(world, apps[2], "Another")
    with pytest.raises(TooManyRegistrations):
        delete_registration(world.store, world.settings, apps[2], **HERE)

    assert caught.value.reason == "changes of registrations of one network"
    assert stored(world, apps[2]) == apps[2]
    assert change(world, apps[3], "Another", source_ip="192.0.2.8").name == "Another"


def test_s358_what_is_done_again_and_again_is_told_once_an_hour(world: World) -> None:
    app, other = registered(world, PUBLIC)[0], registered(world, PUBLIC)[0]

    told = [is_first_in_hour(world.store, app, each, now=HOUR) for each in ("name A B", "name B A", "name A B")]

    assert told == [True, True, False]
    assert is_first_in_hour(world.store, other, "name A B", now=HOUR)
    assert is_first_in_hour(world.store, app, "name A B", now=HOUR + 3600)


def test_what_can_not_be_counted_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> bool:
        raise ServerError("the server could not answer", reason="no database")

    app, _ = registered(world, PUBLIC)
    monkeypatch.setattr(world.store, "count_failure", fail)

    assert [is_first_in_hour(world.store, app, "name A B", now=HOUR) for _ in range(2)] == [True, True]
