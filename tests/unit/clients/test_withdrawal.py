"""A change of what people recognize an app by puts back to "asked" what administrators decided (S351)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.administration import changes_of, grant_scopes
from gatepost.clients.documents import fetched_app
from gatepost.clients.dynamic_registration import change_registration, register_app
from gatepost.clients.lifecycle import activate_app, deactivate_app
from gatepost.clients.registration import add_secret, create_app, update_app
from gatepost.clients.scopes import asks_for_more, granted_for_users, granted_to_itself, lost_grants, scope_for_user
from gatepost.clients.withdrawal import Unconfirmed, Withdrawal, at_stake, changed_looks, withdrawn_by
from gatepost.errors import Conflict, InvalidClient, InvalidGrant, InvalidScope
from gatepost.model.records import App
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from tests.unit.clients.documents import HOUR, OPEN, URL, Scene
from tests.unit.world import ALICE, CALLBACK, NOW, OWNER, READ, WRITE, World, app_details, delay, details_of, web_app

ADMIN = Scope.of("admin")
NOTHING = Withdrawal(users=Scope(), itself=Scope(), approval=False)
ROOT = replace(OWNER, role="administrator")
OTHER_LOOKS: list[dict[str, Any]] = [
    {"name": "Bank"},
    {"url": "https://bank.example.test"},
    {"redirect_uris": (CALLBACK, "https://evil.example.test/cb")},
    {"redirect_uris": ("https://evil.example.test/cb",)},
]


@pytest.fixture
def granted(world: World) -> App:
    """An app with `write` of its own, and `admin` from users."""
    world.set(restricted_scopes=ADMIN)
    app = world.add_app(web_app(scope=Scope.of("read", "write", "admin"), own_scope=Scope()))
    return grant_scopes(world.store, world.settings, app, own=WRITE, marked=ADMIN, owner=OWNER, now=NOW)


def update(world: World, app: App, now: float = NOW, **changes: Any) -> App:
    named = {name: changes.pop(name) for name in ("owner", "confirmed") if name in changes}
    details = details_of(app, **changes)
    return update_app(world.store, world.settings, app, details, now=now, **{"owner": OWNER, **named})


def stored(world: World, app: App) -> App:
    (found,) = world.store.read(AppKey(app.client_id))
    assert isinstance(found, App)
    return found


def what_counts(world: World, app: App) -> tuple[str, str]:
    users = scope_for_user(app, ALICE.user_id, None, world.settings) & world.settings.restricted_scopes
    return str(granted_to_itself(app)), str(users)


@pytest.mark.parametrize("change", OTHER_LOOKS)
def test_s351_an_app_that_looks_different_has_nothing_of_what_was_granted(
    world: World, granted: App, change: dict[str, Any]
) -> None:
    assert what_counts(world, granted) == ("write", "admin")

    changed = update(world, granted, **change)

    assert changed == stored(world, granted)
    assert what_counts(world, changed) == ("", "")
    assert withdrawn_by(granted, changed) == Withdrawal(users=ADMIN, itself=WRITE, approval=False)
    assert lost_grants(changed) == WRITE | ADMIN
    with pytest.raises(InvalidScope):
        world.send(changed, grant_type="client_credentials", scope="write")


@pytest.mark.parametrize(
    "change", [{}, {"scope": Scope.of("read", "write", "admin")}, {"grant_types": ("client_credentials",)}]
)
def test_any_other_change_takes_nothing(world: World, granted: App, change: dict[str, Any]) -> None:
    changed = update(world, granted, **change)

    assert what_counts(world, changed) == ("write", "admin")
    assert (changed.looks, changed.approvals_valid_from, world.store.feed(0)) == (0, 0, [])
    secret, _ = add_secret(world.store, changed, now=NOW)
    assert what_counts(world, secret) == ("write", "admin")


def test_the_order_of_redirect_uris_is_not_seen(world: World) -> None:
    app = world.add_app(web_app(redirect_uris=("https://a.example.test/", "https://b.example.test/")))

    changed = update(world, app, redirect_uris=("https://b.example.test/", "https://a.example.test/"))

    assert (changed.looks, changed.redirect_uris[0]) == (0, "https://b.example.test/")


def test_s351_an_earlier_look_brings_nothing_back(world: World, granted: App) -> None:
    changed = update(world, granted, name="Bank")

    back = update(world, changed, name=granted.name)

    assert back.recognized_by == granted.recognized_by
    assert what_counts(world, back) == ("", "")


def test_an_administrator_grants_again_what_the_app_may_have_as_it_is_now(world: World, granted: App) -> None:
    changed = update(world, granted, name="Shop")

    again = grant_scopes(world.store, world.settings, changed, own=WRITE, marked=Scope(), owner=OWNER, now=NOW)

    assert what_counts(world, again) == ("write", "")
    assert lost_grants(again) == Scope()
    assert changes_of(changed, again) == [("scope_granted", "write")]
    assert not lost_grants(
        grant_scopes(world.store, world.settings, again, own=Scope(), marked=Scope(), owner=OWNER, now=NOW)
    )


def test_s351_what_an_older_release_granted_counts_until_the_next_change(world: World) -> None:
    world.set(restricted_scopes=ADMIN)
    app = world.add_app(web_app(scope=READ | ADMIN, own_scope=READ, marked_scope=ADMIN, approvals_valid_from=NOW - 9))
    assert what_counts(world, app) == ("read", "admin")

    changed = update(world, app, name="Bank")

    assert what_counts(world, changed) == ("", "")


def test_s351_what_the_update_had_left_to_an_app_goes_with_its_looks_too(world: World) -> None:
    app = world.add_app(web_app(own_scope=None))

    assert granted_to_itself(update(world, app, name="Bank")) == Scope()


def test_an_administrators_own_app_keeps_what_counts_and_nothing_else(world: World, granted: App) -> None:
    world.set(app_approval=True)

    changed = update(world, granted, owner=ROOT, name="Bank")

    assert (what_counts(world, changed), changed.status) == (("write", "admin"), "active")
    assert stored(world, granted) == changed
    lost = update(world, changed, name="Shop")
    assert what_counts(world, update(world, lost, owner=ROOT, name="Bank")) == ("", "")


# Tokens


def test_s351_tokens_of_the_app_itself_end_with_what_it_lost_and_no_others(world: World, granted: App) -> None:
    machine = world.send(granted, grant_type="client_credentials", scope="write").access_token
    users = world.redeem(world.code(granted, scope=READ | ADMIN))
    assert world.claims(users.access_token).scope == READ | ADMIN

    update(world, granted, now=NOW + 1, name="Bank")

    assert not world.opens(machine, NOW + 2)
    assert world.opens(users.access_token, NOW + 2)
    assert world.refresh(users.refresh_token, stored(world, granted), now=NOW + 2).scope == READ


def test_an_app_that_requests_less_from_now_on_publishes_nothing(world: World, granted: App) -> None:
    update(world, granted, scope=READ)

    assert world.store.feed(0) == []


def test_an_app_that_loses_what_is_open_to_every_app_publishes_nothing(world: World, granted: App) -> None:
    world.set(client_credentials_scopes={"write": "open", "admin": "open"})

    changed = update(world, granted, name="Bank")

    assert withdrawn_by(granted, changed).itself == WRITE
    assert world.store.feed(0) == []


def test_an_app_that_had_nothing_of_its_own_publishes_nothing(world: World) -> None:
    app = world.add_app(web_app(own_scope=Scope()))

    update(world, app, name="Bank")

    assert world.store.feed(0) == []


def test_a_change_that_takes_until_the_next_second_ends_tokens_until_then(world: World, granted: App) -> None:
    machine = world.send(granted, grant_type="client_credentials", scope="write", now=NOW + 1).access_token
    delay(world.store, "update_app")

    update(world, granted, now=NOW + 0.7, name="Bank")

    assert not world.opens(machine, NOW + 2)
    assert stored(world, granted).approvals_valid_from == NOW + 1
    assert stored(world, granted).grants_valid_from == 0


# Approval


def approved(world: World) -> App:
    world.set(app_approval=True)
    app, _ = create_app(world.store, world.settings, owner=OWNER, details=app_details(), now=NOW)
    activate_app(world.store, app, now=NOW)
    return stored(world, app)


@pytest.mark.parametrize("change", OTHER_LOOKS)
def test_s351_where_apps_need_approval_one_that_looks_different_waits_again(
    world: World, change: dict[str, Any]
) -> None:
    app = approved(world)

    changed = update(world, app, now=NOW + 3, **change)

    assert stored(world, app) == changed
    assert (changed.status, changed.grants_valid_from) == ("pending", NOW + 3)
    assert withdrawn_by(app, changed) == replace(NOTHING, approval=True)
    assert [(each.kind, each.subject) for each in world.store.feed(0)] == [("client", app.client_id)]


def test_s351_what_it_had_ends_as_if_it_were_deactivated(world: World) -> None:
    world.set(app_approval=True)
    users = world.redeem(world.code())
    delay(world.store, "update_app")

    changed = update(world, world.web, now=NOW + 0.7, name="Bank")

    assert not world.opens(users.access_token, NOW + 2)
    with pytest.raises(InvalidClient):
        world.refresh(users.refresh_token, changed, now=NOW + 2)
    assert stored(world, world.web).grants_valid_from == NOW + 1
    activate_app(world.store, stored(world, world.web), now=NOW + 3)
    with pytest.raises(InvalidGrant):
        world.refresh(users.refresh_token, stored(world, world.web), now=NOW + 4)


@pytest.mark.parametrize("status", ["pending", "deactivated"])
def test_one_that_does_not_work_stays_as_it_is(world: World, status: str) -> None:
    world.set(app_approval=True)
    app = world.add_app(web_app(status=status, status_reason="It sends spam."))

    changed = update(world, app, name="Bank")

    assert (changed.status, changed.status_reason) == (status, "It sends spam.")


def test_s351_an_approval_is_for_what_was_looked_at(world: World) -> None:
    world.set(app_approval=True)
    app, _ = create_app(world.store, world.settings, owner=OWNER, details=app_details(), now=NOW)
    update(world, app, name="Bank")

    with pytest.raises(Conflict):
        activate_app(world.store, app, now=NOW)
    assert stored(world, app).status == "pending"


def test_s351_an_app_that_was_approved_meanwhile_is_read_again_before_it_changes(world: World) -> None:
    world.set(app_approval=True)
    app, _ = create_app(world.store, world.settings, owner=OWNER, details=app_details(), now=NOW)
    activate_app(world.store, app, now=NOW)

    with pytest.raises(Conflict):
        update(world, app, name="Bank")
    assert update(world, stored(world, app), name="Bank").status == "pending"


# Confirmation


def test_s351_nothing_is_taken_from_an_owner_who_was_not_told(world: World, granted: App) -> None:
    with pytest.raises(Unconfirmed) as caught:
        update(world, granted, confirmed=False, name="Bank")

    assert caught.value.withdrawal == Withdrawal(users=ADMIN, itself=WRITE, approval=False)
    assert caught.value.withdrawal == at_stake(granted, world.settings, OWNER)
    assert stored(world, granted) == granted
    assert update(world, granted, confirmed=False, scope=READ).scope == READ
    assert not at_stake(granted, world.settings, ROOT)


def test_an_owner_who_loses_nothing_is_not_asked(world: World) -> None:
    app = world.add_app(web_app(own_scope=Scope()))

    assert update(world, app, confirmed=False, name="Bank").name == "Bank"
    assert not at_stake(app, world.settings, OWNER)


def test_why_it_was_taken_is_said_by_the_names_of_the_fields() -> None:
    app = web_app()

    assert changed_looks(app, replace(app, name="Bank", redirect_uris=())) == ("name", "redirect URIs")
    two = replace(app, redirect_uris=(CALLBACK, "https://other.example.test/"))
    assert changed_looks(two, replace(two, url="", redirect_uris=two.redirect_uris[::-1])) == ("website",)
    assert changed_looks(app, replace(app, name=app.name[::-1])) == ("name",)


# Apps that nobody owns


def test_s351_an_app_that_registered_itself_loses_its_marks_by_its_own_change(world: World) -> None:
    world.set(restricted_scopes=ADMIN, dynamic_registration="open", app_approval=True)
    document = {"redirect_uris": [CALLBACK], "client_name": "Good"}
    app, _ = register_app(world.store, world.settings, document, source_ip="192.0.2.7", now=NOW)
    marked = grant_scopes(world.store, world.settings, app, own=Scope(), marked=ADMIN, owner=None, now=NOW)
    assert not asks_for_more(marked, world.settings)
    same = {**document, "client_id": app.client_id}
    kept = change_registration(
        world.store, world.settings, marked, {**same, "scope": "read"}, source_ip="192.0.2.7", now=NOW
    )
    assert granted_for_users(kept) == ADMIN

    changed = change_registration(
        world.store, world.settings, kept, {**same, "client_name": "Bank"}, source_ip="192.0.2.7", now=NOW
    )

    assert (granted_for_users(changed), changed.status) == (Scope(), "active")
    assert (changed.marked_scope, changed.granted_look) == (ADMIN, marked.granted_look)  # its role writes neither
    assert asks_for_more(changed, world.settings)


def test_s351_an_app_whose_document_changed_loses_its_marks(scene: Scene) -> None:
    scene.settings = replace(OPEN, restricted_scopes=ADMIN)
    app = scene.app()
    marked = grant_scopes(scene.world.store, scene.settings, app, own=Scope(), marked=ADMIN, owner=None, now=NOW)
    scene.web.document["redirect_uris"].reverse()
    assert granted_for_users(scene.app(now=NOW + HOUR)) == ADMIN
    scene.web.document["client_name"] = "Bank"

    changed = scene.app(now=NOW + 2 * HOUR)

    assert scope_for_user(changed, ALICE.user_id, None, scene.settings) == Scope.of("read", "write")
    assert changed.marked_scope == marked.marked_scope
    assert scene.known() == changed
    assert scene.changes[-1][1] == changed
    assert asks_for_more(changed, scene.settings)


def test_s351_a_document_that_changed_has_to_be_approved_again(scene: Scene) -> None:
    scene.settings = replace(OPEN, client_id_documents="approval")
    activate_app(scene.world.store, scene.app(), now=NOW)
    scene.web.document["client_name"] = "Bank"

    changed = scene.app(now=NOW + HOUR)

    assert scene.known() == changed
    assert (changed.status, changed.grants_valid_from) == ("pending", NOW + HOUR)
    assert [(each.kind, each.subject) for each in scene.world.store.feed(0)] == [("client", changed.client_id)]
    assert scene.world.store.goes_at == {changed.client_id: NOW + HOUR + 30 * 86400}


def test_s351_a_document_that_an_administrator_stopped_while_it_was_fetched_stays_so(scene: Scene) -> None:
    scene.settings = replace(OPEN, client_id_documents="approval")
    activate_app(scene.world.store, scene.app(), now=NOW)
    app = scene.known()
    assert app is not None
    scene.web.document["client_name"] = "Bank"
    deactivate_app(scene.world.store, app, reason="", now=NOW)
    who: Any = {"user": ALICE, "source_ip": "", "now": NOW + HOUR, "changed": lambda *_: None}

    found = fetched_app(scene.server, lambda: scene.web, URL, app, **who)

    assert (found, found.status) == (scene.known(), "deactivated")
