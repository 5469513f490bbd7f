"""The flows of the account page, and of signing out: address, password, sessions and the end of the account."""

from __future__ import annotations

from typing import Any

from gatepost import routes
from gatepost.authentication.sessions import SESSION_COOKIE, form_token
from gatepost.authentication.sign_in import check_may_enter
from gatepost.identifiers import digest
from gatepost.model.records import User
from gatepost.model.sessions import Session
from gatepost.oidc.id_token import issue_id_token
from gatepost.stores.dynamodb.app_owners import CLOSED
from gatepost.stores.record_keys import SessionKey, UserKey
from tests.security.faults.authorization_flows import remember, told_once
from tests.security.faults.events import event, page
from tests.security.faults.flow import every, flow, gone, grants
from tests.security.faults.visitor_flows import account, mailed, password_changed, password_is
from tests.security.faults.world import ALICE, COOKIES, NEW_PASSWORD, ROOT, Answer, World
from tests.unit.world import NOW, PASSWORD, WEB

LOGIN_AGAIN, SIGNED_OUT = "303 /developer/login", "303 /developer/login, signed out"
SESSION = SessionKey(ALICE.user_id, digest(COOKIES[ALICE.user_id]))
BYE = "https://client.example.test/bye"
NO_SESSION = f"{ALICE.user_id}.{'x' * 43}"


def connected(world: World) -> None:
    """Alice approved the web app and it has tokens; another code waits."""
    remember(world)
    world.tokens()
    world.now += 2


def second_session(world: World) -> None:
    world.store.start_session(
        Session(session_hash=digest("other"), user_id=ALICE.user_id, created_at=NOW - 5, expires_at=NOW + 999)
    )


def half_deleted(world: World) -> None:
    """The deletion of the account was decided, and nothing done."""
    connected(world)
    world.store.begin_deletion(account(world), valid_from=int(world.now), revocation=None, besides=None)


def hint(world: World, user: User = ALICE, uri: str = BYE) -> dict[str, str]:
    """The parameters of the web app, which has registered where to go afterwards."""
    app = world.web._replace(post_logout_redirect_uris=(BYE,), version=world.web.version + 1)
    world.store.update_app(app, before=world.web)
    id_token = issue_id_token(
        world.server.keys.signer(world.now),
        world.settings,
        sub=user.user_id,
        client_id=WEB,
        auth_time=int(world.now),
        sid="a session",
        nonce="",
        access_token="an access token",
        lifetime=60,
        now=world.now,
    )
    return {"id_token_hint": id_token, "post_logout_redirect_uri": uri}


def all_ended(world: World, answer: Answer | None) -> None:
    """Check that every earlier grant is void."""
    assert all(grant.created_at <= account(world).grants_valid_from for grant in grants(world))
    assert world.store.approvals_of(ALICE.user_id) == []


def other_ended(world: World, answer: Answer | None) -> None:
    assert [each.session_hash for each in world.store.sessions_of(ALICE.user_id)] == [SESSION.session_hash]


def none_left(world: World, answer: Answer | None) -> None:
    valid_from = account(world).sessions_valid_from
    assert all(each.created_at < valid_from for each in world.store.sessions_of(ALICE.user_id))


def nothing_ended(world: World, answer: Answer | None) -> None:
    """Check that nobody was told of an end, and that alice is still signed in."""
    assert world.cloud.queue.sent == []
    assert len(world.store.sessions_of(ALICE.user_id)) == 1


def account_gone(world: World, answer: Answer | None) -> None:
    gone(UserKey(ALICE.user_id))(world, answer)
    assert [item for items in world.cloud.items().values() for item in items if item_of_alice(item)] == []


def item_of_alice(item: dict[str, dict[str, str]]) -> bool:
    """Whether an item belongs to the account, and is no trace of actions: the blocked count expires by itself."""
    if item.get("apps") == CLOSED and "ttl" in item:
        return False
    if "event" in item or "code_hash" in item or item.get("pk", {}).get("S") == "feed":
        return False
    return any(ALICE.user_id in value.get("S", "") for value in item.values())


