"""A tour of everything that the functions do, story by story; each fails if a function lacks a permission."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gatepost import routes as r
from gatepost.identifiers import digest, new_secret
from gatepost.model.feed import Revocation
from gatepost.oidc.app_details import OpenIDDetails
from gatepost.oidc.failing_servers import failures_of
from gatepost.scope import Scope
from gatepost.tokens.revocation_list import LONG
from infra.local.deployment import Deployment
from tests.browsing import answer_of
from tests.flows.tour_of_documents import apps_of_documents
from tests.flows.tour_of_pages import (
    administration,
    connected_apps,
    forgotten_passwords,
    ones_account,
    ones_apps,
    registering,
    signing_in_and_out,
)
from tests.flows.tour_of_strangers import strangers
from tests.flows.tour_steps import asleep, hashed_anew, made_before, refused
from tests.http.consumer import CHANGE, Consumer
from tests.http.told_apps import OK, listening
from tests.people import CALLBACK, Client, Person, entered, get, new_client, new_person, opens, stops
from tests.unit.http.other_side import answering

Story = Callable[[Deployment], None]
SETTINGS: dict[str, Any] = {
    "mail_sender": "gatepost@mail.example.com",
    "feed_parts": 1,
    "published_revocations": True,
    "dynamic_registration": "token",
    "client_id_documents": "approval",
}


def codes_and_approvals(deployment: Deployment) -> None:
    """Sign in on the way to an app, allow, exchange; then a remembered approval, and one that it implies."""
    person = new_person(deployment)
    client = new_client(deployment, person, scope=Scope.of("read", "consumer", "consumer.apps"))
    tokens = client.tokens(person, scope="consumer")
    browser = entered(deployment, person)
    assert "code" in answer_of(browser.get(client.authorize_path(scope="consumer")))
    assert "code" in answer_of(browser.get(client.authorize_path(scope="consumer.apps")))
    signed = OpenIDDetails(userinfo_signed_response_alg="ES256")
    signing_in = new_client(deployment, person, scope=Scope.of("openid"), openid=signed)
    known = signing_in.tokens(person, scope="openid")
    assert get(deployment, r.USERINFO.path, known["access_token"]).headers["Content-Type"] == "application/jwt"
    hint = known["id_token"]
    silent = answer_of(browser.get(signing_in.authorize_path(scope="openid", prompt="none", id_token_hint=hint)))
    assert "code" in silent
    denied = answer_of(browser.decide(browser.get(client.authorize_path(scope="read")), "deny"))
    assert denied["error"] == "access_denied"
    other = new_client(deployment, person)  # whose first use this is
    implicit = answer_of(browser.decide(browser.get(other.authorize_path(response_type="token")), "allow"))
    for token in (tokens["access_token"], implicit["access_token"]):
        assert opens(deployment, token)
    assert opens(deployment, implicit["access_token"], r.DEMO_READ.path)


def signing_out_of_apps(deployment: Deployment) -> None:
    """The logout that an app requests: without a word, by the user's yes, and to a URI that is not registered."""
    person = new_person(deployment)
    app = new_client(deployment, person, scope=Scope.of("openid"))
    hint = {"id_token_hint": app.tokens(person, scope="openid")["id_token"]}
    browser = entered(deployment, person)
    assert browser.submit(browser.get(r.OPENID_LOGOUT.path), r.OPENID_LOGOUT.path).status_code == 200
    assert browser.get(r.ACCOUNT_PAGE.path).is_redirect
    browser = entered(deployment, person)
    elsewhere = {**hint, "post_logout_redirect_uri": CALLBACK}
    assert browser.get(r.OPENID_LOGOUT.path, params=elsewhere).status_code == 400
    assert deployment.store.problems_of(app.app.client_id)
    assert browser.get(r.OPENID_LOGOUT.path, params=hint).status_code == 200
    assert browser.get(r.ACCOUNT_PAGE.path).is_redirect
    assert browser.get(r.OPENID_LOGOUT.path, params=hint).status_code == 200


