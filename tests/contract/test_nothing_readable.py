"""S105: the tables hold no usable secret."""

from __future__ import annotations

import copy
import json
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from gatepost.accounts.accounts import change_password, register
from gatepost.accounts.links import new_link
from gatepost.accounts.removal import delete_user
from gatepost.audit_log.events import record
from gatepost.authentication.passwords import hash_password
from gatepost.authentication.sessions import form_token, start_session
from gatepost.aws.boto import BotoClient
from gatepost.clients.owner_changes import add_secret, create_app
from gatepost.clients.refused_requests import problem_of
from gatepost.endpoints.authorization import checked_request
from gatepost.endpoints.decision import approve
from gatepost.endpoints.pending_request import pending_request
from gatepost.endpoints.revocation import revoke
from gatepost.errors import InvalidGrant
from gatepost.identifiers import digest
from gatepost.oauth.redirect_uris import Callback
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.tokens.revocation_list import Watch
from gatepost.tokens.signing_keys import new_signing_key
from tests.dynamodb import InProcess, items, restore
from tests.fakes import MemoryStore
from tests.fakes.keys import REFRESH_KEY
from tests.raising import raised
from tests.unit.world import (
    ALICE,
    CALLBACK,
    CHALLENGE,
    ISSUER,
    NOW,
    PASSWORD,
    SECRET,
    VERIFIER,
    World,
    app_details,
    credentials_of,
    signer_of,
)


def leak(world: World, *redirect_uris: str) -> None:
    """Requests that are refused for a redirect URI with secrets in it, as their app's owner is told of them."""
    for redirect_uri in redirect_uris:
        caught = raised(InvalidGrant, world.redeem, world.code(), redirect_uri=redirect_uri)
        problem = problem_of(caught, "token", NOW)
        assert problem is not None
        world.store.note_problems(problem)


def walk(world: World) -> dict[str, str]:
    """Run every flow once; return every secret that was used."""
    store, settings = world.store, world.settings
    details = app_details(grant_types=("authorization_code", "refresh_token", "implicit"))
    app, app_secret = create_app(store, settings, owner=ALICE, details=details, now=NOW)
    app, second_secret = add_secret(store, app, now=NOW)
    bob = register(store, settings, user_name="bob", email="bob@example.test", password="a better password", now=NOW)
    password_hash = hash_password("the password of carol", cost=4)
    links = [
        new_link(store, "register", user_name="carol", email="c@example.test", password_hash=password_hash, now=NOW),
        new_link(store, "reset", user_id="alice-id", user_name="alice", email="a@example.test", now=NOW),
    ]
    record(store, settings, "signed_in", now=NOW, source_ip="192.0.2.7", actor=ALICE)
    cookie = start_session(store, settings, "alice-id", user_agent="Firefox", source_ip="192.0.2.9", now=NOW)
    callback = Callback(redirect_uri=CALLBACK, sent=True, state="s", issuer=ISSUER, fragment=True)
    asked = checked_request(app, ALICE, callback, {"response_type": "token"}, settings)
    request_id, pending = pending_request(app, ALICE, asked, session_hash=digest(cookie), settings=settings, now=NOW)
    store.save_request(pending)
    location = approve(world.server, app, ALICE, asked, None, NOW).url
    waiting, used = world.code(), world.code()
    first = world.redeem(used)
    second = world.refresh(first.refresh_token)
    password = world.send(world.web, grant_type="password", username="alice", password=PASSWORD)
    machine = world.send(world.web, grant_type="client_credentials")
    for token in (first.access_token, password.refresh_token):
        revoke(world.server, Watch(store, settings), {"token": token}, credentials_of(world.web), NOW)
    with pytest.raises(InvalidGrant):
        world.send(world.web, grant_type="password", username="alice", password="a wrong password")
    change_password(store, settings, bob, "an even better password", now=NOW)
    leak(
        world,
        CALLBACK + f"?code={used}&cookie={cookie}#{first.refresh_token}",
        f"{CALLBACK}/{waiting}/{second.access_token}",
    )
    return {
        "secret of a new app": app_secret,
        "second secret of a new app": second_secret,
        "secret of the web app": SECRET,
        "password": PASSWORD,
        "password of a new account": "a better password",
        "password of somebody who waits": "the password of carol",
        "changed password": "an even better password",
        "wrong password": "a wrong password",
        "link to register": links[0],
        "link to reset": links[1],
        "cookie": cookie,
        "form token": form_token(cookie),
        "id of a request": request_id,
        "code that waits": waiting,
        "code that was used": used,
        "verifier": VERIFIER,
        "implicit token": parse_qs(urlsplit(location).fragment)["access_token"][0],
        "first access token": first.access_token,
        "first refresh token": first.refresh_token,
        "second access token": second.access_token,
        "second refresh token": second.refresh_token,
        "access token for a password": password.access_token,
        "refresh token for a password": password.refresh_token,
        "token of an app for itself": machine.access_token,
        "refresh key": REFRESH_KEY.key,
    }