def account_stands(world: World, answer: Answer | None) -> None:
    """It is gone, or as it was, or nothing of it counts and its owner can sign in to finish the deletion."""
    (user,) = world.store.read(UserKey(ALICE.user_id))
    if user is None:
        return
    assert password_is(world, PASSWORD)
    if user.status == "active":
        assert user.grants_valid_from == ALICE.grants_valid_from
        assert world.store.read(SESSION) != (None,)
    else:
        assert (user.status, check_may_enter(user)) == ("leaving", user)


signed_out = gone(SESSION)
# Nothing is redeemed by a code that outlives its grant, for a minute; the owner goes on after a sign-in.
HALFWAY = ("code without its grant", "deletion that stopped")
PASSWORDS = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
FLOWS = [
    flow(
        *("account", "address, by mail"),
        page(routes.CHANGE_EMAIL, form={"email": "new@example.test", "current_password": PASSWORD}),
        "303 /developer/account mail_sent",
        check=mailed,
    ),
    flow(
        *(
            "account",
            "password",
            page(routes.CHANGE_PASSWORD, form=PASSWORDS),
            "303 /developer/account password_changed",
        ),
        check=password_changed,
        again=LOGIN_AGAIN,
    ),
    flow(
        *(
            "account",
            "password, and every app ends",
            page(routes.CHANGE_PASSWORD, form={**PASSWORDS, "end_grants": "on"}),
        ),
        "303 /developer/account password_changed",
        given=connected,
        check=every(password_changed, all_ended),
        again=LOGIN_AGAIN,
    ),
    flow(
        *("account", "end a session", page(routes.END_SESSION, at={"session_id": digest("other")})),
        "303 /developer/account session_ended",
        given=second_session,
        check=other_ended,
    ),
    flow(
        "account", "page of a deletion that stopped", page(routes.ACCOUNT_PAGE), given=half_deleted, tolerated=HALFWAY
    ),
]
FLOWS += [
    flow(
        *("account", name, request, "303 /developer/goodbye, signed out"),
        given=given,
        check=account_gone,
        unless=account_stands,
        again=LOGIN_AGAIN,
        tolerated=HALFWAY,
    )
    for name, given, request in (
        (
            "delete",
            connected,
            page(routes.DELETE_ACCOUNT, form={"confirm_name": "alice", "current_password": PASSWORD}),
        ),
        ("go on with a deletion", half_deleted, page(routes.DELETE_ACCOUNT)),
    )
]
FORGOTTEN: dict[str, Any] = {"cookies": {SESSION_COOKIE: NO_SESSION}}
FLOWS += [
    flow(
        *("logout", "by an app", lambda world: page(routes.OPENID_LOGOUT, query=hint(world)), "303 /bye, signed out"),
        check=signed_out,
        openid=True,
    ),
    flow("logout", "the question", page(routes.OPENID_LOGOUT), openid=True),
    flow(
        *(
            "logout",
            "the yes about another user",
            lambda world: page(routes.POST_OPENID_LOGOUT, form=hint(world, ROOT)),
        ),
        "303 /bye, signed out",
        check=signed_out,
        openid=True,
    ),
    flow(
        *("logout", "with a cookie of no session", event(routes.OPENID_LOGOUT, **FORGOTTEN)),
        check=nothing_ended,
        openid=True,
        backchannel_logout=True,
    ),
    flow(
        *("console", "sign out, no session"),
        *(event(routes.LOGOUT, form={"form_token": form_token(NO_SESSION)}, **FORGOTTEN), SIGNED_OUT),
        check=nothing_ended,
        openid=True,
        backchannel_logout=True,
    ),
    flow(
        *("logout", "URI that is not registered"),
        *(lambda world: page(routes.OPENID_LOGOUT, query=hint(world, uri=f"{BYE}/")), "400"),
        check=told_once,
        openid=True,
    ),
]
