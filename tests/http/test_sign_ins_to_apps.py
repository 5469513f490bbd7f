"""The apps that a browser's session signed in to, and the name of the session that they know (`sid`)."""

from __future__ import annotations

import pytest

from gatepost.authentication.sessions import SESSION_COOKIE
from gatepost.identifiers import digest
from gatepost.routes import ACCOUNT_PAGE, ADMIN_USER_PAGE, CHANGE_PASSWORD, LOGIN, LOGOUT
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import redeem
from tests.browsing import Browser, answer_of, post
from tests.http.openid import SCOPES, claims_of, signed_in_again
from tests.people import Client, Person, entered, new_administrator, new_client, new_person


@pytest.fixture
def app(deployment: Deployment, person: Person) -> Client:
    return new_client(deployment, person, scope=SCOPES)


def allowed(browser: Browser, app: Client, **parameters: str) -> str:
    """The code of a request that the user allows, or allowed before."""
    answer = browser.get(app.authorize_path(**{"scope": "openid", **parameters}))
    return answer_of(answer if answer.is_redirect else browser.decide(answer, "allow"))["code"]


def sid(browser: Browser, app: Client, **parameters: str) -> str:
    token = redeem(app, allowed(browser, app, **parameters)).json()["id_token"]
    return str(claims_of(app.deployment, token, app)["sid"])


def test_pages_name_the_apps_of_each_session(
    deployment: Deployment, signed_in: Browser, person: Person, app: Client
) -> None:
    other = new_client(deployment, person, scope=Scope.of("openid", "read"), name="Another <app>")
    without = new_client(deployment, person, scope=Scope.of("read"))
    for client in (app, other):
        sid(signed_in, client)
    allowed(signed_in, without, scope="read")
    boss = new_administrator(deployment)
    names = f"Signed in to: <bdi>Another &lt;app&gt;</bdi>, <bdi>{app.app.name}</bdi>"

    own = entered(deployment, person).get(ACCOUNT_PAGE.path).text
    of_administrator = entered(deployment, boss).get(ADMIN_USER_PAGE.at(user_id=person.user.user_id)).text

    assert own.count("Signed in to") == 1
    assert names in own
    assert names in of_administrator


def test_a_second_sign_in_of_the_same_user_keeps_the_name_of_the_session(
    deployment: Deployment, signed_in: Browser, person: Person, app: Client
) -> None:
    before = sid(signed_in, app)
    (earlier,) = [each for each in deployment.store.sign_ins_of(person.user.user_id)[1] if each.session_id == before]

    answer = signed_in.get(app.authorize_path(scope="openid", prompt="login"))
    code = answer_of(signed_in_again(signed_in, answer, person))["code"]

    after = claims_of(deployment, redeem(app, code).json()["id_token"], app)
    sessions, sign_ins = deployment.store.sign_ins_of(person.user.user_id)
    assert after["sid"] == before
    assert [each.sid for each in sessions if each.sid] == [before]
    (kept,) = [each for each in sign_ins if each.session_id == before]
    assert (kept.first_at, kept.client_id) == (earlier.first_at, app.app.client_id)
    assert kept.ends_at >= earlier.ends_at


def test_a_sign_in_that_is_sent_twice_leaves_no_session_of_that_name_without_a_browser(
    deployment: Deployment, signed_in: Browser, person: Person, app: Client
) -> None:
    before = sid(signed_in, app)
    page = signed_in.get(signed_in.get(app.authorize_path(scope="openid", prompt="login")).headers["Location"])
    cookies = dict(signed_in.cookies)
    for _ in range(2):
        signed_in.cookies = dict(cookies)
        sent = signed_in.submit(page, LOGIN.path, user_name=person.name, password=person.password)
        assert sent.status_code == 303

    assert sid(signed_in, app) == before
    named = [each for each in deployment.store.sessions_of(person.user.user_id) if each.sid]
    assert [each.session_hash for each in named] == [digest(signed_in.cookies[SESSION_COOKIE])]


def test_another_user_in_the_same_browser_is_another_session(
    deployment: Deployment, signed_in: Browser, app: Client
) -> None:
    before, other = sid(signed_in, app), new_person(deployment)

    assert signed_in.sign_in(other.name, other.password).status_code == 303

    assert sid(signed_in, app) != before


def test_a_session_after_a_sign_out_is_another_one(signed_in: Browser, person: Person, app: Client) -> None:
    before = sid(signed_in, app)
    post(signed_in, ACCOUNT_PAGE.path, LOGOUT.path)
    signed_in.sign_in(person.name, person.password)

    assert sid(signed_in, app) != before


def test_a_new_password_keeps_the_name_of_the_session_that_chose_it(
    deployment: Deployment, signed_in: Browser, person: Person, app: Client
) -> None:
    before, elsewhere = sid(signed_in, app), entered(deployment, person)
    other = sid(elsewhere, app)
    assert other != before

    page = post(
        *(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path),
        current_password=person.password,
        new_password="another password of 2026",
    )

    assert page.headers["Location"] == f"{ACCOUNT_PAGE.path}?done=password_changed"
    assert sid(signed_in, app) == before
    (session,) = deployment.store.sessions_of(person.user.user_id)
    assert session.sid == before
