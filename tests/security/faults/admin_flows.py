"""The flows of administrators: users, apps, the audit log, and what they end."""

from __future__ import annotations

from typing import Any

from gatepost import routes
from gatepost.clients.lifecycle import deactivate_app
from gatepost.clients.owners import tell_apps
from gatepost.identifiers import digest
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, EmailKey, UserKey
from tests.security.faults.account_flows import SESSION, all_ended, connected, none_left
from tests.security.faults.app_flows import disconnected
from tests.security.faults.events import page
from tests.security.faults.flow import Flow, Given, every, flow, gone, grants, has, in_feed
from tests.security.faults.visitor_flows import account, mailed
from tests.security.faults.world import ALICE, COOKIES, ROOT, Answer, Event, World
from tests.unit.world import NOW, WEB

USER, APP, ALICES = UserKey(ALICE.user_id), AppKey(WEB), {"user_id": ALICE.user_id}
TO_USER, TO_APPS = f"303 /developer/admin/users/{ALICE.user_id} ", "303 /developer/admin/apps"


def sees(name: str, route: routes.Route, *, given: Given = lambda _: None, **options: Any) -> Flow:
    """An administrator looks at a page."""
    return flow("admin", name, page(route, ROOT, **options), given=given)


def user(**form: str) -> Event:
    return page(routes.ADMIN_CHANGE_USER, ROOT, at=ALICES, form=form)


def app(**form: str) -> Event:
    return page(routes.ADMIN_CHANGE_APP, ROOT, at={"client_id": WEB}, form=form)


def counted_before(world: World) -> None:
    """Only the events of today are counted by the next visit: two count the others."""
    for _ in range(2):
        world.call("admin", page(routes.ADMIN_OVERVIEW_PAGE, ROOT))


def deactivated(world: World) -> None:
    world.store.set_user_status(ALICE.user_id, "deactivated")
    tell_apps(world.store, ALICE.user_id, now=world.now)


def promoted(world: World) -> None:
    world.store.set_user_rights(ALICE.user_id, role="administrator")


def approve_as_read(world: World) -> Event:
    """Approve an app that was deactivated."""
    deactivate_app(world.store, world.web, reason="spam", now=world.now)
    (stopped,) = world.store.read(APP)
    assert stopped is not None
    return app(action="approve", version=str(stopped.version))


def waiting_are_revoked(world: World, answer: Answer | None) -> None:
    assert all(grant.revoked_at for grant in grants(world) if grant.redeem_before > world.now)


def sessions_are_void(world: World, answer: Answer | None) -> None:
    assert account(world).sessions_valid_from > NOW
    none_left(world, answer)


