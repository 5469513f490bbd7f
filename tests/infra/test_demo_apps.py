"""The demo apps' own pages: the targets of authorize links, and a sign-in with OpenID Connect."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

from gatepost.identifiers import new_secret
from gatepost.routes import ACCOUNT_PAGE, DEMO_NOTES, LOGOUT, OPENID_LOGOUT
from gatepost.tokens.signing_keys import active_signing_key, signing_keys
from infra.local.demo import paths
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of
from tests.people import Person, new_person, reached


def signed_in(deployment: Deployment, link: str) -> str:
    """Return the redirect after sign-in and approval, the first time or a later one."""
    browser = Browser(deployment.base_url)
    user = deployment.demo["users"][1]
    after = browser.sign_in(user["username"], user["password"], link.removeprefix(deployment.base_url))
    page = browser.get(after.headers["Location"])
    location: str = (page if page.is_redirect else browser.decide(page, "allow")).headers["Location"]
    return location


def test_the_link_of_each_demo_app_and_that_for_the_notes_end_at_the_route_that_their_tokens_open(
    deployment: Deployment,
) -> None:
    web, native, *_ = deployment.facts.apps
    for app, route, read in ((web, None, 200), (native, None, 200), (web, DEMO_NOTES, 403)):
        told: dict[str, Any] = {"route": route} if route else {}
        link = deployment.client_app.authorize_link(app, **told)
        page = requests.get(signed_in(deployment, link), timeout=30)
        assert page.status_code == 200
        assert "<h1>Authorized</h1>" in page.text
        assert "The token response (200)" in page.text
        assert f"GET /demo/read with the token ({read})" in page.text
        assert ("GET /demo/notes with the token (200)" in page.text) is bool(route)


def test_the_implicit_link_ends_at_the_protected_route(deployment: Deployment) -> None:
    link = deployment.client_app.authorize_link(deployment.facts.apps[0], "token")
    arrived = urlsplit(signed_in(deployment, link))
    waiting = requests.get(f"{deployment.client_app.url}{arrived.path}", timeout=30)
    assert "location.hash" in waiting.text
    page = requests.post(f"{deployment.client_app.url}/implicit", data={"fragment": arrived.fragment}, timeout=30)
    assert "GET /demo/read with the token (200)" in page.text


def test_an_answer_that_the_app_did_not_ask_for_or_of_another_issuer_is_refused(deployment: Deployment) -> None:
    link = deployment.client_app.authorize_link(deployment.facts.apps[0])
    state = link.partition("state=")[2].partition("&")[0]
    for told, sentence in (
        ({"state": "unknown"}, "the state is unknown"),
        ({"state": state, "iss": "https://evil.example"}, "another issuer"),
    ):
        page = requests.get(f"{deployment.client_app.url}/callback", params={"code": "x", **told}, timeout=30)
        assert (page.status_code, sentence in page.text) == (400, True)


def test_the_home_page_links_every_way_to_sign_in(deployment: Deployment) -> None:
    page = requests.get(deployment.client_app.url, timeout=30).text
    assert page.count("response_type=code") == 3
    assert page.count("resource=http%3A%2F%2Flocalhost") == 1
    assert page.count("response_type=token") == 1


EVENT = "http://schemas.openid.net/event/backchannel-logout"


class AtTheApp(Browser):
    """A browser that goes back and forth between the app and the server; it follows what it is sent to."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment.base_url)
        self.app = deployment.client_app.url

    def follow(self, answer: requests.Response) -> requests.Response:
        while answer.is_redirect:
            answer = self.get(requests.compat.urljoin(answer.url, answer.headers["Location"]))
        return answer

    def signs_in(self, person: Person) -> requests.Response:
        page = self.follow(self.get(self.app + paths.SIGN_IN))
        if "/developer/login" in page.url:
            page = self.follow(self.submit(page, "/developer/login", user_name=person.name, password=person.password))
        return self.follow(self.decide(page, "allow")) if "/developer/auth" in page.url else page

    @property
    def heading(self) -> str:
        return self.get(self.app + paths.HOME).text.partition("<h1>")[2].partition("</h1>")[0]


@pytest.fixture
def at_the_app(deployment: Deployment, person: Person) -> AtTheApp:
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    browser = AtTheApp(deployment)
    assert f"Signed in as {person.name}" in browser.signs_in(person).text
    return browser


def test_the_app_shows_who_signed_in(at_the_app: AtTheApp, person: Person) -> None:
    page = at_the_app.get(at_the_app.app + paths.HOME)

    for text in (person.user.user_id, f"{person.name}@example.test", "auth_time", "email_verified"):
        assert text in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_signing_out_ends_the_session_of_the_app_and_that_of_the_server(at_the_app: AtTheApp) -> None:
    page = at_the_app.get(at_the_app.app + paths.HOME)
    form = form_of(page, paths.SIGN_OUT)
    to_server = at_the_app.post(at_the_app.app + form.action, form.fields)

    assert urlsplit(to_server.headers["Location"]).path == OPENID_LOGOUT.path
    back = at_the_app.follow(to_server)
    assert (urlsplit(back.url).path, "<h1>Signed out</h1>" in back.text) == (paths.SIGNED_OUT, True)
    assert at_the_app.heading == "Nobody is signed in"
    assert at_the_app.get(ACCOUNT_PAGE.path).is_redirect


