"""Flows that use rights which no flow of the fault matrix uses: older records, apps beside others, waiting links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.security.faults.admin_access_flows import ALICES, TO_USER
from tests.security.faults.authorize_flows import answer_form, ask, grants, remember
from tests.security.faults.consumer_flows import api, of_web_api
from tests.security.faults.document_flows import known
from tests.security.faults.logout_flows import hint
from tests.security.faults.page_flows import CONFIRMING, registration_link, sign_in_form

from gatepost import routes as r
from gatepost.authentication.passwords import hash_password
from gatepost.authentication.sessions import DEVICE_COOKIE, SESSION_COOKIE, VISITOR_COOKIE, form_token, public_id
from gatepost.authentication.throttling import DEVICE_LIFETIME, device_key
from gatepost.identifiers import digest
from gatepost.model.logout import SessionEnd
from gatepost.model.records import Login
from gatepost.model.sessions import SignedInto
from gatepost.scope import Scope
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.record_keys import AppKey, GrantKey, LoginKey
from gatepost.stores.schema import TOKENS
from tests.contract.records import PROBLEM
from tests.security.faults.account_flows import PASSWORDS, connected
from tests.security.faults.admin_flows import USER_CHANGED, change_user
from tests.security.faults.app_flows import app, of_web
from tests.security.faults.backchannel_flows import OTHER_SESSION, SID, TELLING, received, signed_into
from tests.security.faults.events import event, page, visitor
from tests.security.faults.flow import Flows
from tests.security.faults.registration_flows import STRANGER, registered
from tests.security.faults.status_flows import compacted, opened, owned
from tests.security.faults.world import ALICE, COOKIES, LINK_TOKEN, NEW_PASSWORD, ROOT, VISITOR, Event, World
from tests.unit.world import CALLBACK, NOW, PASSWORD, VERIFIER

FLOWS = Flows()
TOLD: dict[str, Any] = {**TELLING, "default_scopes": Scope.of("openid")}


def aged(world: World) -> None:
    """Make every session an hour old, so that a page of the console notes its use; apps have problems."""
    for user in (ALICE, ROOT):
        for session in world.store.sessions_of(user.user_id):
            world.store.start_session(replace(session, created_at=session.created_at - 3600))
    for client_id in (world.web.client_id, STRANGER):
        world.store.note_problems(replace(PROBLEM, client_id=client_id))


def asleep(world: World) -> None:
    """All access tokens of alice's grants have expired, as far as the grants know."""
    connected(world)
    for grant in world.store.grants_of(ALICE.user_id):
        values = {":then": {"N": str(grant.last_used_at - 100_000)}}
        key = place(GrantKey(grant.grant_id))[1]
        world.store._tables.update(TOKENS, key, "SET last_used_at = :then", "attribute_exists(pk)", values)


def signs_users_in(world: World) -> None:
    """The web app signs users in and is told of logouts."""
    before = app(world)
    told: dict[str, Any] = {
        "id_token_signed_response_alg": "ES256",
        "backchannel_logout_uri": "https://client.example.test/logout",
    }
    world.store.update_app(replace(before, scope=Scope.of("openid"), **told, version=before.version + 1), before=before)


@FLOWS.add("consent", "allow a sign-in", "303 code", **TOLD)
def _(world: World) -> Event:
    signs_users_in(world)
    world.pending(app(world))
    return answer_form("allow")


@FLOWS.add("authorize", "a sign-in that is remembered", "303 code", **TOLD)
def _(world: World) -> Event:
    signs_users_in(world)
    world.pending(app(world))
    world.call("consent", answer_form("allow"))
    return ask(world, scope="openid")


@FLOWS.add("authorize", "a remembered approval implies it", "303 code", scope_implies={"read": ["write"]})
def _(world: World) -> Event:
    remember(world)
    return ask(world, scope="write")


@FLOWS.add("authorize", "an ID token as a hint", "303 consent_required", **TOLD)
def _(world: World) -> Event:
    asked = hint(world)
    signs_users_in(world)
    return ask(world, scope="openid", prompt="none", id_token_hint=asked["id_token_hint"])


@FLOWS.add("token", "first code of an app that registered itself", "200", dynamic_registration="open")
def _(world: World) -> Event:
    registered(world, redirect_uris=(CALLBACK,))
    (stranger,) = world.store.read(AppKey(STRANGER))
    sent = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return event(r.TOKEN, form={**sent, "client_id": STRANGER, "code": world.grant_code(stranger)})


@FLOWS.add("logout", "by an app, of a browser without a session", "303 /bye, signed out", openid=True)
def _(world: World) -> Event:
    return event(r.OPENID_LOGOUT, query=hint(world))


@FLOWS.add("userinfo", "signed, after a compaction", "200", openid=True, signed_userinfo=True)
def _(world: World) -> Event:
    compacted(world)
    before = app(world)
    after = replace(before, userinfo_signed_response_alg="ES256", version=before.version + 1)
    world.store.update_app(after, before=before)
    return opened(world, r.USERINFO)


for _function, _route in {"revoke": r.REVOKE, "introspect": r.INTROSPECT}.items():

    @FLOWS.add(_function, "after a compaction", "200")
    def _(world: World, _route: r.Route = _route) -> Event:
        compacted(world)
        return owned(world, _route, world.tokens().access_token)


@FLOWS.add("revoke", "a grant that sleeps", "200")
def _(world: World) -> Event:
    token = world.tokens().refresh_token
    asleep(world)
    return owned(world, r.REVOKE, token)


