"""The deployment of operators' commands: on moto, with everything that a user can leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatepost.authentication.sign_in import name_key
from gatepost.model.records import User
from gatepost.stores.dynamodb.store import DynamoDBStore
from infra.tools.operator.target import Target
from tests.contract.records import (
    APP,
    CODE,
    ENTRY,
    GRANT,
    LINK,
    LOGIN,
    PROBLEM,
    REQUEST,
    SESSION,
    SIGNED_INTO,
    USER,
    register_app,
)
from tests.unit.world import APPROVAL, NOW, SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Lambda:
    """The settings of the deployment."""

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        return {"Environment": {"Variables": SETTINGS.to_env()}}


def target(client: Any, names: dict[str, str]) -> Target:
    return Target(
        name="the stage prod",
        client=lambda service: client if service == "dynamodb" else Lambda(),
        base_url="https://id.example.test",
        tables=names,
        functions={"rotate_keys": "fn-rotate"},
        backed_up=True,
    )


def lived(store: DynamoDBStore, user: User = USER) -> User:
    """Create everything that a user can leave behind."""
    user = user._replace(email="alice@example.test", email_confirmed=True)
    store.create_user(user, LOGIN)
    register_app(store, APP._replace(owner=user.user_id), limit=3)
    store.note_problems(PROBLEM._replace(client_id=APP.client_id))
    for number in (1, 2):
        grant = GRANT._replace(grant_id=f"alice-id.g{number}", redeemed_by="an attempt" if number == 2 else "")
        code = CODE._replace(code_hash=f"c{number}", grant_id=grant.grant_id)
        sign_in = SIGNED_INTO._replace(session_id=f"sid-{number}")
        approval = APPROVAL._replace(client_id=f"app-{number}")
        store.approve(grant, user=user, code=code, approval=approval, signed_into=sign_in)
        store.start_session(SESSION._replace(session_hash=f"s{number}"))
    store.save_request(REQUEST)
    store.save_link(LINK)
    store.save_link(LINK._replace(link_hash="l2", kind="register", user_id=""))
    store.count_failure(name_key("alice").name_hash, now=NOW, forget_at=NOW + 10)
    store.record(ENTRY, keep_until=NOW + 999)
    store.record(
        ENTRY._replace(entry_id="e2", event="sign_in_failed", actor="", actor_name="", subject="ALICE@example.test"),
        keep_until=NOW + 999,
    )
    store.record(
        ENTRY._replace(entry_id="e3", event="user_approved", actor="boss-id", actor_name="boss", subject="alice"),
        keep_until=NOW + 999,
    )
    return user


def items(client: DynamoDBClient, name: str) -> list[dict[str, Any]]:
    return [dict(item) for item in client.scan(TableName=name)["Items"]]
