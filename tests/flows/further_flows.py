"""Flows that use rights which no flow of the fault matrix uses: older records, apps beside others, waiting links."""

from __future__ import annotations

from typing import Any

from gatepost import routes
from gatepost.authentication.passwords import hash_password
from gatepost.authentication.sessions import DEVICE_COOKIE, SESSION_COOKIE, form_token
from gatepost.model.feed import Parts
from gatepost.model.logout import SessionEnd
from gatepost.model.records import App, Login
from gatepost.model.sessions import SignedInto
from gatepost.scope import Scope
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.record_keys import AppKey, GrantKey, LoginKey
from gatepost.stores.schema import TOKENS
from tests.contract.records import PROBLEM
from tests.security.faults.account_flows import PASSWORDS, connected, hint
from tests.security.faults.admin_flows import ALICES, TO_USER, promoted, user
from tests.security.faults.app_flows import IT, api
from tests.security.faults.authorization_flows import answer_form, ask, record, remember, with_logo
from tests.security.faults.backchannel_flows import (
    LOGGED_OUT_AT,
    OTHER_SESSION,
    SID,
    TELLING,
    received,
    signed_into,
    signed_into_now,
)
from tests.security.faults.events import by_web, event, page, visitor
from tests.security.faults.flow import flow
from tests.security.faults.registration_flows import STRANGER, registered
from tests.security.faults.status_flows import compacted, opened
from tests.security.faults.visitor_flows import (
    BOTH_COOKIES,
    DEVICE,
    SIGN_IN,
    failed_here_before,
    registration_link,
)
from tests.security.faults.world import ALICE, COOKIES, LINK_TOKEN, NEW_PASSWORD, ROOT, VISITOR, Event, World
from tests.unit.world import CALLBACK, NOW, PASSWORD, VERIFIER, WEB

TOLD: dict[str, Any] = {**TELLING, "default_scopes": Scope.of("openid")}
CODE = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}


def aged(world: World) -> None:
    """Make every session an hour old, so that a page of the console notes its use; apps have problems, one a logo."""
    for each in (ALICE, ROOT):
        for session in world.store.sessions_of(each.user_id):
            world.store.start_session(session._replace(created_at=session.created_at - 3600))
    for client_id in (WEB, STRANGER):
        world.store.note_problems(PROBLEM._replace(client_id=client_id))
    values = {":logo": {"S": "of an image"}}
    world.store._tables.update(*place(AppKey(WEB)), "SET logo = :logo", "attribute_exists(client_id)", values)


def asleep(world: World) -> None:
    """All access tokens of alice's grants have expired, as far as the grants know."""
    connected(world)
    for grant in world.store.grants_of(ALICE.user_id):
        values = {":then": {"N": str(grant.last_used_at - 100_000)}}
        key = place(GrantKey(grant.grant_id))[1]
        world.store._tables.update(TOKENS, key, "SET last_used_at = :then", "attribute_exists(pk)", values)


def changed(world: World, app: App, **changes: Any) -> App:
    """Change an app; return it."""
    after = app._replace(**changes, version=app.version + 1)
    world.store.update_app(after, before=app)
    return after


def asked_to_sign_in(world: World) -> None:
    """The web app, which is told of logouts, asks to sign alice in."""
    told = {"id_token_signed_response_alg": "ES256", "backchannel_logout_uri": LOGGED_OUT_AT}
    world.pending(changed(world, world.web, scope=Scope.of("openid"), **told))


def allowed_to_sign_in(world: World) -> None:
    asked_to_sign_in(world)
    world.call("consent", answer_form("allow"))


def ask_with_a_hint(world: World) -> Event:
    asked = hint(world)
    (app,) = world.store.read(AppKey(WEB))
    assert app is not None
    changed(world, app, scope=Scope.of("openid"), id_token_signed_response_alg="ES256")
    return ask(scope="openid", prompt="none", id_token_hint=asked["id_token_hint"])


def code_of_a_stranger(world: World) -> Event:
    registered(world)
    (app,) = world.store.read(AppKey(STRANGER))
    assert app is not None
    code = world.grant_code(changed(world, app, redirect_uris=(CALLBACK,)))
    return event(routes.TOKEN, form={**CODE, "client_id": STRANGER, "code": code})


def userinfo_that_is_signed(world: World) -> Event:
    compacted(world)
    changed(world, world.web, userinfo_signed_response_alg="ES256")
    return opened(world, routes.USERINFO)


def sent_after_a_compaction(route: routes.Route) -> Any:
    def request(world: World) -> Event:
        compacted(world)
        return by_web(route, token=world.tokens().access_token)

    return request


def revoke_what_sleeps(world: World) -> Event:
    token = world.tokens().refresh_token
    asleep(world)
    return by_web(routes.REVOKE, token=token)


def revoke_in_parts(world: World) -> Event:
    world.store.compactor().announce(Parts(), Parts(1, since=NOW - 1))
    return by_web(routes.REVOKE, token=world.tokens().access_token)


def both_signed_into(world: World) -> None:
    """Alice is connected with both apps, and a session that ended was signed in to both."""
    connected(world)
    signed_into(world)
    client_id = changed(world, world.native, redirect_uris=(CALLBACK,)).client_id
    times: dict[str, Any] = {"first_at": NOW, "last_at": NOW, "ends_at": NOW + 3600}
    sign_in = SignedInto(user_id=ALICE.user_id, session_id=SID, client_id=client_id, **times)
    code = world.grant_code(world.native, signed_into=sign_in)
    world.call("token", event(routes.TOKEN, form={**CODE, "client_id": client_id, "code": code}))


