"""Back-channel logout: the modules of the Foundation's plan by their names, and apps that listen on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import partial

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
    OPENID_LOGOUT,
    OPENID_METADATA,
    SIGN_OUT_EVERYWHERE,
    WHOAMI,
)
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of, post
from tests.http.openid import SCOPES, signed_in_again, silent
from tests.http.told_apps import DOWN, GONE, OK, REFUSED, App, listening, reached, signs_out, tell_at
from tests.people import Person, entered, get, new_administrator, new_client, new_person
from tests.unit.http.other_side import answering


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


def test_oidcc_backchannel_logout_discovery_endpoint_verification(deployment: Deployment) -> None:
    document = get(deployment, OPENID_METADATA.path, None).json()

    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True
    assert document["end_session_endpoint"] == deployment.base_url + OPENID_LOGOUT.path


def test_oidcc_backchannel_rp_initiated_logout(signed_in: Browser, person: Person, app: App) -> None:
    sid = app.sign_in(signed_in)

    assert signed_in.get(OPENID_LOGOUT.path, params={"id_token_hint": app.id_token}).status_code == 200

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
        boss, user_id = new_administrator(deployment), person.user.user_id
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


def nobody_is_owed(deployment: Deployment, person: Person) -> bool:
    return not deployment.store.sign_ins_of(person.user.user_id)[1]


def test_s340_whatever_ends_a_session_the_app_is_told_once(deployment: Deployment, app: App) -> None:
    for end in ENDS.values():
        person = new_person(deployment)
        browser = entered(deployment, person)
        sid = app.sign_in(browser)

        end(browser, person, deployment)

        token = app.logout()
        assert (token["sid"], token["sub"]) == (sid, person.user.user_id)
        assert reached(partial(nobody_is_owed, deployment, person))
    time.sleep(1.5)
    assert app.logouts() == []


def test_neither_a_second_sign_in_nor_a_new_password_logs_out_this_browser(
    signed_in: Browser, elsewhere: Browser, person: Person, app: App
) -> None:
    sid, other = app.sign_in(signed_in), app.sign_in(elsewhere)
    answer = signed_in.get(app.client.authorize_path(scope="openid", prompt="login"))
    assert "code" in answer_of(signed_in_again(signed_in, answer, person))
    typed = {"current_password": person.password, "new_password": "another password of 2026"}
    post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **typed)

    assert app.logout()["sid"] == other
    time.sleep(1.5)
    assert app.logouts() == []
    signs_out(signed_in)
    assert app.logout()["sid"] == sid


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


def test_s343_a_url_into_a_network_is_refused_when_the_app_is_told(
    deployment: Deployment, signed_in: Browser, person: Person, app: App
) -> None:
    apps = [listening(deployment, person, app.side) for _ in range(3)]
    for each, host in zip(apps, ("169.254.169.254", "10.0.0.1", "localhost.example"), strict=True):
        each.sign_in(signed_in)
        tell_at(deployment, each.client, f"http://{host}/logout")

    signs_out(signed_in)

    def is_refused(client_id: str) -> bool:
        return any("logout.refused" in line and client_id in line for line in deployment.logs)

    assert reached(lambda: all(is_refused(each.client.app.client_id) for each in apps))
    assert app.logouts() == []


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


def test_s341_a_logout_token_opens_nothing(deployment: Deployment, signed_in: Browser, app: App) -> None:
    app.sign_in(signed_in)
    signs_out(signed_in)
    app.logout()
    (seen,) = app.seen

    assert get(deployment, WHOAMI.path, seen["token"]).status_code == 403
    assert app.client.introspect(seen["token"]).json() == {"active": False}
    assert silent(signed_in, app.client, id_token_hint=seen["token"])["error"] == "login_required"
