"""Refused requests, for the owner of their app (S150 … S154)."""

from __future__ import annotations

import json
import re
import time
from urllib.parse import urlencode

import pytest

from gatepost.clients.refused_requests import KEPT
from gatepost.identifiers import new_id, new_secret
from gatepost.model.problem import Problem
from gatepost.routes import APP_PROBLEMS_PAGE, AUTHORIZE, DELETE_APP, EDIT_APP_PAGE
from infra.local.deployment import Deployment
from tests.answers import VERIFIER, assert_error, assert_page, redeem
from tests.browsing import Browser, post
from tests.people import CALLBACK, Client, Person, entered, new_client, new_person

HOSTILE = "https://client.example.test/\"'><script>alert(1)</script><img src=x>"
STAGING = "https://staging.internal.example.test:8443/cb"


@pytest.fixture
def visitor(deployment: Deployment) -> Browser:
    """Somebody signed in who owns nothing."""
    return entered(deployment, new_person(deployment))


@pytest.fixture
def own(deployment: Deployment, person: Person) -> Client:
    """An app of the person who is signed in, with two redirect URIs that nobody else is to know."""
    return new_client(deployment, person, redirect_uris=[CALLBACK, STAGING])


def problems(client: Client) -> list[Problem]:
    return sorted(client.deployment.store.problems_of(client.app.client_id), key=lambda each: each.last_at)


def problem_items(deployment: Deployment) -> list[dict[str, dict[str, str]]]:
    table = deployment.client("dynamodb").scan(TableName=deployment.tables["tokens"])["Items"]
    return [item for item in table if item["pk"]["S"].startswith("problems#")]


def test_s150_a_refused_redirect_uri_is_text_and_only_the_owner_sees_what_is_registered(
    own: Client, signed_in: Browser, visitor: Browser, deployment: Deployment
) -> None:
    for sent in (f"{STAGING}/", "https://evil.example.test/cb", None):
        path = own.authorize_path(redirect_uri=sent)
        for stranger in (visitor, Browser(deployment.base_url)):
            shown = stranger.get(path)
            assert_page(shown, never=sent or "")
            assert own.app.name in shown.text
            assert EDIT_APP_PAGE.at(client_id=own.app.client_id) not in shown.text
            told = re.sub(r'href="/developer/login[^"]*"', "", shown.text).replace(sent or "-", "")
            assert "staging.internal" not in told
            assert "8443" not in told
            assert not sent or f"<code>{sent}</code>" in shown.text

    for sent, hint in ((f"{STAGING}/", "Only the slash at the end."), (f"{STAGING} ", "Only the space at the end.")):
        shown = signed_in.get(own.authorize_path(redirect_uri=sent))
        assert_page(shown)
        assert f"<code>{STAGING}</code>" in shown.text
        assert hint in shown.text
        assert f'href="{EDIT_APP_PAGE.at(client_id=own.app.client_id)}"' in shown.text
    assert f"<code>{STAGING}␣</code>" in visitor.get(own.authorize_path(redirect_uri=f"{STAGING} ")).text


def test_s150_strangers_are_told_the_same_however_near_they_come_and_an_owner_may_sign_in(
    deployment: Deployment, own: Client, visitor: Browser, person: Person
) -> None:
    def told(redirect_uri: str) -> str:
        page = visitor.get(own.authorize_path(redirect_uri=redirect_uri)).text
        (request_id,) = [line for line in page.splitlines() if "Request ID" in line]
        return page.replace(redirect_uri, "").replace(request_id, "")

    near = [f"{CALLBACK}/", f"{CALLBACK}?a", CALLBACK.upper(), f"{STAGING}x"]
    assert len({told(each) for each in (*near, "https://far.example.test/")}) == 1

    path, browser = own.authorize_path(redirect_uri=f"{CALLBACK}/"), Browser(deployment.base_url)
    assert "Is this your app?" in browser.get(path).text
    browser.sign_in(person.name, person.password, path=f"/developer/login?{urlencode({'next': path})}")
    assert "Only the slash at the end." in browser.get(path).text


