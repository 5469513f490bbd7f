"""`prompt=login` requires a sign-in after the request (S126)."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from gatepost.routes import LOGIN, LOGIN_PAGE
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.people import Client, Person, entered


def demanded(browser: Browser, path: str) -> str:
    """The path that a sign-in demanded by an app leads back to."""
    answer = browser.get(path)
    assert answer.status_code == 303
    location = urlsplit(answer.headers["Location"])
    assert location.path == LOGIN_PAGE.path
    (back,) = parse_qs(location.query)["next"]
    return back


@pytest.fixture
def approved(signed_in: Browser, client: Client) -> str:
    """Return a request that demands a sign-in, of an app that needs no consent."""
    signed_in.decide(signed_in.get(client.authorize_path()), "allow")
    return client.authorize_path(prompt="login")


def test_s126_going_back_to_the_request_does_not_pass_for_a_sign_in(signed_in: Browser, approved: str) -> None:
    back = demanded(signed_in, approved)

    assert urlsplit(signed_in.get(back).headers["Location"]).path == LOGIN_PAGE.path
    assert urlsplit(signed_in.get(demanded(signed_in, back)).headers["Location"]).path == LOGIN_PAGE.path


def test_s126_who_signs_in_again_goes_on(signed_in: Browser, approved: str, person: Person) -> None:
    page = signed_in.get(f"{LOGIN_PAGE.path}", params={"next": demanded(signed_in, approved)})
    entered = signed_in.submit(page, LOGIN.path, user_name=person.name, password=person.password)

    assert "code" in answer_of(signed_in.get(entered.headers["Location"]))


def test_s126_a_sign_in_of_before_the_demand_does_not_count_even_in_the_same_second(
    deployment: Deployment, client: Client, person: Person, approved: str
) -> None:
    browser = entered(deployment, person)
    back = demanded(browser, approved)

    assert urlsplit(browser.get(back).headers["Location"]).path == LOGIN_PAGE.path


@pytest.mark.parametrize("mark", ["", "0", "1", "-1", "99999999999999", "x", "%00", "١٢٣"])
def test_s126_a_mark_of_another_time_demands_anew(signed_in: Browser, approved: str, mark: str) -> None:
    assert urlsplit(signed_in.get(f"{approved}&login_demanded_at={mark}").headers["Location"]).path == LOGIN_PAGE.path


def test_s126_a_mark_of_the_future_demands_anew(signed_in: Browser, approved: str) -> None:
    later = int(time.time() * 1000) + 60_000

    assert signed_in.get(f"{approved}&login_demanded_at={later}").status_code == 303
    assert "code=" not in signed_in.get(f"{approved}&login_demanded_at={later}").headers["Location"]


def test_s126_somebody_who_is_not_signed_in_signs_in_once(
    deployment: Deployment, client: Client, person: Person
) -> None:
    browser = Browser(deployment.base_url)
    entered = browser.sign_in(person.name, person.password, client.authorize_path(prompt="login"))

    assert browser.get(entered.headers["Location"]).status_code == 200
