"""The operations of races: each as a request, what it revokes of the user's, and how its success is recognized."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gatepost.routes import (
    ADMIN_CHANGE_APP,
    ADMIN_CHANGE_USER,
    CHANGE_PASSWORD,
    CONFIRM,
    CONSENT,
    CREATE_APP,
    DELETE_ACCOUNT,
    DELETE_APP,
    LOGIN,
    NEW_SECRET,
    REVOKE,
    REVOKE_GRANT,
    REVOKE_GRANTS,
    SIGN_OUT_EVERYWHERE,
    UPDATE_APP,
    Route,
)
from tests.people import PASSWORD
from tests.security.party import app_form
from tests.security.races.scene import Director, Scene
from tests.security.sending import Answer, Call

# What an operation ends, once it is done: the tokens from before and what is refreshed or redeemed from then;
# what is newly granted while it is done, by an approval or by a password; and sessions.
REFRESHED, GRANTED_BEFORE, APPROVED, BY_PASSWORD, SESSIONS = (
    "the refreshed grant", "what was granted", "an approval", "a password grant", "sessions",
)  # fmt: skip
GRANTS = frozenset({REFRESHED, GRANTED_BEFORE})
EVERYTHING = GRANTS | {APPROVED, BY_PASSWORD}

Made = Callable[[Scene, Director], Call]


@dataclass(frozen=True)
class Operation:
    """One side of a race."""

    name: str
    call: Made
    ends: frozenset[str] = frozenset()

    def done(self, answer: Answer) -> bool:
        """Whether the response says that it was done, and does not ask for a sign-in first."""
        return answer.status in (200, 201) or (answer.status == 303 and "?next=" not in answer.location)


def _form(route: Route, **fields: str) -> Made:
    """The user posts a form, of the user's app if the path has one."""
    return lambda scene, _: scene.page(route.path.format(client_id=scene.app.client_id), **fields)


def _visit(route: Route, made: Callable[[Scene], dict[str, str]]) -> Made:
    return lambda scene, _: scene.sent_by.visit(route.path, **made(scene))


def _by_admin(route: Route, **fields: str) -> Made:
    """An administrator decides about the user, or the user's app."""

    def call(scene: Scene, director: Director) -> Call:
        path = route.path.format(client_id=scene.app.client_id, user_id=scene.user.user_id)
        return director.by_admin(scene, path, **fields)

    return call


def _answered(decision: str) -> Made:
    return lambda scene, _: scene.page(CONSENT.path, request_id=scene.request_id, decision=decision)


NEW_PASSWORD = {"current_password": PASSWORD, "new_password": "another one of 2026", "end_grants": "on"}
AS_READ = {"reason": "A race.", "version": "1"}
OPERATIONS = (
    Operation("redeem", lambda scene, _: scene.redeem(scene.code)),
    Operation("refresh", lambda scene, _: scene.refresh(scene.tokens)),
    Operation("approve", _answered("allow")),
    Operation("deny", _answered("deny")),
    Operation("password grant", lambda scene, _: scene.sent_by.by_password()),
    Operation("sign in", _visit(LOGIN, lambda s: {"user_name": s.user.user_name, "password": PASSWORD, "next": ""})),
    Operation(
        "revoke token",
        lambda scene, _: scene.sent_by.by_app(REVOKE.path, token=scene.tokens["refresh_token"]),
        frozenset({REFRESHED}),
    ),
    Operation("disconnect", _form(REVOKE_GRANT), GRANTS),
    Operation("disconnect all", _form(REVOKE_GRANTS), GRANTS),
    Operation("change password", _form(CHANGE_PASSWORD, **NEW_PASSWORD), EVERYTHING | {SESSIONS}),
    Operation(
        "delete account",
        lambda scene, _: scene.page(DELETE_ACCOUNT.path, confirm_name=scene.user.user_name, current_password=PASSWORD),
        EVERYTHING | {SESSIONS},
    ),
    Operation("deactivate user", _by_admin(ADMIN_CHANGE_USER, action="deactivate"), EVERYTHING),
    Operation("reactivate user", _by_admin(ADMIN_CHANGE_USER, action="reactivate")),
    Operation(  # it ends what was granted within a code's lifetime, and wider
        "limit user", _by_admin(ADMIN_CHANGE_USER, action="scope", scope_rule="chosen", scope="read"), GRANTS
    ),
    Operation(
        "delete app",
        lambda scene, _: scene.page(DELETE_APP.at(client_id=scene.app.client_id), confirm_name=scene.app.name),
        EVERYTHING,
    ),
    Operation("deactivate app", _by_admin(ADMIN_CHANGE_APP, action="deactivate", **AS_READ), EVERYTHING),
    Operation("activate app", _by_admin(ADMIN_CHANGE_APP, action="activate", **AS_READ)),
    Operation(
        "hand over",
        lambda scene, director: director.by_admin(
            scene,
            ADMIN_CHANGE_APP.at(client_id=scene.app.client_id),
            action="hand_over",
            owner=director.admin.user_name,
            version="1",
        ),
    ),
    Operation("sign out everywhere", _form(SIGN_OUT_EVERYWHERE)),
    Operation("create app", _form(CREATE_APP, **app_form("Another app"))),
    Operation("rename app", _form(UPDATE_APP, **app_form("Renamed app", version="1", confirmed="yes"))),
    Operation("new secret", _form(NEW_SECRET)),
    Operation("confirm address", _visit(CONFIRM, lambda scene: {"token": scene.link, "password": PASSWORD})),
)
NAMED = {operation.name: operation for operation in OPERATIONS}