def apps_told_of_logouts(deployment: Deployment) -> None:
    """Sign in to one app and another, again by demand, with a new password, and out: the apps do not answer."""
    person = new_person(deployment)
    browser = entered(deployment, person)
    for number in (1, 2):
        client = new_client(deployment, person, scope=Scope.of("openid"))
        deployment.client("dynamodb").update_item(
            TableName=deployment.tables["apps"],
            Key={"client_id": {"S": client.app.client_id}},
            UpdateExpression="SET backchannel_logout_uri = :url",
            ExpressionAttributeValues={":url": {"S": "http://127.0.0.1:9/logout"}},
        )
        page = browser.get(client.authorize_path(scope="openid"))
        assert "code" in answer_of(browser.decide(page, "allow"))
        assert browser.get(r.ACCOUNT_PAGE.path).text.count("<bdi>App ") == number
    again = browser.get(client.authorize_path(scope="openid", prompt="login"))
    page = browser.get(again.headers["Location"])
    assert browser.submit(page, r.LOGIN.path, user_name=person.name, password=person.password).status_code == 303
    fields = {"current_password": person.password, "new_password": "another password of 2026"}
    assert browser.submit(browser.get(r.ACCOUNT_PAGE.path), r.CHANGE_PASSWORD.path, **fields).status_code == 303
    assert len(deployment.store.sign_ins_of(person.user.user_id)[1]) == 2
    assert browser.submit(browser.get(r.ACCOUNT_PAGE.path), r.LOGOUT.path).status_code == 303
    logged(deployment, "logout.not_told", client)
    assert deployment.store.sign_ins_of(person.user.user_id) == ([], [])
    apps_told_again(deployment, new_person(deployment))


def apps_told_again(deployment: Deployment, person: Person) -> None:
    """Sign out of an app whose server failed a while ago and responds now."""
    browser = entered(deployment, person)
    with answering(OK) as side:
        app = listening(deployment, person, side)
        app.sign_in(browser)
        key = failures_of(deployment.store, app.client.app, time.time()).server_key
        now = int(time.time())
        deployment.store.forget_failures(key.name_hash)
        deployment.store.count_failure(key.name_hash, now=now - 600, forget_at=now + 600)
        assert browser.submit(browser.get(r.ACCOUNT_PAGE.path), r.LOGOUT.path).status_code == 303
        logged(deployment, "logout.told", app.client)


def logged(deployment: Deployment, event: str, client: Client) -> None:
    end = time.monotonic() + 20
    while not any(event in line and client.app.client_id in line for line in deployment.logs):
        assert time.monotonic() < end
        time.sleep(0.1)


def every_grant(deployment: Deployment) -> None:
    """The token endpoint: each grant, an app of an older release, passwords, reuse of a code and a refresh token."""
    person = new_person(deployment)
    client = new_client(deployment, person)
    verifier = new_secret()
    code = client.code(person, code_challenge=digest(verifier), code_challenge_method="S256")
    redeem = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
    }
    first = client.token(**redeem)
    assert first.status_code == 200
    assert client.refresh(first.json()["refresh_token"]).status_code == 200
    plain = {"grant_type": "authorization_code", "code": client.code(person), "redirect_uri": CALLBACK}
    assert client.token(**plain).status_code == 200
    for once_more in (redeem, plain):  # the second ends the grant
        assert client.token(**once_more).json()["error"] == "invalid_grant"
    made_before(deployment, client)
    assert client.token(grant_type="client_credentials").status_code == 200
    hashed_anew(deployment, person)
    by_password = {"grant_type": "password", "username": person.name}
    assert client.token(**by_password, password="wrong").json()["error"] == "invalid_grant"
    assert client.token(**by_password, password=person.password).status_code == 200


