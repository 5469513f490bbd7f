"""Back-channel logout: the modules of the Foundation's plan by their names, and apps that listen on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest

from gatepost.routes import (
    ACCOUNT_PAGE,
    ADMIN_CHANGE_USER,
    ADMIN_END_SESSION,
    ADMIN_END_SESSIONS,
    ADMIN_USER_PAGE,
    CHANGE_PASSWORD,
    DELETE_ACCOUNT,
    END_SESSION,
    JWKS,
    LOGOUT,
    OPENID_METADATA,
    SIGN_OUT_EVERYWHERE,
    WHOAMI,
)
from infra.local.deployment import Deployment
from tests.answers import redeem
from tests.browsing import Browser, answer_of, post
from tests.http.openid import SCOPES, claims_of, signed_in_again, silent
from tests.people import Client, Person, get, new_client, new_person
from tests.unit.http.other_side import OtherSide, answering

OK, GONE, REFUSED = (f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode() for status in (200, 204, 400))
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class App:
    """An app that is told of logouts: what it receives are logout tokens."""

    client: Client
    side: OtherSide
    read: int = 0
    seen: list[dict[str, Any]] = field(default_factory=list)

    def sign_in(self, browser: Browser) -> str:
        """Sign the browser's user in; return `sid`."""
        answer = browser.get(self.client.authorize_path(scope="openid"))
        code = answer_of(answer if answer.is_redirect else browser.decide(answer, "allow"))["code"]
        token = redeem(self.client, code).json()["id_token"]
        return str(claims_of(self.client.deployment, token, self.client)["sid"])

    def logouts(self) -> list[dict[str, Any]]:
        """The verified logout tokens that came since the last time."""
        requests, self.read = self.side.requests[self.read :], len(self.side.requests)
        return [self._verified(request) for request in requests]

    def logout(self, *, seconds: float = 10) -> dict[str, Any]:
        """Wait for one logout token."""
        assert reached(lambda: len(self.side.requests) > self.read, seconds=seconds), "no logout token came"
        (token,) = self.logouts()
        return token

    def _verified(self, request: bytes) -> dict[str, Any]:
        """Check as §2.6 says, with the published keys."""
        head, _, body = request.partition(b"\r\n\r\n")
        assert head.startswith(b"POST /logout?of=us HTTP/1.1\r\n")
        assert b"Content-Type: application/x-www-form-urlencoded" in head
        form = parse_qs(body.decode(), strict_parsing=True)
        (token,), deployment = form.pop("logout_token"), self.client.deployment
        assert not form
        header = jwt.get_unverified_header(token)
        assert (header["typ"], header["alg"]) == ("logout+jwt", "RS256")
        keys = jwt.PyJWKSet.from_dict(get(deployment, JWKS.path, None).json())
        required = ["iss", "aud", "iat", "exp", "jti", "events"]
        claims: dict[str, Any] = jwt.decode(
            *(token, keys[header["kid"]]),
            algorithms=["RS256"],
            audience=self.client.app.client_id,
            issuer=deployment.settings.issuer,
            options={"require": required},
        )
        assert "nonce" not in claims
        assert claims["events"] == {EVENT: {}}
        assert 0 < claims["exp"] - claims["iat"] <= 120
        self.seen.append({**claims, "token": token})
        return claims