# whoever gets an error sees it on the page of the account, and does it once more
UNTOLD = ("app told otherwise than its owner stands",)
USER_CHANGED = TO_USER + "user_changed"
USER_STOPPED = every(has(USER, status="deactivated"), waiting_are_revoked, in_feed("user", ALICE.user_id, WEB))
APP_STOPPED = every(has(APP, status="deactivated", status_reason="spam"), in_feed("client", WEB))
APP_GRANTED = every(has(APP, own_scope=Scope.of("read"), version=2), in_feed("user", WEB))
FLOWS = [
    sees("overview", routes.ADMIN_OVERVIEW_PAGE, given=counted_before),
    sees("users at /developer/admin", routes.ADMIN_PAGE),
    sees("users", routes.ADMIN_USERS_PAGE),
    sees("a user by address", routes.ADMIN_USERS_PAGE, query={"q": ALICE.email}),
    sees("users by a part of a name", routes.ADMIN_USERS_PAGE, query={"q": "lic", "order": "name"}),
    sees("invite page", routes.ADMIN_INVITE_PAGE),
    sees("export of a user", routes.ADMIN_EXPORT_USER, at=ALICES),
    flow(
        *("admin", "invite a user"),
        page(routes.ADMIN_INVITE, ROOT, form={"user_name": "dora", "email": "dora@example.test"}),
        "303 /developer/admin/users user_invited",
        check=mailed,
    ),
    flow(
        *("admin", "send a reset"),
        page(routes.ADMIN_SEND_RESET, ROOT, at=ALICES),
        TO_USER + "reset_sent",
        check=mailed,
    ),
    sees("a user who is connected", routes.ADMIN_USER_PAGE, at=ALICES, given=connected),
    sees("apps", routes.ADMIN_APPS_PAGE),
    sees("an app by key", routes.ADMIN_APPS_PAGE, query={"q": WEB}),
    sees("app", routes.ADMIN_APP_PAGE, at={"client_id": WEB}),
    sees("audit", routes.ADMIN_AUDIT_PAGE),
    sees("audit of a user", routes.ADMIN_AUDIT_PAGE, query={"user": ALICE.user_name, "event": "signed_in"}),
    sees("parts of an export", routes.ADMIN_AUDIT_PARTS_PAGE),
    sees("export of a part", routes.ADMIN_AUDIT_FILE, form={"format": "csv"}, query={"part": "1"}),
    flow(
        *("admin", "deactivate a user", user(action="deactivate"), USER_CHANGED),
        given=connected,
        check=USER_STOPPED,
        open=UNTOLD,
    ),
    flow(
        *("admin", "reactivate a user", user(action="reactivate"), USER_CHANGED),
        given=deactivated,
        check=has(USER, status="active"),
        open=UNTOLD,
    ),
    flow(
        *("admin", "make an administrator", user(action="role", role="administrator"), USER_CHANGED),
        check=has(USER, role="administrator"),
    ),
    flow(
        *("admin", "demote an administrator", user(action="role", role="user"), USER_CHANGED),
        given=promoted,
        check=has(USER, role="user"),
    ),
    flow(
        *("admin", "remove an address", user(action="remove_email"), USER_CHANGED),
        check=every(has(USER, email=""), gone(EmailKey(ALICE.email))),
    ),
    flow(
        *("admin", "narrow a user's scope", user(action="scope", scope="read"), USER_CHANGED),
        check=has(USER, scope=Scope.of("read")),
        open=UNTOLD,
    ),
    flow(
        *("admin", "deactivate an app", app(action="deactivate", reason="spam"), f"{TO_APPS} app_deactivated"),
        check=APP_STOPPED,
    ),
    flow(
        *("admin", "grant scopes", app(action="scopes", own="read", version="1"), f"{TO_APPS}/{WEB} scopes_granted"),
        check=APP_GRANTED,
        again="412",
    ),
    flow(
        *("admin", "hand over", app(action="hand_over", owner=ROOT.user_name, version="1")),
        f"{TO_APPS}/{WEB} app_handed_over",
        check=has(APP, owner=ROOT.user_id, version=2),
        again="412",
    ),
    flow(
        *("admin", "approve an app", approve_as_read, f"{TO_APPS} app_approved"),
        check=has(APP, status="active"),
        again="412",
    ),
    flow(
        *("admin", "end a session of another"),
        page(routes.ADMIN_END_SESSION, ROOT, at={**ALICES, "session_id": digest(COOKIES[ALICE.user_id])}),
        TO_USER + "session_ended",
        check=gone(SESSION),
    ),
    flow(
        *("admin", "end every session of another", page(routes.ADMIN_END_SESSIONS, ROOT, at=ALICES)),
        TO_USER + "sessions_ended",
        check=sessions_are_void,
    ),
    flow(
        *(
            "admin",
            "end an app's access to another",
            page(routes.ADMIN_DISCONNECT, ROOT, at={**ALICES, "client_id": WEB}),
        ),
        TO_USER + "disconnected",
        given=connected,
        check=disconnected,
    ),
    flow(
        *("admin", "end every app's access to another", page(routes.ADMIN_DISCONNECT_ALL, ROOT, at=ALICES)),
        TO_USER + "all_disconnected",
        given=connected,
        check=all_ended,
    ),
]