def test_an_answer_that_another_browser_asked_for_is_refused(deployment: Deployment, person: Person) -> None:
    mine, other = AtTheApp(deployment), AtTheApp(deployment)
    start = mine.get(mine.app + paths.SIGN_IN)
    state = parse_qs(urlsplit(start.headers["Location"]).query)["state"][0]

    for query in (f"code=x&state={state}&iss={deployment.base_url}", "code=x", ""):
        answer = other.get(f"{other.app}{paths.CALLBACK}?{query}")
        assert (answer.status_code, "the state is another one" in answer.text) == (400, True)
    wrong = mine.get(f"{mine.app}{paths.CALLBACK}?code=x&state={state}&iss=https://evil.example.test")
    assert (wrong.status_code, "another issuer" in wrong.text) == (400, True)


def test_somebody_who_comes_to_sign_out_without_being_signed_in_stays(deployment: Deployment) -> None:
    browser = AtTheApp(deployment)

    assert browser.post(browser.app + paths.SIGN_OUT, {}).headers["Location"] == paths.HOME
    assert browser.get(f"{browser.app}{paths.SIGNED_OUT}?state=x").headers["Location"] == paths.HOME
    assert browser.get(browser.app + paths.SIGNED_OUT).headers["Location"] == paths.HOME


def logout_token(deployment: Deployment, *, kind: str = "logout+jwt", without: str = "", **claims: Any) -> str:
    """A logout token as the server would make it, but for `claims`."""
    arn = deployment.secret_arn("signing")
    text = deployment.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    key = active_signing_key(signing_keys(text), time.time(), "RS256")
    app = deployment.facts.sign_in_app
    assert app
    known = {
        "iss": deployment.base_url,
        "aud": app.client_id,
        "iat": int(time.time()),
        "exp": int(time.time()) + 60,
        "jti": new_secret(),
        "events": {EVENT: {}},
        **claims,
    }
    known.pop(without, None)
    return jwt.encode(known, key.pem, "RS256", {"typ": kind, "kid": key.kid})


def told(deployment: Deployment, token: str) -> int:
    url = deployment.client_app.url + paths.BACKCHANNEL
    return requests.post(url, data={"logout_token": token}, timeout=30).status_code


def test_a_logout_token_ends_the_sessions_that_it_means(
    deployment: Deployment, at_the_app: AtTheApp, person: Person
) -> None:
    other = AtTheApp(deployment)
    other.signs_in(new_person(deployment))

    assert told(deployment, logout_token(deployment, sub=person.user.user_id, sid="another session")) == 200
    assert at_the_app.heading == f"Signed in as {person.name}"
    assert told(deployment, logout_token(deployment, sub=person.user.user_id)) == 200
    assert at_the_app.heading == "Nobody is signed in"
    assert other.heading.startswith("Signed in as ")


def test_a_logout_token_counts_once(deployment: Deployment, at_the_app: AtTheApp, person: Person) -> None:
    token = logout_token(deployment, sub=person.user.user_id)

    assert told(deployment, token) == 200
    at_the_app.signs_in(person)
    assert told(deployment, token) == 200
    assert at_the_app.heading == f"Signed in as {person.name}"


def test_what_is_no_logout_token_ends_nothing(deployment: Deployment, at_the_app: AtTheApp, person: Person) -> None:
    user = {"sub": person.user.user_id}
    bad = [
        logout_token(deployment, kind="JWT", **user),
        logout_token(deployment, nonce="n", **user),
        logout_token(deployment, aud="another app", **user),
        logout_token(deployment, iss="https://evil.example.test", **user),
        logout_token(deployment, exp=int(time.time()) - 90, **user),
        logout_token(deployment, without="events", **user),
        logout_token(deployment, without="jti", **user),
        logout_token(deployment),
        jwt.encode({}, "secret" * 8, "HS256", {"typ": "logout+jwt"}),
        "nonsense",
        "",
    ]

    assert [told(deployment, token) for token in bad] == [400] * len(bad)
    assert at_the_app.heading == f"Signed in as {person.name}"


def is_signed_out_soon(browser: AtTheApp) -> bool:
    return reached(lambda: browser.heading == "Nobody is signed in")


def test_sign_outs_at_the_server_reach_the_app(deployment: Deployment, person: Person) -> None:
    """By the console, and by the page that asks; another browser of the same user stays."""
    other = AtTheApp(deployment)
    other.signs_in(person)
    for page, action in ((ACCOUNT_PAGE.path, LOGOUT.path), (OPENID_LOGOUT.path, OPENID_LOGOUT.path)):
        browser = AtTheApp(deployment)
        browser.signs_in(person)
        browser.submit(browser.get(page), action)
        assert is_signed_out_soon(browser)
    assert other.heading == f"Signed in as {person.name}"