def hash_of_another_cost(world: World) -> None:
    (login,) = world.store.read(LoginKey("alice"))
    assert isinstance(login, Login)
    world.store.replace_hash("alice", login, hash_password(PASSWORD, cost=5))


def reset_link(world: World) -> None:
    connected(world)
    world.link("reset")


def delete_known(world: World) -> Event:
    """Delete the app of a document, with its logo."""
    with_logo(world)
    app = record(world)
    form = {"action": "delete", "version": str(app.version)}
    return page(routes.ADMIN_CHANGE_APP, ROOT, at={"client_id": app.client_id}, form=form)


COOKIE = COOKIES[ALICE.user_id]
OF_A_KNOWN_BROWSER = {SESSION_COOKIE: COOKIE, DEVICE_COOKIE: DEVICE}
BY_VISITOR = {"form_token": form_token(VISITOR), "token": LINK_TOKEN, "password": PASSWORD}
RESET = {"token": LINK_TOKEN, "new_password": NEW_PASSWORD, "end_grants": "on"}
GOING = {"confirm_name": "alice", "current_password": PASSWORD}
FROM_WEB = {"next": f"/developer/auth?client_id={WEB}"}
TO_ACCOUNT = "303 /developer/account "
ADDRESS = {"email": "new@example.test", "current_password": PASSWORD}
FORGOTTEN = {"form_token": form_token(COOKIE), **PASSWORDS}
END = SessionEnd(user_id=ALICE.user_id, at=NOW, session_hash=OTHER_SESSION)

FLOWS = (
    flow("consent", "allow a sign-in", answer_form("allow"), "303 code", given=asked_to_sign_in, **TOLD),
    flow("authorize", "a sign-in that is remembered", ask(scope="openid"), "303 code",
         given=allowed_to_sign_in, **TOLD),
    flow("authorize", "a remembered approval implies it", ask(scope="write"), "303 code", given=remember,
         scope_implies={"read": ["write"]}),
    flow("authorize", "an ID token as a hint", ask_with_a_hint, "303 consent_required", **TOLD),
    flow("token", "first code of an app that registered itself", code_of_a_stranger, dynamic_registration="open"),
    flow("logout", "by an app, of a browser without a session",
         lambda world: event(routes.OPENID_LOGOUT, query=hint(world)), "303 /bye, signed out", openid=True),
    flow("userinfo", "signed, after a compaction", userinfo_that_is_signed, openid=True, signed_userinfo=True),
    flow("revoke", "a feed in parts", revoke_in_parts, feed_parts=1),
    flow("revoke", "after a compaction", sent_after_a_compaction(routes.REVOKE)),
    flow("introspect", "after a compaction", sent_after_a_compaction(routes.INTROSPECT)),
    flow("revoke", "wrong secret", by_web(routes.REVOKE, "wrong", token="x"), "401 invalid_client"),
    flow("introspect", "wrong secret", by_web(routes.INTROSPECT, "wrong", token="x"), "401 invalid_client"),
    flow("admin", "overview, for the first time", page(routes.ADMIN_OVERVIEW_PAGE, ROOT)),
    flow("revoke", "a grant that sleeps", revoke_what_sleeps),
    flow("connections", "end a grant that sleeps", page(routes.REVOKE_GRANT, **IT),
         "303 /developer/grants disconnected", given=asleep),
    flow("consumer", "end a grant that sleeps", api(routes.API_END_GRANT, **IT), "204", given=asleep),
    flow("admin", "end a grant that sleeps", page(routes.ADMIN_DISCONNECT, ROOT, at={**ALICES, "client_id": WEB}),
         f"{TO_USER}disconnected", given=asleep),
    flow("connections", "two apps", page(routes.GRANTS_PAGE), given=both_signed_into, **TELLING),
    flow("consumer", "two apps", api(routes.API_GRANTS), given=both_signed_into, **TELLING),
    flow("account", "two apps", page(routes.ACCOUNT_PAGE), given=both_signed_into, **TELLING),
    flow("backchannel_logout", "an end for two apps", received(END), "told", given=both_signed_into, **TELLING),
    flow("console", "sign in, hash of another cost", visitor(routes.LOGIN, form=SIGN_IN), "303 /developer",
         given=hash_of_another_cost),
    flow("registration", "page, from an app", visitor(routes.REGISTER_PAGE, query=FROM_WEB)),
    flow("registration", "confirmed by somebody who is signed in",
         event(routes.CONFIRM, form=BY_VISITOR, cookies=BOTH_COOKIES), "303 /developer",
         given=registration_link, **TELLING),
    flow("recovery", "reset, with apps", visitor(routes.RESET, form=RESET), given=reset_link),
    flow("account", "password, in a browser that is known",
         event(routes.CHANGE_PASSWORD, form=FORGOTTEN, cookies=OF_A_KNOWN_BROWSER), f"{TO_ACCOUNT}password_changed",
         given=failed_here_before),
    flow("account", "password, with an app of the session", page(routes.CHANGE_PASSWORD, form=PASSWORDS),
         f"{TO_ACCOUNT}password_changed", given=signed_into_now, **TELLING),
    flow("account", "address, without mail", page(routes.CHANGE_EMAIL, form=ADDRESS), f"{TO_ACCOUNT}email_changed",
         mail_sender=""),
    flow("account", "delete, of an administrator", page(routes.DELETE_ACCOUNT, form=GOING),
         "303 /developer/goodbye, signed out", given=promoted),
    flow("admin", "groups", user(action="groups", groups="staff"), f"{TO_USER}user_changed"),
    flow("admin", "delete the app of a document", delete_known, "303 /developer/admin/apps app_deleted",
         client_id_documents="open"),
)  # fmt: skip
