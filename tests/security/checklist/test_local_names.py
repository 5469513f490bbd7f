"""A site that points its name to this machine (DNS rebinding) gets nothing from a local run. S135."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests

from gatepost.routes import FORGOTTEN, FORGOTTEN_PAGE, METADATA, TOKEN
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import new_person

MAILS = "/_ministack/ses/messages"


@pytest.fixture(scope="module")
def mailed(mailing: Deployment) -> Deployment:
    """A deployment that mailed a user a link to a new password."""
    browser, (user, *_) = Browser(mailing.base_url), mailing.facts.users
    browser.submit(browser.get(FORGOTTEN_PAGE.path), FORGOTTEN.path, account=user.username)
    assert "token=" in mailing.mails[-1].text
    return mailing


def names(url: str) -> list[str]:
    """Return names other than those of a server of this machine."""
    port = urlsplit(url).port
    return ["rebound.example", f"rebound.example:{port}", f"localhost.rebound.example:{port}", f"0.0.0.0:{port}", ""]


def places(deployment: Deployment) -> dict[str, str]:
    """Return the servers of a local run, and a path with sensitive data."""
    running = deployment.running
    return {
        deployment.base_url: METADATA.path,
        deployment.client_app.url: "/",
        running.access.endpoint: MAILS,
        deployment.cloud.endpoint: MAILS,
    }


def test_s135_no_server_of_a_local_run_answers_to_another_name(mailed: Deployment) -> None:
    for url, path in places(mailed).items():
        assert requests.get(url + path, timeout=30).status_code == 200
        for name in names(url):
            answer = requests.get(url + path, headers={"Host": name}, timeout=30)
            assert answer.status_code in (403, 421), (url, name)
            assert not [each for each in ("token=", "issuer", "example.com", "client_id") if each in answer.text]


def test_s135_each_server_answers_to_the_names_of_loopback(mailed: Deployment) -> None:
    for url, path in places(mailed).items():
        port = urlsplit(url).port
        for name in ("localhost", "LOCALHOST", "127.0.0.1", "[::1]"):
            answer = requests.get(url + path, headers={"Host": f"{name}:{port}"}, timeout=30)
            assert answer.status_code == 200, (url, name)


def test_s135_a_browser_is_sent_to_the_name_of_the_issuer(mailed: Deployment) -> None:
    """Its forms would be of another origin. Programs stay, and no other name is sent anywhere."""
    port, path = urlsplit(mailed.base_url).port, "/developer/login?next=%2Fdeveloper%2Fapps"
    page = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for name in ("127.0.0.1", "[::1]"):
        for method in ("GET", "HEAD"):
            url, headers = mailed.base_url + path, {"Host": f"{name}:{port}", **page}
            sent = requests.request(method, url, headers=headers, allow_redirects=False, timeout=30)
            assert (sent.status_code, sent.headers.get("Location")) == (307, mailed.base_url + path)

    own = {"Host": f"LOCALHOST:{port}", **page}
    assert requests.get(mailed.base_url + path, headers=own, allow_redirects=False, timeout=30).status_code == 200
    for headers in ({"Host": f"127.0.0.1:{port}"}, {"Host": f"127.0.0.1:{port}", "Accept": "application/json"}):
        assert requests.get(mailed.base_url + METADATA.path, headers=headers, timeout=30).status_code == 200
    form = requests.post(mailed.base_url + TOKEN.path, headers={"Host": f"127.0.0.1:{port}", **page}, timeout=30)
    assert form.status_code == 400
    rebound = {"Host": f"rebound.example:{port}", **page}
    assert requests.get(mailed.base_url, headers=rebound, allow_redirects=False, timeout=30).status_code == 421


def test_s135_a_refusal_says_by_which_name_the_server_answers(mailed: Deployment) -> None:
    answer = requests.get(mailed.base_url, headers={"Host": "rebound.example"}, timeout=30)

    assert answer.json() == {"message": f"This server answers as {urlsplit(mailed.base_url).netloc} only."}


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
@pytest.mark.parametrize("path", [MAILS, "/_ministack/reset", "/_ministack/config", "/"])
def test_s135_the_local_aws_serves_no_page_of_a_browser(mailed: Deployment, method: str, path: str) -> None:
    """It lets every origin read what it says: without another name a site would get the mails as well."""
    for url in (mailed.running.access.endpoint, mailed.cloud.endpoint):
        answer = requests.request(method, url + path, headers={"Origin": "https://site.example"}, timeout=30)
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (403, None)
    assert new_person(mailed).user.user_id  # nothing was reset
