"""A site that points its name to this machine (DNS rebinding) gets nothing from a local run. S135."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests

from gatepost.routes import FORGOTTEN, FORGOTTEN_PAGE, METADATA, TOKEN
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import new_person

MAILS = "/_ministack/ses/messages"


def places(deployment: Deployment) -> dict[str, str]:
    """Return the servers of a local run, and a path with sensitive data."""
    running = deployment.running
    return {
        deployment.base_url: METADATA.path,
        deployment.client_app.url: "/",
        running.access.endpoint: MAILS,
        deployment.cloud.endpoint: MAILS,
    }


def test_s135_a_server_of_a_local_run_answers_to_the_names_of_loopback_alone(full: Deployment) -> None:
    browser, (user, *_) = Browser(full.base_url), full.facts.users
    browser.submit(browser.get(FORGOTTEN_PAGE.path), FORGOTTEN.path, account=user.username)
    assert "token=" in full.mails[-1].text

    for url, path in places(full).items():
        port = urlsplit(url).port
        for name in ("localhost", "LOCALHOST", "127.0.0.1", "[::1]"):
            answer = requests.get(url + path, headers={"Host": f"{name}:{port}"}, timeout=30)
            assert answer.status_code == 200, (url, name)
        for name in ("rebound.example", f"localhost.rebound.example:{port}", f"0.0.0.0:{port}", ""):
            answer = requests.get(url + path, headers={"Host": name}, timeout=30)
            assert answer.status_code in (403, 421), (url, name)
            assert not [each for each in ("token=", "issuer", "example.com", "client_id") if each in answer.text]
    refused = requests.get(full.base_url, headers={"Host": "rebound.example"}, timeout=30)
    assert refused.json() == {"message": f"This server answers as {urlsplit(full.base_url).netloc} only."}


def test_s135_a_browser_is_sent_to_the_name_of_the_issuer(full: Deployment) -> None:
    """Its forms would be of another origin. Programs stay, and no other name is sent anywhere."""
    port, path = urlsplit(full.base_url).port, "/developer/login?next=%2Fdeveloper%2Fapps"
    page = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for name in ("127.0.0.1", "[::1]"):
        for method in ("GET", "HEAD"):
            url, headers = full.base_url + path, {"Host": f"{name}:{port}", **page}
            sent = requests.request(method, url, headers=headers, allow_redirects=False, timeout=30)
            assert (sent.status_code, sent.headers.get("Location")) == (307, full.base_url + path)

    own = {"Host": f"LOCALHOST:{port}", **page}
    assert requests.get(full.base_url + path, headers=own, allow_redirects=False, timeout=30).status_code == 200
    for headers in ({"Host": f"127.0.0.1:{port}"}, {"Host": f"127.0.0.1:{port}", "Accept": "application/json"}):
        assert requests.get(full.base_url + METADATA.path, headers=headers, timeout=30).status_code == 200
    form = requests.post(full.base_url + TOKEN.path, headers={"Host": f"127.0.0.1:{port}", **page}, timeout=30)
    assert form.status_code == 400
    rebound = {"Host": f"rebound.example:{port}", **page}
    assert requests.get(full.base_url, headers=rebound, allow_redirects=False, timeout=30).status_code == 421


def test_s135_the_local_aws_serves_no_page_of_a_browser(full: Deployment) -> None:
    """It lets every origin read what it says: without another name a site would get the mails as well."""
    for url in (full.running.access.endpoint, full.cloud.endpoint):
        for method in ("GET", "OPTIONS", "POST"):
            for path in (MAILS, "/_ministack/reset", "/_ministack/config", "/"):
                answer = requests.request(method, url + path, headers={"Origin": "https://site.example"}, timeout=30)
                assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (403, None)
    assert new_person(full).user.user_id  # nothing was reset
