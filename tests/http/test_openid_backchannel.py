"""Back-channel logout: the modules of the Foundation's plan by their names, and apps that listen on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from gatepost.routes import (
    ACCOUNT_PAGE,
    ADMIN_CHANGE_USER,
    ADMIN_END_SESSION,
    ADMIN_END_SESSIONS,
    ADMIN_USER_PAGE,
    CHANGE_PASSWORD,
    DELETE_ACCOUNT,
    END_SESSION,
    OPENID_LOGOUT,
    SIGN_OUT_EVERYWHERE,
    WHOAMI,
)
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of, post
from tests.http.openid import SCOPES, claims_of, code_in, signed_in_again, silent, tokens_in
from tests.http.told_apps import DOWN, GONE, OK, REFUSED, App, listening, signs_out, tell_at
from tests.people import Person, entered, get, new_administrator, new_client, new_person, reached
from tests.unit.http.other_side import answering

NEW_PASSWORD = "another password of 2026"


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


def test_s341_oidcc_backchannel_rp_initiated_logout_tells_every_app_of_the_session_and_no_other(
    deployment: Deployment, signed_in: Browser, elsewhere: Browser, person: Person, app: App, other: App
) -> None:
    """oidcc-backchannel-rp-initiated-logout."""
    sid = app.sign_in(signed_in)
    assert other.sign_in(signed_in) == sid
    quiet = new_client(deployment, person, scope=SCOPES)
    code_in(signed_in, quiet)
    with answering(OK) as side:
        third = listening(deployment, person, side)
        third.sign_in(elsewhere)

        assert signed_in.get(OPENID_LOGOUT.path, params={"id_token_hint": app.id_token}).status_code == 200

        for each in (app, other):
            told = each.logout()
            assert (told["sid"], told["sub"]) == (sid, person.user.user_id)
        assert third.logouts() == []
    assert silent(signed_in, app.client)["error"] == "login_required"
    (kept,) = deployment.store.sign_ins_of(person.user.user_id)[1]
    assert kept.client_id == third.client.app.client_id

    (seen,) = app.seen  # a logout token opens nothing
    assert get(deployment, WHOAMI.path, seen["token"]).status_code == 403
    assert app.client.introspect(seen["token"]).json() == {"active": False}
    assert silent(elsewhere, app.client, id_token_hint=seen["token"])["error"] == "login_required"


def endings(deployment: Deployment, browser: Browser, person: Person) -> list[Callable[[], requests.Response]]:
    """Each way in which the only session of a user ends without a request of an app."""
    (session,) = deployment.store.sessions_of(person.user.user_id)
    user, row = {"user_id": person.user.user_id}, {"session_id": session.session_hash}
    proof, other = {"current_password": person.password}, new_person(deployment)

    def here(path: str, **typed: str) -> requests.Response:
        return post(browser, ACCOUNT_PAGE.path, path, **typed)

    def elsewhere(path: str, **typed: str) -> requests.Response:
        return post(entered(deployment, person), ACCOUNT_PAGE.path, path, **typed)

    def by_administrator(path: str, **typed: str) -> requests.Response:
        return post(entered(deployment, new_administrator(deployment)), ADMIN_USER_PAGE.at(**user), path, **typed)

    return [
        lambda: here(SIGN_OUT_EVERYWHERE.path),
        lambda: here(DELETE_ACCOUNT.path, confirm_name=person.name, **proof),
        lambda: browser.sign_in(other.name, other.password),
        lambda: elsewhere(END_SESSION.at(**row)),
        lambda: elsewhere(CHANGE_PASSWORD.path, new_password=NEW_PASSWORD, **proof),
        lambda: by_administrator(ADMIN_END_SESSION.at(**user, **row)),
        lambda: by_administrator(ADMIN_END_SESSIONS.at(**user)),
        lambda: by_administrator(ADMIN_CHANGE_USER.at(**user), action="deactivate"),
    ]


def test_s340_whatever_ends_a_session_the_app_is_told(deployment: Deployment, app: App) -> None:
    expected, people = [], [new_person(deployment) for _ in range(9)]
    *ending, staying = [entered(deployment, person) for person in people]
    kept = app.sign_in(staying)

    for number, (browser, person) in enumerate(zip(ending, people, strict=False)):
        expected.append((app.sign_in(browser), person.user.user_id))
        end = endings(deployment, browser, person)
        assert (end[number]().status_code, len(end)) == (303, len(ending))
    again = staying.get(app.client.authorize_path(scope="openid", prompt="login"))
    assert "code" in answer_of(signed_in_again(staying, again, people[-1]))
    typed = {"current_password": people[-1].password, "new_password": NEW_PASSWORD}
    assert post(staying, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **typed).status_code == 303

    told: set[tuple[str, str]] = set()  # what is announced twice, as a deletion, may be told twice

    def all_are_told() -> bool:
        told.update((token["sid"], token["sub"]) for token in app.logouts())
        return len(told) >= len(expected)

    assert reached(all_are_told)
    time.sleep(1.5)
    all_are_told()
    assert told == set(expected)
    for _, user_id in expected:
        assert deployment.store.sign_ins_of(user_id)[1] == []
    assert app.sign_in(staying) == kept  # neither a sign-in by the same user nor the own new password ended it


def test_s343_a_url_is_checked_when_the_app_is_told_and_one_that_refuses_is_not_asked_again(
    deployment: Deployment, signed_in: Browser, person: Person, app: App
) -> None:
    app.side.answer = REFUSED
    hosts = ("169.254.169.254", "10.0.0.1", "localhost.example")
    apps = [listening(deployment, person, app.side) for _ in (*hosts, "none")]
    for each, url in zip(apps, (*(f"http://{host}/logout" for host in hosts), ""), strict=True):
        each.sign_in(signed_in)
        tell_at(deployment, each.client, url)
    app.sign_in(signed_in)

    signs_out(signed_in)

    def is_refused(told: App) -> bool:
        return any("logout.refused" in line and told.client.app.client_id in line for line in deployment.logs)

    assert reached(lambda: all(is_refused(each) for each in (app, *apps[: len(hosts)])))
    assert reached(lambda: not deployment.store.sign_ins_of(person.user.user_id)[1])
    time.sleep(1)
    assert len(app.logouts()) == len(app.side.requests) == 1


def test_s375_a_server_that_fails_gets_no_second_notice_meanwhile(
    deployment: Deployment, signed_in: Browser, elsewhere: Browser, person: Person, app: App
) -> None:
    app.side.answer = DOWN
    app.sign_in(signed_in)
    app.sign_in(elsewhere)
    signs_out(signed_in)
    app.logout()
    assert reached(lambda: failed(deployment, app, "the app's server failed"))

    signs_out(elsewhere)

    assert reached(lambda: failed(deployment, app, "the app's server failed before"))
    assert app.logouts() == []


def failed(deployment: Deployment, app: App, reason: str) -> bool:
    lines = [json.loads(line) for line in deployment.logs if app.client.app.client_id in line]
    return any((line["message"], line.get("reason")) == ("logout.not_told", reason) for line in lines)


# The name of a session


def test_pages_name_the_apps_of_each_session(deployment: Deployment, signed_in: Browser, person: Person) -> None:
    app, other, without = (
        new_client(deployment, person, scope=SCOPES, name=name) for name in ("An app", "Another <app>", "Without")
    )
    for client in (app, other):
        code_in(signed_in, client)
    code_in(signed_in, without, scope="read")
    boss = new_administrator(deployment)
    names = "Signed in to: <bdi>An app</bdi>, <bdi>Another &lt;app&gt;</bdi>"

    own = entered(deployment, person).get(ACCOUNT_PAGE.path).text
    of_administrator = entered(deployment, boss).get(ADMIN_USER_PAGE.at(user_id=person.user.user_id)).text

    assert own.count("Signed in to") == 1
    assert names in own
    assert names in of_administrator


def test_a_session_keeps_its_name_and_another_users_or_a_later_one_has_another(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    app = new_client(deployment, person, scope=SCOPES)

    def sid() -> str:
        return str(claims_of(deployment, tokens_in(signed_in, app)["id_token"], app)["sid"])

    names = [sid(), sid()]
    again = signed_in.get(app.authorize_path(scope="openid", prompt="login"))
    signed_in_again(signed_in, again, person)
    names.append(sid())
    sessions, (kept,) = deployment.store.sign_ins_of(person.user.user_id)
    assert [each.sid for each in sessions if each.sid] == [kept.session_id] == [names[0]]
    assert len(set(names)) == 1

    other = new_person(deployment)
    assert signed_in.sign_in(other.name, other.password).status_code == 303
    names.append(sid())
    signs_out(signed_in)
    signed_in.sign_in(other.name, other.password)
    names.append(sid())
    assert len(set(names)) == 3