def reached(holds: Callable[[], bool], *, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def listening(deployment: Deployment, owner: Person, side: OtherSide) -> App:
    client = new_client(deployment, owner, scope=SCOPES)
    tell_at(deployment, client, f"http://127.0.0.1:{side.port}/logout?of=us")
    return App(client, side)


def tell_at(deployment: Deployment, client: Client, url: str) -> None:
    """Register the URL, as the app's form does."""
    deployment.client("dynamodb").update_item(
        TableName=deployment.tables["apps"],
        Key={"client_id": {"S": client.app.client_id}},
        UpdateExpression="SET backchannel_logout_uri = :url",
        ExpressionAttributeValues={":url": {"S": url}},
    )


@pytest.fixture
def app(deployment: Deployment, person: Person) -> Iterator[App]:
    with answering(OK) as side:
        yield listening(deployment, person, side)


@pytest.fixture
def other(deployment: Deployment, person: Person) -> Iterator[App]:
    with answering(GONE) as side:
        yield listening(deployment, person, side)


@pytest.fixture
def elsewhere(deployment: Deployment, person: Person) -> Browser:
    return entered(deployment, person)


def entered(deployment: Deployment, person: Person) -> Browser:
    browser = Browser(deployment.base_url)
    assert browser.sign_in(person.name, person.password).status_code == 303
    return browser


def signs_out(browser: Browser) -> None:
    assert post(browser, ACCOUNT_PAGE.path, LOGOUT.path).status_code == 303


def test_oidcc_backchannel_logout_discovery_endpoint_verification(deployment: Deployment) -> None:
    document = get(deployment, OPENID_METADATA.path, None).json()

    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True


def test_oidcc_backchannel_rp_initiated_logout(signed_in: Browser, person: Person, app: App) -> None:
    sid = app.sign_in(signed_in)

    signs_out(signed_in)

    token = app.logout()
    assert (token["sid"], token["sub"]) == (sid, person.user.user_id)
    assert silent(signed_in, app.client)["error"] == "login_required"


def test_every_app_of_the_session_is_told_and_no_other(
    deployment: Deployment, signed_in: Browser, elsewhere: Browser, person: Person, app: App, other: App
) -> None:
    sid = app.sign_in(signed_in)
    assert other.sign_in(signed_in) == sid
    with answering(OK) as side:
        third = listening(deployment, person, side)
        third.sign_in(elsewhere)
        quiet = new_client(deployment, person, scope=SCOPES)
        answer_of(signed_in.decide(signed_in.get(quiet.authorize_path(scope="openid")), "allow"))

        signs_out(signed_in)

        assert app.logout()["sid"] == other.logout()["sid"] == sid
        assert third.logouts() == []
    assert [each.client_id for each in deployment.store.sign_ins_of(person.user.user_id)[1]] == [
        third.client.app.client_id
    ]


def by_sign_out_everywhere(browser: Browser, person: Person, deployment: Deployment) -> None:
    post(browser, ACCOUNT_PAGE.path, SIGN_OUT_EVERYWHERE.path)


def by_deleting_the_account(browser: Browser, person: Person, deployment: Deployment) -> None:
    typed = {"confirm_name": person.name, "current_password": person.password}
    assert post(browser, ACCOUNT_PAGE.path, DELETE_ACCOUNT.path, **typed).status_code == 303


def by_another_user_here(browser: Browser, person: Person, deployment: Deployment) -> None:
    other = new_person(deployment)
    assert browser.sign_in(other.name, other.password).status_code == 303


def by_its_row_elsewhere(browser: Browser, person: Person, deployment: Deployment) -> None:
    (session,) = deployment.store.sessions_of(person.user.user_id)
    post(entered(deployment, person), ACCOUNT_PAGE.path, END_SESSION.at(session_id=session.session_hash))


def by_a_new_password_elsewhere(browser: Browser, person: Person, deployment: Deployment) -> None:
    typed = {"current_password": person.password, "new_password": "another password of 2026"}
    assert post(entered(deployment, person), ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **typed).status_code == 303


def by_an_administrator(action: str) -> Callable[[Browser, Person, Deployment], None]:
    def act(browser: Browser, person: Person, deployment: Deployment) -> None:
        boss, user_id = new_person(deployment), person.user.user_id
        deployment.store.set_user_rights(boss.user.user_id, role="administrator")
        (session,) = deployment.store.sessions_of(user_id)
        path, typed = {
            "end": (ADMIN_END_SESSION.at(user_id=user_id, session_id=session.session_hash), {}),
            "end all": (ADMIN_END_SESSIONS.at(user_id=user_id), {}),
            "deactivate": (ADMIN_CHANGE_USER.at(user_id=user_id), {"action": "deactivate"}),
        }[action]
        assert post(entered(deployment, boss), ADMIN_USER_PAGE.at(user_id=user_id), path, **typed).status_code == 303

    return act


ENDS: dict[str, Callable[[Browser, Person, Deployment], None]] = {
    "signed out everywhere": by_sign_out_everywhere,
    "deleted": by_deleting_the_account,
    "another user": by_another_user_here,
    "its row elsewhere": by_its_row_elsewhere,
    "a new password elsewhere": by_a_new_password_elsewhere,
    "an administrator ends it": by_an_administrator("end"),
    "an administrator ends all": by_an_administrator("end all"),
    "an administrator deactivates": by_an_administrator("deactivate"),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_s340_whatever_ends_a_session_the_app_is_told_once(
    deployment: Deployment, end: Callable[[Browser, Person, Deployment], None]
) -> None:
    person = new_person(deployment)
    with answering(OK) as side:
        app, browser = listening(deployment, new_person(deployment), side), entered(deployment, person)
        sid = app.sign_in(browser)

        end(browser, person, deployment)

        token = app.logout()
        assert (token["sid"], token["sub"]) == (sid, person.user.user_id)
        assert reached(lambda: not deployment.store.sign_ins_of(person.user.user_id)[1])
        time.sleep(1.5)
        assert app.logouts() == []


def test_a_second_sign_in_of_the_same_user_is_no_logout(
    signed_in: Browser, deployment: Deployment, person: Person, app: App
) -> None:
    sid = app.sign_in(signed_in)
    answer = signed_in.get(app.client.authorize_path(scope="openid", prompt="login"))
    assert "code" in answer_of(signed_in_again(signed_in, answer, person))

    time.sleep(2.5)
    assert app.logouts() == []
    signs_out(signed_in)
    assert app.logout()["sid"] == sid


def test_a_new_password_logs_out_the_other_browsers_alone(
    deployment: Deployment, signed_in: Browser, elsewhere: Browser, person: Person, app: App
) -> None:
    app.sign_in(signed_in)
    other = app.sign_in(elsewhere)

    typed = {"current_password": person.password, "new_password": "another password of 2026"}
    post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **typed)

    assert app.logout()["sid"] == other
    time.sleep(2.5)
    assert app.logouts() == []


def test_an_app_that_refuses_the_token_is_not_asked_again(
    deployment: Deployment, signed_in: Browser, person: Person, app: App
) -> None:
    app.side.answer = REFUSED
    app.sign_in(signed_in)

    signs_out(signed_in)

    app.logout()
    mine = app.client.app.client_id
    assert reached(lambda: any("logout.refused" in line and mine in line for line in deployment.logs))
    assert deployment.store.sign_ins_of(person.user.user_id)[1] == []


def test_s343_an_app_that_has_no_url_any_more_is_not_told(
    deployment: Deployment, signed_in: Browser, person: Person, app: App
) -> None:
    app.sign_in(signed_in)
    tell_at(deployment, app.client, "")

    signs_out(signed_in)

    assert reached(lambda: not deployment.store.sign_ins_of(person.user.user_id)[1])
    time.sleep(1)
    assert app.logouts() == []


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "localhost.example"])
def test_s343_a_url_into_a_network_is_refused_when_the_app_is_told(
    deployment: Deployment, signed_in: Browser, app: App, host: str
) -> None:
    app.sign_in(signed_in)
    tell_at(deployment, app.client, f"http://{host}/logout")

    signs_out(signed_in)

    mine = app.client.app.client_id
    assert reached(lambda: any("logout.refused" in line and mine in line for line in deployment.logs))
    assert app.logouts() == []


def test_s341_a_logout_token_opens_nothing(deployment: Deployment, signed_in: Browser, app: App) -> None:
    app.sign_in(signed_in)
    signs_out(signed_in)
    app.logout()
    (seen,) = app.seen

    assert get(deployment, WHOAMI.path, seen["token"]).status_code == 403
    assert app.client.introspect(seen["token"]).json() == {"active": False}
    assert silent(signed_in, app.client, id_token_hint=seen["token"])["error"] == "login_required"
