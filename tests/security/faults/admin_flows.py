"""The flows of administrators: users, apps and the audit log."""

from __future__ import annotations

from gatepost.clients.lifecycle import deactivate_app
from gatepost.clients.owners import tell_apps
from gatepost.routes import (
    ADMIN_APP_PAGE,
    ADMIN_APPS_PAGE,
    ADMIN_AUDIT_FILE,
    ADMIN_AUDIT_PAGE,
    ADMIN_AUDIT_PARTS_PAGE,
    ADMIN_CHANGE_APP,
    ADMIN_CHANGE_USER,
    ADMIN_OVERVIEW_PAGE,
    ADMIN_USER_PAGE,
    ADMIN_USERS_PAGE,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import EmailKey
from tests.security.faults.account_flows import connected
from tests.security.faults.app_flows import app, stopped
from tests.security.faults.authorize_flows import grants
from tests.security.faults.events import page
from tests.security.faults.flow import Flows
from tests.security.faults.page_flows import account
from tests.security.faults.world import ALICE, ROOT, Answer, Event, World

FLOWS = Flows()


@FLOWS.add("admin", "overview", "200")
def _(world: World) -> Event:
    return page(ADMIN_OVERVIEW_PAGE, ROOT)


@FLOWS.add("admin", "users", "200")
def _(world: World) -> Event:
    return page(ADMIN_USERS_PAGE, ROOT)


@FLOWS.add("admin", "user", "200")
def _(world: World) -> Event:
    return page(ADMIN_USER_PAGE, ROOT, at={"user_id": ALICE.user_id})


@FLOWS.add("admin", "apps", "200")
def _(world: World) -> Event:
    return page(ADMIN_APPS_PAGE, ROOT, query={"app": world.web.client_id})


@FLOWS.add("admin", "audit", "200")
def _(world: World) -> Event:
    return page(ADMIN_AUDIT_PAGE, ROOT)


@FLOWS.add("admin", "audit of a user", "200")
def _(world: World) -> Event:
    return page(ADMIN_AUDIT_PAGE, ROOT, query={"user": ALICE.user_name, "event": "signed_in"})


@FLOWS.add("admin", "parts of an export", "200")
def _(world: World) -> Event:
    return page(ADMIN_AUDIT_PARTS_PAGE, ROOT)


@FLOWS.add("admin", "export of a part", "200")
def _(world: World) -> Event:
    return page(ADMIN_AUDIT_FILE, ROOT, form={"format": "csv"}, query={"part": "1"})


def change_user(**form: str) -> Event:
    return page(ADMIN_CHANGE_USER, ROOT, at={"user_id": ALICE.user_id}, form=form)


USER_CHANGED = f"303 /developer/admin/users/{ALICE.user_id} user_changed"


# whoever gets an error sees it on the page of the account, and does it once more
UNTOLD = ("app told otherwise than its owner stands",)


def user_stopped(world: World, answer: Answer | None) -> None:
    assert account(world).status == "deactivated"
    assert all(grant.revoked_at for grant in grants(world) if grant.redeem_before > world.now)
    assert stopped(world, "user", ALICE.user_id)


@FLOWS.add("admin", "deactivate a user", USER_CHANGED, check=user_stopped, open=UNTOLD)
def _(world: World) -> Event:
    connected(world)
    return change_user(action="deactivate")


def user_active(world: World, answer: Answer | None) -> None:
    assert account(world).status == "active"


@FLOWS.add("admin", "reactivate a user", USER_CHANGED, check=user_active, open=UNTOLD)
def _(world: World) -> Event:
    world.store.set_user_status(ALICE.user_id, "deactivated")
    tell_apps(world.store, ALICE.user_id, now=world.now)
    return change_user(action="reactivate")


def user_promoted(world: World, answer: Answer | None) -> None:
    assert account(world).role == "administrator"


@FLOWS.add("admin", "make an administrator", USER_CHANGED, check=user_promoted)
def _(world: World) -> Event:
    return change_user(action="role", role="administrator")


def user_demoted(world: World, answer: Answer | None) -> None:
    assert account(world).role == "user"


@FLOWS.add("admin", "demote an administrator", USER_CHANGED, check=user_demoted)
def _(world: World) -> Event:
    world.store.set_user_rights(ALICE.user_id, role="administrator")
    return change_user(action="role", role="user")


def address_gone(world: World, answer: Answer | None) -> None:
    assert account(world).email == ""
    assert world.store.read(EmailKey("alice@example.test")) == (None,)


@FLOWS.add("admin", "remove an address", USER_CHANGED, check=address_gone)
def _(world: World) -> Event:
    return change_user(action="remove_email")


def user_narrowed(world: World, answer: Answer | None) -> None:
    assert str(account(world).scope) == "read"


@FLOWS.add("admin", "narrow a user's scope", USER_CHANGED, check=user_narrowed, open=UNTOLD)
def _(world: World) -> Event:
    return change_user(action="scope", scope="read")


def app_stopped(world: World, answer: Answer | None) -> None:
    assert (app(world).status, app(world).status_reason) == ("deactivated", "spam")
    assert stopped(world, "client", world.web.client_id)


@FLOWS.add("admin", "deactivate an app", "303 /developer/admin/apps app_deactivated", check=app_stopped)
def _(world: World) -> Event:
    return page(
        ADMIN_CHANGE_APP,
        ROOT,
        at={"client_id": world.web.client_id},
        form={"action": "deactivate", "reason": "spam"},
    )


@FLOWS.add("admin", "app", "200")
def _(world: World) -> Event:
    return page(ADMIN_APP_PAGE, ROOT, at={"client_id": world.web.client_id})


def app_granted(world: World, answer: Answer | None) -> None:
    assert (app(world).own_scope, app(world).version) == (Scope.of("read"), 2)
    assert stopped(world, "user", world.web.client_id)


APP_DECIDED = "303 /developer/admin/apps/{web} "


@FLOWS.add("admin", "grant scopes", APP_DECIDED + "scopes_granted", check=app_granted, again=("412",))
def _(world: World) -> Event:
    form = {"action": "scopes", "own": "read", "version": "1"}
    return page(ADMIN_CHANGE_APP, ROOT, at={"client_id": world.web.client_id}, form=form)


def app_handed_over(world: World, answer: Answer | None) -> None:
    assert (app(world).owner, app(world).version) == (ROOT.user_id, 2)


@FLOWS.add("admin", "hand over", APP_DECIDED + "app_handed_over", check=app_handed_over, again=("412",))
def _(world: World) -> Event:
    form = {"action": "hand_over", "owner": ROOT.user_name, "version": "1"}
    return page(ADMIN_CHANGE_APP, ROOT, at={"client_id": world.web.client_id}, form=form)


def app_active(world: World, answer: Answer | None) -> None:
    assert app(world).status == "active"


@FLOWS.add("admin", "approve an app", "303 /developer/admin/apps app_approved", check=app_active, again=("412",))
def _(world: World) -> Event:
    deactivate_app(world.store, app(world), reason="spam", now=world.now)
    form = {"action": "approve", "version": str(app(world).version)}
    return page(ADMIN_CHANGE_APP, ROOT, at={"client_id": world.web.client_id}, form=form)
