"""Records as items: every record is restored unchanged, whatever its fields hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.errors import TemporarilyUnavailable
from gatepost.model.feed import Revocation
from gatepost.model.records import App, AppSecret, User
from gatepost.scope import Scope
from gatepost.stores.dynamodb.codec import attribute, from_item, to_item
from infra.tools.integrity.kinds import KINDS
from tests.raising import raised
from tests.unit.world import LIVING, NOW, READ_WRITE, WEB, native_app, web_app

RECORDS: list[Any] = sorted({kind.record for kind in KINDS if kind.record}, key=lambda record: record.__name__)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAME = st.text("abcxyz:/.", min_size=1, max_size=9)

for kind, strategy in {
    str: TEXT,
    int: st.integers(0, 2**40),
    float: st.floats(0, 2**40),
    Scope: st.frozensets(NAME, max_size=3).map(Scope),
    AppSecret: st.builds(
        AppSecret,
        secret_id=TEXT,
        secret_hash=TEXT,
        created_at=st.integers(0, 2**40),
        last_used_at=st.integers(0, 2**40),
    ),
}.items():
    st.register_type_strategy(kind, strategy)


@pytest.mark.parametrize("record", RECORDS)
@given(data=st.data())
@settings(max_examples=40)
def test_s117_every_record_comes_back_as_it_was(record: Any, data: st.DataObject) -> None:
    one = data.draw(st.from_type(record))

    assert from_item(record, to_item(one)) == one


def test_a_field_that_has_its_default_is_left_out() -> None:
    assert to_item(LIVING._replace(scope=READ_WRITE), {"pk": {"S": "alice-id"}}, ttl=7) == {
        "pk": {"S": "alice-id"},
        "grant_id": {"S": "alice-id.g1"},
        "client_id": {"S": WEB},
        "scope": {"S": "read write"},
        "grant_type": {"S": "password"},
        "created_at": {"N": "1800000000"},
        "generation": {"N": "1"},
        "idle_expires_at": {"N": "1800000100"},
        "expires_at": {"N": "1800000200"},
        "ttl": {"N": "7"},
    }


@pytest.mark.parametrize("app", [web_app(), native_app(), web_app(redirect_uris=(), grants_valid_from=5)])
def test_an_app_comes_back_with_its_lists_and_secrets(app: App) -> None:
    assert from_item(App, to_item(app)) == app


def test_attributes_of_the_table_are_not_fields() -> None:
    user = User(user_id="alice-id", user_name="alice", status="active", created_at=NOW)

    assert from_item(User, to_item(user, {"pk": {"S": "x"}, "sk": {"S": "y"}}, ttl=1)) == user


@pytest.mark.parametrize("value", [None, b"x", [1], {"a": 1}, object()])
def test_a_value_that_no_field_has_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        attribute(value)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_a_record_in_the_form_of_a_newer_version_is_refused_and_not_misread(record: Any) -> None:
    caught = raised(TemporarilyUnavailable, from_item, record, {"form": {"N": "2"}})
    assert caught.reason == "a record in the form of a newer version"


def test_the_form_of_this_version_may_be_written_or_not() -> None:
    item = to_item(Revocation(kind="grant", subject="g", revoked_at=1.0, expires_at=2))

    assert "form" not in item
    assert from_item(Revocation, {**item, "form": {"N": "1"}}) == from_item(Revocation, item)


def test_no_record_has_a_field_of_the_name() -> None:
    assert [record for record in RECORDS if "form" in record._fields] == []