OF_WEB: tuple[tuple[str, str, Callable[[World], Event]], ...] = (
    ("connections", "303 /developer/grants disconnected", lambda world: of_web(world, r.REVOKE_GRANT)),
    ("consumer", "204", lambda world: of_web_api(world, r.API_END_GRANT)),
    ("admin", f"{TO_USER}disconnected",
     lambda world: page(r.ADMIN_DISCONNECT, ROOT, at={**ALICES, "client_id": world.web.client_id})),
)  # fmt: skip
for _function, _answer, _asked in OF_WEB:

    @FLOWS.add(_function, "end a grant that sleeps", _answer)
    def _(world: World, _asked: Callable[[World], Event] = _asked) -> Event:
        asleep(world)
        return _asked(world)


def tokens_of_native(world: World) -> None:
    sent = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    before = world.native
    world.store.update_app(replace(before, redirect_uris=(CALLBACK,), version=before.version + 1), before=before)
    code = world.grant_code(before)
    world.call("token", event(r.TOKEN, form={**sent, "client_id": world.native.client_id, "code": code}))


def both_signed_into(world: World) -> None:
    connected(world)
    signed_into(world)
    tokens_of_native(world)
    client_id = world.native.client_id
    (grant,) = (each for each in grants(world) if each.client_id == client_id)
    times = {"first_at": NOW, "last_at": NOW, "ends_at": NOW + 3600}
    sign_in = SignedInto(user_id=ALICE.user_id, session_id=SID, client_id=client_id, **times)
    world.store.approve(grant, user=ALICE, code=None, approval=None, signed_into=sign_in)


OF_BOTH: dict[str, Event] = {
    "connections": page(r.GRANTS_PAGE),
    "consumer": api(r.API_GRANTS),
    "account": page(r.ACCOUNT_PAGE),
}
for _function, _event in OF_BOTH.items():

    @FLOWS.add(_function, "two apps", "200", **TELLING)
    def _(world: World, _event: Event = _event) -> Event:
        both_signed_into(world)
        return _event


@FLOWS.add("backchannel_logout", "an end for two apps", "told", **TELLING)
def _(world: World) -> Event:
    both_signed_into(world)
    return received(SessionEnd(user_id=ALICE.user_id, at=NOW, session_hash=OTHER_SESSION))


@FLOWS.add("console", "sign in, hash of another cost", "303 /developer")
def _(world: World) -> Event:
    (login,) = world.store.read(LoginKey("alice"))
    assert isinstance(login, Login)
    world.store.replace_hash("alice", login, hash_password(PASSWORD, cost=5))
    return visitor(r.LOGIN, form=sign_in_form())


@FLOWS.add("registration", "page, from an app", "200")
def _(world: World) -> Event:
    return visitor(r.REGISTER_PAGE, query={"next": f"/developer/auth?client_id={world.web.client_id}"})


@FLOWS.add("registration", "confirmed by somebody who is signed in", "303 /developer", **TELLING)
def _(world: World) -> Event:
    registration_link(world)
    cookies = {VISITOR_COOKIE: VISITOR, SESSION_COOKIE: COOKIES[ALICE.user_id]}
    return event(r.CONFIRM, form={**CONFIRMING, "form_token": form_token(VISITOR)}, cookies=cookies)


@FLOWS.add("recovery", "reset, with apps", "303 /developer")
def _(world: World) -> Event:
    connected(world)
    world.link("reset")
    return visitor(r.RESET, form={"token": LINK_TOKEN, "new_password": NEW_PASSWORD, "end_grants": "on"})


@FLOWS.add("account", "password, in a browser that is known", "303 /developer/account password_changed")
def _(world: World) -> Event:
    cookie, device = COOKIES[ALICE.user_id], f"{ALICE.user_id}.{digest('a device')}"
    world.store.trust_device(device_key(device).name_hash, now=NOW, expires_at=NOW + DEVICE_LIFETIME)
    cookies = {SESSION_COOKIE: cookie, DEVICE_COOKIE: device}
    return event(r.CHANGE_PASSWORD, form={**PASSWORDS, "form_token": form_token(cookie)}, cookies=cookies)


@FLOWS.add("account", "password, with an app of the session", "303 /developer/account password_changed", **TELLING)
def _(world: World) -> Event:
    (session,) = world.store.sessions_of(ALICE.user_id)
    signed_into(world, public_id(session))
    return page(r.CHANGE_PASSWORD, form=PASSWORDS)


@FLOWS.add("account", "address, without mail", "303 /developer/account email_changed", mail_sender="")
def _(world: World) -> Event:
    return page(r.CHANGE_EMAIL, form={"email": "new@example.test", "current_password": PASSWORD})


@FLOWS.add("account", "delete, of an administrator", "303 /developer/goodbye, signed out")
def _(world: World) -> Event:
    world.store.set_user_rights(ALICE.user_id, role="administrator")
    return page(r.DELETE_ACCOUNT, form={"confirm_name": "alice", "current_password": PASSWORD})


@FLOWS.add("admin", "groups", USER_CHANGED)
def _(world: World) -> Event:
    return change_user(action="groups", groups="staff")


@FLOWS.add("admin", "delete the app of a document", "303 /developer/admin/apps app_deleted", client_id_documents="open")
def _(world: World) -> Event:
    found = known(world, now=world.now)
    form = {"action": "delete", "version": str(found.version)}
    return page(r.ADMIN_CHANGE_APP, ROOT, at={"client_id": found.client_id}, form=form)