Tables = dict[str, list[dict[str, Any]]]


class Walked(NamedTuple):
    """The secrets that were used, and the items of each table before and after alice's deletion."""

    secrets: dict[str, str]
    before: Tables
    after: Tables


@pytest.fixture(scope="module")
def walked(local_tables: tuple[dict[str, str], bytes]) -> Walked:
    names, empty_tables = local_tables
    restore(empty_tables)
    store = DynamoDBStore(BotoClient(InProcess()), names)
    key = new_signing_key("ES256", active_from=0)
    world = World(signer_of(key), key.public(), cast(MemoryStore, store))

    def everything() -> Tables:
        return {name: copy.deepcopy(items(table)) for name, table in names.items()}

    secrets = walk(world)
    before = everything()
    delete_user(world.store, ALICE, now=NOW + 1)
    return Walked(secrets, before, everything())


def test_s105_no_secret_stands_in_any_table(walked: Walked) -> None:
    stored, secrets = json.dumps(walked.before), walked.secrets  # keys and indexes among them

    assert len(set(secrets.values())) == 25
    assert [name for name, secret in secrets.items() if secret in stored] == []
    macs = {name: secret.rpartition(".")[2] for name, secret in secrets.items() if "." in secret}
    assert [name for name, mac in macs.items() if mac in stored] == []


def test_s105_what_stands_there_in_their_place_is_found(walked: Walked) -> None:
    stored = json.dumps(walked.before)

    kept = ("secret of a new app", "second secret of a new app", "cookie", "id of a request", "code that waits")
    for name in (*kept, "code that was used", "link to register", "link to reset"):
        assert digest(walked.secrets[name]) in stored
    assert CHALLENGE in stored
    assert stored.count("$2b$04$") == 3


def test_every_item_that_ends_says_so_to_dynamodb_and_the_rest_stays(walked: Walked) -> None:
    for item in (item for table in walked.before.values() for item in table):
        if "expires_at" in item:
            assert int(item["ttl"]["N"]) >= int(item["expires_at"]["N"])  # S111: never before its end
        elif "event" in item:
            assert int(item["ttl"]["N"]) == NOW + 90 * 86400
        else:
            assert "ttl" not in item


def test_of_a_deleted_account_only_the_audit_list_and_what_ends_by_itself_remain(walked: Walked) -> None:
    left = {name: [item for item in table if "alice" in json.dumps(item)] for name, table in walked.after.items()}

    assert [item["client_id"]["S"] for item in left["apps"]] == ["count#alice-id"]  # so that no app is made meanwhile
    assert [item["sk"]["S"] for item in left["accounts"]] == ["link"]
    assert {item["sk"]["S"].partition("#")[0] for item in left["sessions"]} == {"request"}
    assert {item["pk"]["S"] for item in left["tokens"]} == {"feed"}
    assert left["audit"] != []
    assert [item for table in left.values() for item in table if "ttl" not in item] == []
