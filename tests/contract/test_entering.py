"""A sign-in reads the account again after writing its session; sessions are listed after account changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gatepost.authentication.sessions import SESSION_COOKIE, public_id
from gatepost.console.entering import enter
from gatepost.errors import InvalidGrant
from gatepost.http.request import Request
from gatepost.model.records import User
from gatepost.model.sessions import Session
from gatepost.runtime import database, wiring
from gatepost.runtime import environment as known
from gatepost.settings import table_variable
from gatepost.stores.dynamodb.store import DynamoDBStore
from tests.contract.cloud import REGION
from tests.contract.records import LOGIN, USER, VOIDED
from tests.unit.world import NOW, SETTINGS

ALICE: User = USER._replace(user_id="00000000-0000-4000-8000-000000000000")
HERS = LOGIN._replace(user_id=ALICE.user_id)
REQUEST = Request(
    method="POST", path="/developer/login", route_key="POST /developer/login", path_parameters={}, raw_query="",
    headers={}, cookies=(), body=b"", source_ip="192.0.2.1", request_id="r", authorizer={}, now=NOW, arrived_at=NOW,
)  # fmt: skip

_CACHES = (known.settings, database.table_names, database.dynamodb, wiring.store, wiring.server)


@pytest.fixture
def store(dynamodb: object, table_names: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBStore]:
    """The store of a function, with alice in it."""
    environment = SETTINGS._replace(aws_client="boto3").to_env() | {"AWS_DEFAULT_REGION": REGION}
    environment |= {table_variable(name): physical for name, physical in table_names.items()}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for cached in _CACHES:
        cached.cache_clear()
    wiring.store().create_user(ALICE, HERS)
    yield wiring.store()
    for cached in _CACHES:
        cached.cache_clear()


@pytest.fixture
def openid(store: DynamoDBStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenID Connect is on."""
    monkeypatch.setenv("GATEPOST_OPENID", "true")
    for cached in (known.settings, wiring.server):
        cached.cache_clear()


def sent_with(cookie: str) -> Session:
    """Send the sign-in form with a cookie; return the session that begins."""
    before = {each.session_hash for each in wiring.store().sessions_of(ALICE.user_id)}
    enter(REQUEST._replace(cookies=(f"{SESSION_COOKIE}={cookie}",) if cookie else ()), ALICE, None, login=HERS)
    (began,) = [each for each in wiring.store().sessions_of(ALICE.user_id) if each.session_hash not in before]
    return began


def first_cookie() -> str:
    """Sign in, and return the cookie."""
    (cookie, *_) = enter(REQUEST, ALICE, None, login=HERS).cookies
    return cookie.partition(";")[0].partition("=")[2]


@pytest.mark.usefixtures("openid")
def test_however_often_the_form_is_sent_one_session_has_the_name(store: DynamoDBStore) -> None:
    cookie = first_cookie()
    (first,) = store.sessions_of(ALICE.user_id)

    for _ in range(3):
        last = sent_with(cookie)

    assert store.sessions_of(ALICE.user_id) == [last]
    assert last.sid == public_id(first)


def test_without_openid_connect_no_app_knows_a_session_and_none_is_looked_for(store: DynamoDBStore) -> None:
    began = sent_with(first_cookie())

    assert (began.sid, began.replaced) == ("", "")


def test_who_stands_as_the_password_was_checked_enters(store: DynamoDBStore) -> None:
    answer = enter(REQUEST, ALICE, None, login=HERS)

    assert (answer.status, answer.headers["Location"]) == (303, "/developer")
    assert len(store.sessions_of(ALICE.user_id)) == 1


CHANGES: dict[str, Callable[[DynamoDBStore], None]] = {
    "another password": lambda store: store.change_password(ALICE, "$2b$04$new", sessions_valid_from=NOW - 9),
    "deactivated": lambda store: store.set_user_status(ALICE.user_id, "deactivated"),
    "gone": lambda store: store.delete_user(ALICE, revocation=VOIDED, forget_at=NOW),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_who_was_changed_meanwhile_stays_out(store: DynamoDBStore, change: Callable[[DynamoDBStore], None]) -> None:
    change(store)

    with pytest.raises(InvalidGrant):
        enter(REQUEST, ALICE, None, login=HERS)

    assert store.sessions_of(ALICE.user_id) == []


def test_who_has_just_chosen_a_password_enters_by_it(store: DynamoDBStore) -> None:
    store.change_password(ALICE, "$2b$04$new", sessions_valid_from=NOW)

    assert enter(REQUEST, ALICE, None).status == 303
