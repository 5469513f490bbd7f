"""A change of what people recognize an app by withdraws what administrators granted and approved (S351)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.admin_decisions import changes_of, grant_scopes
from gatepost.clients.lifecycle import activate_app, deactivate_app
from gatepost.clients.owner_changes import add_secret, create_app
from gatepost.clients.scopes import asks_for_more, granted_for_users, granted_to_itself, lost_grants, scope_for_user
from gatepost.clients.withdrawal import Unconfirmed, Withdrawal, at_stake, changed_looks, withdrawn_by
from gatepost.errors import Conflict, InvalidClient, InvalidScope
from gatepost.model.records import App
from gatepost.scope import Scope
from tests.raising import raised
from tests.unit.clients.documents import HOUR, OPEN, Scene
from tests.unit.clients.shop import ADMIN, OTHER_LOOKS, ROOT, update, what_counts
from tests.unit.meanwhile import delay
from tests.unit.world import ALICE, CALLBACK, NOW, OWNER, READ, READ_WRITE, WRITE, World, app_details, web_app

GRANTS = Withdrawal(users=ADMIN, itself=WRITE, approval=False)
APPROVAL = Withdrawal(users=Scope(), itself=Scope(), approval=True)


@pytest.mark.parametrize("change", OTHER_LOOKS)
def test_s351_an_app_of_another_look_has_no_grants(world: World, granted: App, change: dict[str, Any]) -> None:
    assert what_counts(world, granted) == ("write", "admin")

    changed = update(world, granted, **change)

    assert changed == world.app()
    assert what_counts(world, changed) == ("", "")
    assert withdrawn_by(granted, changed) == GRANTS
    assert lost_grants(changed) == WRITE | ADMIN
    with pytest.raises(InvalidScope):
        world.own_token(changed, scope="write")
    back = update(world, changed, name=granted.name, url=granted.url, redirect_uris=granted.redirect_uris)
    assert back.recognized_by == granted.recognized_by
    assert what_counts(world, back) == ("", "")


@pytest.mark.parametrize(
    "change", [{}, {"scope": Scope.of("read", "write", "admin")}, {"grant_types": ("client_credentials",)}]
)
def test_any_other_change_takes_nothing(world: World, granted: App, change: dict[str, Any]) -> None:
    changed = update(world, granted, **change)

    assert what_counts(world, changed) == ("write", "admin")
    assert (changed.looks, changed.approvals_valid_from, world.published) == (0, 0, [])
    secret, _ = add_secret(world.store, changed, now=NOW)
    assert what_counts(world, secret) == ("write", "admin")


def test_the_order_of_redirect_uris_is_not_seen(world: World) -> None:
    uris = ("https://a.example.test/", "https://b.example.test/")

    changed = update(world, world.add_app(web_app(redirect_uris=uris)), redirect_uris=uris[::-1])

    assert (changed.looks, changed.redirect_uris) == (0, uris[::-1])


def test_an_administrator_grants_again_what_the_app_may_have_as_it_is_now(world: World, granted: App) -> None:
    changed = update(world, granted, name="Shop")

    again = grant_scopes(world.store, world.settings, changed, own=WRITE, marked=Scope(), owner=OWNER, now=NOW)

    assert what_counts(world, again) == ("write", "")
    assert lost_grants(again) == Scope()
    assert changes_of(changed, again) == [("scope_granted", "write")]
    none = grant_scopes(world.store, world.settings, again, own=Scope(), marked=Scope(), owner=OWNER, now=NOW)
    assert not lost_grants(none)


def test_s351_what_an_older_release_granted_or_left_to_an_app_counts_until_the_next_change(world: World) -> None:
    world.set(restricted_scopes=ADMIN)
    app = world.add_app(web_app(scope=READ | ADMIN, own_scope=READ, marked_scope=ADMIN, approvals_valid_from=NOW - 9))
    assert what_counts(world, app) == ("read", "admin")

    assert what_counts(world, update(world, app, name="Bank")) == ("", "")
    assert granted_to_itself(update(world, world.add_app(web_app(own_scope=None)), name="Bank")) == Scope()


def test_an_administrators_own_app_keeps_what_counts_and_nothing_else(world: World, granted: App) -> None:
    world.set(app_approval=True)

    changed = update(world, granted, owner=ROOT, name="Bank")

    assert (what_counts(world, changed), changed.status) == (("write", "admin"), "active")
    assert world.app() == changed
    lost = update(world, changed, name="Shop")
    assert what_counts(world, update(world, lost, owner=ROOT, name="Bank")) == ("", "")


# Tokens


def test_s351_tokens_of_the_app_itself_end_with_what_it_lost_and_no_others(world: World, granted: App) -> None:
    machine = world.own_token(granted, scope="write", now=NOW + 1)
    users = world.redeem(world.code(granted, scope=READ | ADMIN))
    assert world.claims(users.access_token).scope == READ | ADMIN
    delay(world.store, "update_app")

    update(world, granted, now=NOW + 0.7, name="Bank")

    assert not world.opens(machine, NOW + 2)  # though it is of the second in which the change took effect
    assert (world.app().approvals_valid_from, world.app().grants_valid_from) == (NOW + 1, 0)
    assert world.opens(users.access_token, NOW + 2)
    assert world.refresh(users.refresh_token, world.app(), now=NOW + 2).scope == READ


def test_an_app_that_loses_nothing_that_it_has_publishes_nothing(world: World, granted: App) -> None:
    less = update(world, granted, scope=READ)
    update(world, world.add_app(less._replace(own_scope=Scope())), name="Bank")
    world.set(client_credentials_scopes={"write": "open", "admin": "open"})
    changed = update(world, world.add_app(granted), name="Bank")

    assert withdrawn_by(granted, changed).itself == WRITE
    assert world.published == []


# Approval


@pytest.fixture
def waiting(world: World) -> App:
    """An app that waits for its approval."""
    world.set(app_approval=True)
    return create_app(world.store, world.settings, owner=OWNER, details=app_details(), now=NOW)[0]


@pytest.mark.parametrize("change", OTHER_LOOKS)
def test_s351_an_approved_app_of_another_look_waits_again(world: World, waiting: App, change: dict[str, Any]) -> None:
    looked_at, other = waiting, update(world, waiting, name="Another")
    with pytest.raises(Conflict):  # the approval is for what was looked at
        activate_app(world.store, looked_at, now=NOW)
    activate_app(world.store, other, now=NOW)
    with pytest.raises(Conflict):  # as it was before it was approved
        update(world, other, **change)
    approved = world.app(waiting.client_id)

    changed = update(world, approved, now=NOW + 3, **change)

    assert world.app(waiting.client_id) == changed
    assert (changed.status, changed.grants_valid_from) == ("pending", NOW + 3)
    assert withdrawn_by(approved, changed) == APPROVAL
    assert world.published == [("client", waiting.client_id)]


def test_s351_what_it_had_ends_as_if_it_were_deactivated(world: World) -> None:
    world.set(app_approval=True)
    users = world.redeem(world.code())
    delay(world.store, "update_app")

    changed = update(world, world.web, now=NOW + 0.7, name="Bank")

    assert not world.opens(users.access_token, NOW + 2)
    with pytest.raises(InvalidClient):
        world.refresh(users.refresh_token, changed, now=NOW + 2)
    assert world.app().grants_valid_from == NOW + 1
    activate_app(world.store, world.app(), now=NOW + 3)
    assert not world.refreshes(users.refresh_token, world.app(), now=NOW + 4)


@pytest.mark.parametrize("status", ["pending", "deactivated"])
def test_one_that_does_not_work_stays_as_it_is(world: World, status: str) -> None:
    world.set(app_approval=True)
    app = world.add_app(web_app(status=status, status_reason="It sends spam."))

    changed = update(world, app, name="Bank")

    assert (changed.status, changed.status_reason) == (status, "It sends spam.")


# Confirmation


def test_s351_nothing_is_taken_from_an_owner_who_was_not_told(world: World, granted: App) -> None:
    caught = raised(Unconfirmed, update, world, granted, confirmed=False, name="Bank")
    assert caught.withdrawal == GRANTS == at_stake(granted, world.settings, OWNER)
    assert world.app() == granted
    assert update(world, granted, confirmed=False, scope=READ).scope == READ
    assert not at_stake(granted, world.settings, ROOT)
    without = world.add_app(web_app(own_scope=Scope()))
    assert update(world, without, confirmed=False, name="Bank").name == "Bank"  # there is nothing to lose
    assert not at_stake(without, world.settings, OWNER)


def test_why_it_was_taken_is_said_by_the_names_of_the_fields() -> None:
    app = web_app()

    assert changed_looks(app, app._replace(name="Bank", redirect_uris=())) == ("name", "redirect URIs")
    two = app._replace(redirect_uris=(CALLBACK, "https://other.example.test/"))
    assert changed_looks(two, two._replace(url="", redirect_uris=two.redirect_uris[::-1])) == ("website",)
    assert changed_looks(app, app._replace(name=app.name[::-1])) == ("name",)


# Documents


def test_s351_an_app_whose_document_changed_loses_its_marks(scene: Scene) -> None:
    scene.settings = OPEN._replace(restricted_scopes=ADMIN)
    app = scene.app()
    marked = grant_scopes(scene.world.store, scene.settings, app, own=Scope(), marked=ADMIN, owner=None, now=NOW)
    scene.web.document["redirect_uris"].reverse()
    assert granted_for_users(scene.app(now=NOW + HOUR)) == ADMIN
    scene.web.document["client_name"] = "Bank"

    changed = scene.app(now=NOW + 2 * HOUR)

    assert scope_for_user(changed, ALICE.user_id, None, scene.settings) == READ_WRITE
    assert changed.marked_scope == marked.marked_scope
    assert scene.known() == scene.changes[-1][1] == changed
    assert asks_for_more(changed, scene.settings)


def test_s351_a_document_that_changed_has_to_be_approved_again(scene: Scene) -> None:
    scene.settings = OPEN._replace(client_id_documents="approval")
    activate_app(scene.world.store, scene.app(), now=NOW)
    scene.web.document["client_name"] = "Bank"

    changed = scene.app(now=NOW + HOUR)

    assert scene.known() == changed
    assert (changed.status, changed.grants_valid_from) == ("pending", NOW + HOUR)
    assert scene.world.published == [("client", changed.client_id)]
    assert scene.world.store.goes_at == {changed.client_id: NOW + HOUR + 30 * 86400}


def test_s351_a_document_that_an_administrator_stopped_while_it_was_fetched_stays_so(scene: Scene) -> None:
    scene.settings = OPEN._replace(client_id_documents="approval")
    activate_app(scene.world.store, scene.app(), now=NOW)
    app = scene.known()
    assert app is not None
    scene.web.document["client_name"] = "Bank"
    deactivate_app(scene.world.store, app, reason="", now=NOW)

    found = scene.fetched(app, now=NOW + HOUR)

    assert (found, found.status) == (scene.known(), "deactivated")