def a_long_feed(deployment: Deployment) -> None:
    """Revocation compacts the feed when it has read a long one; containers that start, and the list, have segments."""
    store, now = deployment.store, time.time()
    client = new_client(deployment, new_person(deployment))
    tokens = [client.token(grant_type="client_credentials").json()["access_token"] for _ in range(3)]
    store._tables.clock = partial(float, now - 60)
    for number in range(LONG):
        store.publish(
            Revocation(kind="grant", subject=f"nobody.{number}", revoked_at=now - 60, expires_at=int(now) + 900)
        )
    store._tables.clock = time.time
    for token in tokens[:2]:
        deployment.restart("revoke")
        assert client.revoke(token).status_code == 200
    assert [segment.size for segment in store.compactor().compaction().segments] == [LONG]
    for function in ("authorizer", "introspect", "metadata", "userinfo"):
        deployment.restart(function)
    (segment,) = get(deployment, r.REVOCATION_LIST.path, None).json()["segments"]
    assert get(deployment, r.REVOCATION_SEGMENT.at(name=segment["name"]), None).status_code == 200
    assert [opens(deployment, token) for token in tokens] == [False, False, True]
    assert [get(deployment, r.USERINFO.path, token).status_code for token in tokens] == [401, 401, 403]
    assert client.introspect(tokens[2]).json()["active"]


def tokens_taken_back(deployment: Deployment) -> None:
    """Introspection and revocation, of access and refresh tokens."""
    person = new_person(deployment)
    client = new_client(deployment, person)
    alone = client.token(grant_type="client_credentials").json()["access_token"]
    tokens = client.tokens(person)
    for token in (alone, tokens["access_token"], tokens["refresh_token"]):
        assert client.introspect(token).json()["active"] is True
    assert client.introspect("nonsense").json() == {"active": False}
    refused(deployment, client.app.client_id, r.INTROSPECT, r.REVOKE)
    for token in (alone, tokens["refresh_token"], "nonsense"):
        assert client.revoke(token).status_code == 200
    slept = client.tokens(person)["refresh_token"]
    asleep(deployment, person)
    assert client.revoke(slept).status_code == 200
    assert client.introspect(slept).json() == {"active": False}
    assert client.introspect(tokens["refresh_token"]).json() == {"active": False}
    assert stops(deployment, alone)


def public_documents(deployment: Deployment) -> None:
    """Metadata, JWK Set, the description of the consumer API."""
    for path in ("/.well-known/oauth-authorization-server", r.JWKS.path, "/consumer/openapi.json"):
        assert get(deployment, path, None).status_code == 200


def the_consumer_api(deployment: Deployment) -> None:
    """Everything under /consumer."""
    person = new_person(deployment)
    consumer = Consumer(deployment, person)
    made = consumer.created()
    path, etag = made.headers["Location"], made.headers["ETag"]
    change = {**CHANGE, "name": "Storm"}
    assert consumer.call("GET", "/consumer/app").json()["items"]
    assert consumer.call("PUT", path, json=change, headers={"If-Match": etag}).status_code == 200
    assert consumer.call("POST", f"{path}/secret").status_code == 201
    assert consumer.call("DELETE", f"{path}/secret/{made.json()['secrets'][0]['secret_id']}").status_code == 204
    refused(deployment, path.rpartition("/")[2])
    assert consumer.call("DELETE", path).status_code == 204
    client = new_client(deployment, person)
    client.tokens(person)
    client.code(person, scope="write")
    assert consumer.call("GET", "/consumer/grant").json()["items"]
    for sleeps in (False, True):
        client.tokens(person)
        if sleeps:
            asleep(deployment, person)
        assert consumer.call("DELETE", f"/consumer/grant/{client.app.client_id}").status_code == 204
    assert consumer.call("GET", "/consumer/scope").status_code == 200
    assert consumer.call("GET", "/consumer/account").status_code == 200


def rotations(deployment: Deployment) -> None:
    """Both secrets rotated by schedule, and the new signing key used and known."""
    for secret in ("signing", "refresh"):
        deployment.rotate(secret)
    assert len(get(deployment, r.JWKS.path, None).json()["keys"]) >= 2


TOUR: tuple[Story, ...] = (
    codes_and_approvals,
    signing_out_of_apps,
    apps_told_of_logouts,
    apps_of_documents,
    every_grant,
    a_long_feed,
    tokens_taken_back,
    public_documents,
    signing_in_and_out,
    registering,
    forgotten_passwords,
    ones_apps,
    connected_apps,
    ones_account,
    administration,
    strangers,
    the_consumer_api,
    rotations,
)
