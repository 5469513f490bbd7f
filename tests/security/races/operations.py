"""The operations of races: each as a request, what it revokes of the user's, and how its success is recognized."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
)
from tests.security.races.calls import Answer, Call
from tests.security.races.scene import CALLBACK, PASSWORD, Director, Scene, redeem

# What an operation ends, once it is done: the tokens from before and what is refreshed or redeemed from then;
# what is newly granted while it is done, by an approval or by a password; and sessions.
REFRESHED, GRANTED_BEFORE, APPROVED, BY_PASSWORD, SESSIONS = (
    "the refreshed grant", "what was granted", "an approval", "a password grant", "sessions",
)  # fmt: skip
GRANTS = frozenset({REFRESHED, GRANTED_BEFORE})
EVERYTHING = GRANTS | {APPROVED, BY_PASSWORD}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One side of a race."""

    name: str
    call: Callable[[Scene, Director], Call]
    ends: frozenset[str] = frozenset()

    def done(self, answer: Answer) -> bool:
        """Whether the response says that it was done, and does not ask for a sign-in first."""
        return answer.status in (200, 201) or (answer.status == 303 and "?next=" not in answer.location)


def _admin_user(action: str, **fields: str) -> Callable[[Scene, Director], Call]:
    def call(scene: Scene, director: Director) -> Call:
        path = ADMIN_CHANGE_USER.at(user_id=scene.user.user_id)
        return scene.page(path, director.admin_cookie, action=action, **fields)

    return call


def _admin_app(action: str) -> Callable[[Scene, Director], Call]:
    def call(scene: Scene, director: Director) -> Call:
        path = ADMIN_CHANGE_APP.at(client_id=scene.app.client_id)
        return scene.page(path, director.admin_cookie, action=action, reason="A race.", version="1")

    return call


def _app_form(name: str) -> dict[str, Any]:
    return {
        "name": name, "url": CALLBACK, "redirect_uris": CALLBACK, "kind": "confidential", "scope": ["read", "write"],
        "grant_types": ["authorization_code", "refresh_token", "password"],
    }  # fmt: skip


OPERATIONS: tuple[Operation, ...] = (
    Operation(name="redeem", call=lambda scene, _: redeem(scene, scene.code)),
    Operation(
        name="refresh",
        call=lambda scene, _: scene.token(grant_type="refresh_token", refresh_token=scene.tokens["refresh_token"]),
    ),
    Operation(
        name="approve",
        call=lambda scene, _: scene.page(CONSENT.path, request_id=scene.request_id, decision="allow"),
    ),
    Operation(
        name="deny",
        call=lambda scene, _: scene.page(CONSENT.path, request_id=scene.request_id, decision="deny"),
    ),
    Operation(
        name="password grant",
        call=lambda scene, _: scene.token(grant_type="password", username=scene.user.user_name, password=PASSWORD),
    ),
    Operation(
        name="sign in",
        call=lambda scene, _: scene.visit(LOGIN.path, user_name=scene.user.user_name, password=PASSWORD, next=""),
    ),
    Operation(
        name="revoke token",
        call=lambda scene, _: Call(
            path=REVOKE.path, form={"token": scene.tokens["refresh_token"]}, headers=scene.auth
        ),
        ends=frozenset({REFRESHED}),
    ),
    Operation(
        name="disconnect",
        call=lambda scene, _: scene.page(REVOKE_GRANT.at(client_id=scene.app.client_id)),
        ends=GRANTS,
    ),
    Operation(name="disconnect all", call=lambda scene, _: scene.page(REVOKE_GRANTS.path), ends=GRANTS),
    Operation(
        name="change password",
        call=lambda scene, _: scene.page(
            CHANGE_PASSWORD.path, current_password=PASSWORD, new_password="another one of 2026", end_grants="on"
        ),
        ends=EVERYTHING | {SESSIONS},
    ),
    Operation(
        name="delete account",
        call=lambda scene, _: scene.page(
            DELETE_ACCOUNT.path, confirm_name=scene.user.user_name, current_password=PASSWORD
        ),
        ends=EVERYTHING | {SESSIONS},
    ),
    Operation(
        name="deactivate user", call=_admin_user("deactivate"), ends=EVERYTHING,
    ),
    Operation(name="reactivate user", call=_admin_user("reactivate")),
    Operation(
        name="limit user",
        call=_admin_user("scope", scope_rule="chosen", scope="read"),
        ends=GRANTS,  # granted within a code's lifetime, and wider
    ),
    Operation(
        name="delete app",
        call=lambda scene, _: scene.page(DELETE_APP.at(client_id=scene.app.client_id), confirm_name=scene.app.name),
        ends=EVERYTHING,
    ),
    Operation(name="deactivate app", call=_admin_app("deactivate"), ends=EVERYTHING),
    Operation(name="activate app", call=_admin_app("activate")),
    Operation(
        name="hand over",
        call=lambda scene, director: scene.page(
            ADMIN_CHANGE_APP.at(client_id=scene.app.client_id),
            director.admin_cookie, action="hand_over", owner=director.admin_name, version="1",
        ),
    ),
    Operation(name="sign out everywhere", call=lambda scene, _: scene.page(SIGN_OUT_EVERYWHERE.path)),
    Operation(name="create app", call=lambda scene, _: scene.page(CREATE_APP.path, **_app_form("Another app"))),
    Operation(
        name="rename app",
        call=lambda scene, _: scene.page(
            UPDATE_APP.at(client_id=scene.app.client_id), version="1", confirmed="yes", **_app_form("Renamed app")
        ),
    ),
    Operation(
        name="new secret", call=lambda scene, _: scene.page(NEW_SECRET.at(client_id=scene.app.client_id))
    ),
    Operation(
        name="confirm address",
        call=lambda scene, _: scene.visit(CONFIRM.path, token=scene.link, password=PASSWORD),
    ),
)  # fmt: skip
NAMED = {operation.name: operation for operation in OPERATIONS}