def test_s151_what_is_kept_and_logged_holds_no_secret(deployment: Deployment, own: Client, person: Person) -> None:
    code, other = own.code(person), new_secret()
    assert_error(redeem(own, code, redirect_uri=f"https://maria:{other}@client.example.test/cb?code={code}#t={other}"))
    assert_error(redeem(own, code, code_verifier=VERIFIER))
    assert_error(own.token(grant_type="refresh_token", refresh_token=other))
    assert_error(own.token(auth=(own.app.client_id, other), grant_type="client_credentials"), 401, "invalid_client")
    assert_error(own.token(grant_type="client_credentials", scope=other), 400, "invalid_scope")
    assert_error(own.token(grant_type="password", username=person.name, password="no password of hers"))

    kept, logged = json.dumps(problem_items(deployment)), "".join(deployment.logs)
    for secret in (code, other, VERIFIER, own.secret, "no password of hers"):
        assert secret not in kept
        assert secret not in logged


def test_s151_s154_the_owner_and_the_log_are_told_why_and_a_success_notes_nothing(
    deployment: Deployment, own: Client, person: Person
) -> None:
    own.tokens(person)
    own.token(grant_type="client_credentials")
    assert problems(own) == []
    assert_error(redeem(own, own.code(person), redirect_uri=f"{CALLBACK}/?tenant=7"))

    (problem,) = problems(own)
    assert (problem.endpoint, problem.error, problem.times) == ("token", "invalid_grant", 1)
    assert problem.reason.startswith("redirect_uri differs from the one in the authorization request.")
    assert problem.detail == f"sent {CALLBACK}/?tenant=…, was {CALLBACK}"
    assert problem.expires_at - problem.last_at == KEPT
    lines = [json.loads(line) for line in deployment.logs if problem.client_id in line and "differs" in line]
    assert [(line["reason"], line["detail"], line["error"]) for line in lines] == [
        ("redirect_uri differs", problem.detail, "invalid_grant")
    ]


def test_s152_strangers_fill_nothing_and_push_nothing_out(deployment: Deployment, own: Client, person: Person) -> None:
    assert_error(redeem(own, own.code(person), redirect_uri=f"{CALLBACK}/"))
    (mine,) = problems(own)

    for number in range(30):
        Browser(deployment.base_url).get(own.authorize_path(redirect_uri=f"https://evil.example.test/{number}"))
    own.token(auth=(own.app.client_id, "wrong"), grant_type="client_credentials")
    for each in ("unknown", new_id(), f"problems#{own.app.client_id}"):
        own.token(auth=(each, "wrong"), grant_type="client_credentials")
        Browser(deployment.base_url).get(f"{AUTHORIZE.path}?{urlencode({'client_id': each})}")

    found = problems(own)
    assert mine in found
    assert (
        len({each.reason for each in found if not each.proven}) == len([each for each in found if not each.proven]) == 2
    )
    apps = deployment.client("dynamodb").scan(TableName=deployment.tables["apps"])["Items"]
    assert {item["pk"]["S"] for item in problem_items(deployment)} <= {
        f"problems#{item['client_id']['S']}" for item in apps
    }


def test_s153_only_the_owner_reads_them_markup_stays_text_and_they_go_in_time_or_with_the_app(
    deployment: Deployment, own: Client, signed_in: Browser, visitor: Browser
) -> None:
    page, now = APP_PROBLEMS_PAGE.at(client_id=own.app.client_id), int(time.time())
    signed_in.get(own.authorize_path(redirect_uri=HOSTILE))
    (problem,) = problems(own)
    assert problem.proven
    assert "<script>" in problem.detail
    over = problem._replace(detail="sent long ago", last_at=now - KEPT, expires_at=now - 1, reason="Long over.")
    deployment.store.note_problems(over)

    shown = signed_in.get(page).text
    assert "<img" not in shown
    assert "alert(1)&lt;/script&gt;" in shown
    assert "Long over." not in shown
    assert visitor.get(page).status_code == 404
    gone = post(signed_in, page, DELETE_APP.at(client_id=own.app.client_id), confirm_name=own.app.name)
    assert gone.status_code == 303
    assert problems(own) == []
