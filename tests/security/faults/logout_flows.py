"""The flows of apps that sign their users out."""

from __future__ import annotations

from dataclasses import replace

from gatepost.authentication.sessions import SESSION_COOKIE, form_token
from gatepost.model.records import User
from gatepost.oidc.id_token import issue_id_token
from gatepost.routes import LOGOUT, OPENID_LOGOUT, POST_OPENID_LOGOUT
from tests.security.faults.authorize_flows import told_once
from tests.security.faults.events import event, page
from tests.security.faults.flow import Flows
from tests.security.faults.page_flows import SIGNED_OUT, signed_out
from tests.security.faults.world import ALICE, ROOT, Answer, Event, World

FLOWS = Flows()
BYE = "https://client.example.test/bye"


def hint(world: World, user: User = ALICE, uri: str = BYE) -> dict[str, str]:
    """The parameters of the web app, which has registered where to go afterwards."""
    app = replace(world.web, post_logout_redirect_uris=(BYE,), version=world.web.version + 1)
    world.store.update_app(app, before=world.web)
    id_token = issue_id_token(
        world.server.keys.signer(world.now),
        world.settings,
        sub=user.user_id,
        client_id=app.client_id,
        auth_time=int(world.now),
        sid="a session",
        nonce="",
        access_token="an access token",
        lifetime=60,
        now=world.now,
    )
    return {"id_token_hint": id_token, "post_logout_redirect_uri": uri}


@FLOWS.add("logout", "by an app", "303 /bye, signed out", check=signed_out, openid=True)
def _(world: World) -> Event:
    return page(OPENID_LOGOUT, query=hint(world))


@FLOWS.add("logout", "the question", "200", openid=True)
def _(world: World) -> Event:
    return page(OPENID_LOGOUT)


@FLOWS.add("logout", "the question about another user", "200", openid=True)
def _(world: World) -> Event:
    return page(OPENID_LOGOUT, query=hint(world, ROOT))


@FLOWS.add("logout", "the yes", "200", check=signed_out, openid=True)
def _(world: World) -> Event:
    return page(POST_OPENID_LOGOUT)


@FLOWS.add("logout", "the yes about another user", "303 /bye, signed out", check=signed_out, openid=True)
def _(world: World) -> Event:
    return page(POST_OPENID_LOGOUT, form=hint(world, ROOT))


def nothing_ended(world: World, answer: Answer | None) -> None:
    """Check that nobody was told of an end, and that alice is still signed in."""
    assert world.cloud.queue.sent == []
    assert len(world.store.sessions_of(ALICE.user_id)) == 1


@FLOWS.add("logout", "with a cookie of no session", "200", check=nothing_ended, openid=True, backchannel_logout=True)
def _(world: World) -> Event:
    return event(OPENID_LOGOUT, cookies={SESSION_COOKIE: f"{ALICE.user_id}.{'x' * 43}"})


@FLOWS.add("console", "sign out, no session", SIGNED_OUT, check=nothing_ended, openid=True, backchannel_logout=True)
def _(world: World) -> Event:
    cookie = f"{ALICE.user_id}.{'x' * 43}"
    return event(LOGOUT, form={"form_token": form_token(cookie)}, cookies={SESSION_COOKIE: cookie})


@FLOWS.add("logout", "URI that is not registered", "400", check=told_once, openid=True)
def _(world: World) -> Event:
    return page(OPENID_LOGOUT, query=hint(world, uri=f"{BYE}/"))
