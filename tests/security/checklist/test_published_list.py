"""The published list of revocations, as anybody sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import jwt
import pytest
import requests

from gatepost.errors import InvalidToken
from gatepost.identifiers import base64url, from_base64url
from gatepost.model.feed import Revocation, mark
from gatepost.resource_server.fetch import fetch_changed, fetch_json
from gatepost.resource_server.issuer_keys import IssuerWatch
from gatepost.resource_server.issuer_list import IssuerList
from gatepost.routes import METADATA, REVOCATION_LIST, REVOCATION_SEGMENT
from infra.local.aws.calls import AwsCall
from infra.local.deployment import Deployment
from tests.conftest import TEST_SETTINGS
from tests.people import get, new_client, new_person, opens

HEAD = REVOCATION_LIST.path


@pytest.fixture(scope="module")
def calls() -> list[AwsCall]:
    return []


@pytest.fixture(scope="module")
def published(calls: list[AwsCall]) -> Iterator[Deployment]:
    """A deployment with the list, and with the limits of its routes as they are."""
    settings = {**TEST_SETTINGS, "published_revocations": True, "throttle_scale": 1}
    with Deployment(overrides=settings, on_call=calls.append) as deployed:
        yield deployed


def listed(deployment: Deployment) -> dict[str, Any]:
    """The head, once it is newer than now."""
    since = time.time()
    while True:
        found: dict[str, Any] = get(deployment, HEAD, None).json()
        if found["time"] >= since:
            return found
        time.sleep(0.1)


def watch_of(deployment: Deployment) -> IssuerWatch:
    settings = replace(deployment.settings, revocation_poll=1)
    return IssuerWatch(fetch_json, settings, IssuerList(fetch_changed, settings))


def accepts(watch: IssuerWatch, token: str) -> bool:
    try:
        watch.claims(token, time.time())
    except InvalidToken:
        return False
    return True


def denies(watch: IssuerWatch, token: str) -> bool:
    """Whether the token is denied within the bound: a poll of the reader, and the age of the head."""
    end = time.monotonic() + 1 + 1 + 1 + 1
    while accepts(watch, token):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def test_what_is_revoked_reaches_an_api_that_knows_the_url_alone(published: Deployment) -> None:
    person = new_person(published)
    client, other = new_client(published, person), new_client(published, person)
    kept = other.token(grant_type="client_credentials").json()["access_token"]
    alone = client.token(grant_type="client_credentials").json()["access_token"]
    tokens = client.tokens(person)
    watch = watch_of(published)
    assert [accepts(watch, each) for each in (kept, alone, tokens["access_token"])] == [True] * 3
    client.revoke(alone)
    client.revoke(tokens["refresh_token"])

    assert denies(watch, alone)
    assert denies(watch, tokens["access_token"])
    assert accepts(watch, kept)
    assert [accepts(watch_of(published), each) for each in (kept, alone, tokens["access_token"])] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("kind", ["client", "user"])
def test_an_ended_app_or_user_reaches_it_too(published: Deployment, kind: Any) -> None:
    person, somebody = new_person(published), new_person(published)
    client = new_client(published, person)
    token = client.tokens(person)["access_token"]
    kept = new_client(published, somebody).tokens(somebody)["access_token"]
    watch = watch_of(published)
    assert accepts(watch, token)
    now = time.time()
    subject = client.app.client_id if kind == "client" else person.user.user_id
    published.store.publish(Revocation(kind=kind, subject=subject, revoked_at=now, expires_at=int(now) + 3600))

    assert denies(watch, token)
    assert accepts(watch, kept)


def test_s310_the_list_says_whose_it_is_and_from_when(published: Deployment) -> None:
    before = time.time()
    found = listed(published)

    assert found["issuer"] == published.base_url
    assert before <= found["time"] <= time.time()
    assert get(published, METADATA.path, None).json()["revocation_list_uri"] == published.base_url + HEAD


def test_s310_a_list_that_is_not_published_is_not_announced_and_says_so(deployment: Deployment) -> None:
    found = get(deployment, HEAD, None).json()

    assert (found["issuer"], found["published"], set(found)) == (
        deployment.base_url, False, {"issuer", "time", "published"}
    )  # fmt: skip
    assert "revocation_list_uri" not in get(deployment, METADATA.path, None).json()
    assert get(deployment, REVOCATION_SEGMENT.at(name="x" * 22), None).status_code == 404


def test_s311_the_list_reveals_neither_token_nor_user_nor_app(published: Deployment) -> None:
    person = new_person(published)
    client = new_client(published, person)
    tokens = [client.tokens(person)["access_token"] for _ in range(3)]
    claims = [jwt.decode(token, options={"verify_signature": False}) for token in tokens]
    now = time.time()
    ids = {"client": client.app.client_id, "user": person.user.user_id}
    for kind, subject in ids.items():
        published.store.publish(
            Revocation(kind=kind, subject=subject, revoked_at=now, expires_at=int(now) + 3600)  # type: ignore[arg-type]
        )
    for token in tokens:
        client.revoke(token)
    text = str(listed(published))
    octets = [from_base64url(listed(published)[name]) for name in ("marks", "cutoffs")]

    assert sum(map(len, octets)) >= 3 * 8 + 2 * 12
    for secret in (*ids.values(), *tokens, *(each[name] for each in claims for name in ("jti", "grant_id"))):
        assert secret not in text
    guessable = [mark(kind, subject) for subject in ids.values() for kind in ("client", "user", "grant", "jti")]
    for guessed in guessable:
        assert all(guessed.to_bytes(8, "little") not in each for each in octets)
    handles = {from_base64url(each) for each in claims[0]["handles"]}
    assert len(handles) == 2
    assert all(each in octets[1] for each in handles)  # which only the tokens say


def test_s311_without_the_list_tokens_carry_no_handles(deployment: Deployment) -> None:
    token = new_client(deployment, new_person(deployment)).token(grant_type="client_credentials").json()["access_token"]

    assert "handles" not in jwt.decode(token, options={"verify_signature": False})


def test_the_head_is_cached_for_a_poll_and_a_segment_for_good(published: Deployment) -> None:
    answer = get(published, HEAD, None)
    assert answer.headers["Cache-Control"] == "public, max-age=1"
    known = requests.get(
        published.base_url + HEAD, headers={"If-None-Match": f'"x", {answer.headers["ETag"]}'}, timeout=30
    )
    if known.status_code == 200:  # another second began in between
        assert known.headers["ETag"] != answer.headers["ETag"]
        known = requests.get(published.base_url + HEAD, headers={"If-None-Match": known.headers["ETag"]}, timeout=30)
    assert (known.status_code, known.text) == (304, "")
    missing = get(published, REVOCATION_SEGMENT.at(name="x" * 22), None)
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")


@pytest.mark.parametrize("with_etag", [False, True])
def test_s312_a_flood_is_throttled_and_costs_the_readers_of_the_feed_nothing(
    published: Deployment, calls: list[AwsCall], with_etag: bool
) -> None:
    token = new_client(published, new_person(published)).token(grant_type="client_credentials").json()["access_token"]
    assert opens(published, token)
    headers = {"If-None-Match": get(published, HEAD, None).headers["ETag"]} if with_etag else {}
    with requests.Session() as flood, ThreadPoolExecutor(8) as pool:
        calls.clear()
        started = time.monotonic()

        def ask(number: int) -> int:
            path = HEAD if number % 3 else REVOCATION_SEGMENT.at(name=base64url(number.to_bytes(16, "big")))
            return flood.get(published.base_url + path, headers=headers, timeout=30).status_code

        found = list(pool.map(ask, range(600)))
        seconds = time.monotonic() - started

    assert found.count(429) > 100  # 50 a second, after the first 100 of each route
    assert set(found) <= {200, 304, 404, 429}
    of_list = [call for call in calls if call.function == "metadata"]
    # a query of keys and one of the feed, once a second in each of eight containers at most
    assert len(of_list) <= 2 * 8 * (seconds + 1) < len(found) - found.count(429)
    assert {call.action for call in of_list} <= {"dynamodb:Query"}
    assert opens(published, token)
    assert get(published, METADATA.path, None).status_code == 200


def test_s312_the_list_has_limits_of_its_own(published: Deployment) -> None:
    (stage,) = (
        each["Properties"]
        for each in published.template["Resources"].values()
        if each["Type"] == "AWS::ApiGatewayV2::Stage"
    )

    for route in (REVOCATION_LIST, REVOCATION_SEGMENT):
        assert stage["RouteSettings"][route.key] == {"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100}
