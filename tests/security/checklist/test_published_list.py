"""The published list of revocations, as anybody sees it (S310 … S312)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
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
from tests.people import get, new_client, new_person, opens, reached

HEAD = REVOCATION_LIST.path


def listed(deployment: Deployment) -> dict[str, Any]:
    """The head, once it is newer than now."""
    since = time.time()
    while True:
        found: dict[str, Any] = get(deployment, HEAD, None).json()
        if found["time"] >= since:
            return found
        time.sleep(0.1)


def watch_of(deployment: Deployment) -> IssuerWatch:
    settings = deployment.settings._replace(revocation_poll=1)
    return IssuerWatch(fetch_json, settings, IssuerList(fetch_changed, settings))


def accepts(watch: IssuerWatch, token: str) -> bool:
    try:
        watch.claims(token, time.time())
    except InvalidToken:
        return False
    return True


def denies(watch: IssuerWatch, token: str) -> bool:
    """Whether the token is denied within the bound: a poll of the reader, and the age of the head."""
    return reached(lambda: not accepts(watch, token), seconds=1 + 1 + 1 + 1)


def publish(deployment: Deployment, kind: Any, subject: str) -> None:
    now = time.time()
    deployment.store.publish(Revocation(kind=kind, subject=subject, revoked_at=now, expires_at=int(now) + 3600))


def own_token(deployment: Deployment) -> str:
    client = new_client(deployment, new_person(deployment))
    return str(client.token(grant_type="client_credentials").json()["access_token"])


def test_what_is_revoked_reaches_an_api_that_knows_the_url_alone(full: Deployment) -> None:
    person, somebody = new_person(full), new_person(full)
    client, ended = new_client(full, person), new_client(full, person)
    kept, alone = own_token(full), client.token(grant_type="client_credentials").json()["access_token"]
    refreshed, of_user = client.tokens(person), client.tokens(somebody)["access_token"]
    of_app = ended.token(grant_type="client_credentials").json()["access_token"]
    watch, gone = watch_of(full), (alone, refreshed["access_token"], of_user, of_app)
    assert [accepts(watch, each) for each in (kept, *gone)] == [True] * 5
    client.revoke(alone)
    client.revoke(refreshed["refresh_token"])
    publish(full, "user", somebody.user.user_id)
    publish(full, "client", ended.app.client_id)

    assert all(denies(watch, each) for each in gone)
    assert [accepts(watch_of(full), each) for each in (kept, *gone)] == [True, *[False] * 4]
    assert accepts(watch, kept)


def test_s310_the_list_says_whose_it_is_and_from_when(full: Deployment) -> None:
    before = time.time()
    found = listed(full)

    assert found["issuer"] == full.base_url
    assert before <= found["time"] <= time.time()
    assert get(full, METADATA.path, None).json()["revocation_list_uri"] == full.base_url + HEAD


def test_s310_s311_a_list_that_is_not_published_is_not_announced_says_so_and_is_in_no_token(
    deployment: Deployment,
) -> None:
    found = get(deployment, HEAD, None).json()

    assert (found["issuer"], found["published"]) == (deployment.base_url, False)
    assert set(found) == {"issuer", "time", "published"}
    assert "revocation_list_uri" not in get(deployment, METADATA.path, None).json()
    assert get(deployment, REVOCATION_SEGMENT.at(name="x" * 22), None).status_code == 404
    assert "handles" not in jwt.decode(own_token(deployment), options={"verify_signature": False})


def test_s311_the_list_reveals_neither_token_nor_user_nor_app(full: Deployment) -> None:
    person = new_person(full)
    client = new_client(full, person)
    tokens = [client.tokens(person)["access_token"] for _ in range(3)]
    claims = [jwt.decode(token, options={"verify_signature": False}) for token in tokens]
    ids = {"client": client.app.client_id, "user": person.user.user_id}
    for kind, subject in ids.items():
        publish(full, kind, subject)
    for token in tokens:
        client.revoke(token)
    found = listed(full)
    octets = [from_base64url(found[name]) for name in ("marks", "cutoffs")]

    assert sum(map(len, octets)) >= 3 * 8 + 2 * 12
    for secret in (*ids.values(), *tokens, *(each[name] for each in claims for name in ("jti", "grant_id"))):
        assert secret not in str(found)
    guessable = [mark(kind, subject) for subject in ids.values() for kind in ("client", "user", "grant", "jti")]
    for guessed in guessable:
        assert all(guessed.to_bytes(8, "little") not in each for each in octets)
    handles = {from_base64url(each) for each in claims[0]["handles"]}
    assert len(handles) == 2
    assert all(each in octets[1] for each in handles)  # which only the tokens say


def test_the_head_is_cached_for_a_poll_and_a_segment_for_good(full: Deployment) -> None:
    answer = get(full, HEAD, None)
    assert answer.headers["Cache-Control"] == "public, max-age=1"
    known = requests.get(full.base_url + HEAD, headers={"If-None-Match": f'"x", {answer.headers["ETag"]}'}, timeout=30)
    if known.status_code == 200:  # another second began in between
        assert known.headers["ETag"] != answer.headers["ETag"]
        known = requests.get(full.base_url + HEAD, headers={"If-None-Match": known.headers["ETag"]}, timeout=30)
    assert (known.status_code, known.text) == (304, "")
    missing = get(full, REVOCATION_SEGMENT.at(name="x" * 22), None)
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")


def test_s312_a_flood_is_throttled_and_costs_the_readers_of_the_feed_nothing(
    full: Deployment, calls: list[AwsCall]
) -> None:
    assert [(route.rate, route.burst) for route in (REVOCATION_LIST, REVOCATION_SEGMENT)] == [(50, 100)] * 2
    token = own_token(full)
    assert opens(full, token)
    etag = {"If-None-Match": get(full, HEAD, None).headers["ETag"]}
    with requests.Session() as flood, ThreadPoolExecutor(8) as pool:
        calls.clear()
        started = time.monotonic()

        def ask(number: int) -> int:
            path = HEAD if number % 3 else REVOCATION_SEGMENT.at(name=base64url(number.to_bytes(16, "big")))
            headers = etag if number % 2 else {}
            return flood.get(full.base_url + path, headers=headers, timeout=30).status_code

        found = list(pool.map(ask, range(600)))
        seconds = time.monotonic() - started

    assert found.count(429) > 100  # 50 a second, after the first 100 of each route
    assert set(found) <= {200, 304, 404, 429}
    of_list = [call for call in calls if call.function == "metadata"]
    # a query of keys and one of the feed, once a second in each of eight containers at most
    assert len(of_list) <= 2 * 8 * (seconds + 1) < len(found) - found.count(429)
    assert {call.action for call in of_list} <= {"dynamodb:Query"}
    assert opens(full, token)
    assert get(full, METADATA.path, None).status_code == 200
