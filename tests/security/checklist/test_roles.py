"""Actions that each role denies, tried with its own credentials on the local AWS. S130."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import pytest

from gatepost.routes import WHOAMI
from gatepost.scope import Scope
from gatepost.stores.dynamodb.revocations import key_item
from gatepost.tokens.access_token import Signer, issue_access_token
from gatepost.tokens.signing_keys import new_signing_key
from infra.local.deployment import Deployment
from infra.stack.function_table import FUNCTIONS
from tests.conftest import TEST_SETTINGS
from tests.people import Client, get
from tests.security.checklist.acting import as_role, is_allowed
from tests.security.checklist.rights import DELETES, READS, WORST, WRITES, Attempt, may

NAMES = tuple(spec.name for spec in FUNCTIONS)
# What is not on anyway, so that every feature's rights are tried.
EVERYTHING = {"dynamic_registration": "token", "mail_sender": "gatepost@example.com"}


@pytest.fixture(scope="module")
def everything() -> Iterator[Deployment]:
    with Deployment(overrides={**TEST_SETTINGS, **EVERYTHING}, seeded=False) as deployed:
        yield deployed


@pytest.mark.parametrize("among", [WRITES, DELETES, READS], ids=["write", "delete", "read"])
@pytest.mark.parametrize("function", NAMES)
def test_s130_a_role_can_do_what_its_function_needs_and_nothing_else(
    everything: Deployment, function: str, among: Mapping[str, tuple[Attempt, frozenset[str]]]
) -> None:
    client = as_role(everything, function)

    assert {name for name, (attempt, _) in among.items() if is_allowed(client, everything, attempt)} == may(
        function, among
    )


def test_s130_only_the_rotation_publishes_keys_and_only_registration_writes_logins() -> None:
    publishing = {function for name, (_, allowed) in WRITES.items() if "public key" in name for function in allowed}

    assert publishing == {"rotate_keys"}
    assert WRITES["a login"][1] == {"registration"}
    assert not (WRITES["a session"][1] | WRITES["an account's role"][1]) & {"authorize", "consent", "token", "revoke"}


@pytest.mark.parametrize(("place", "status"), [("feed", 403), ("feed#7", 403), ("keys", 200)])
def test_s130_a_key_counts_only_where_the_rotation_alone_may_write(
    deployment: Deployment, client: Client, place: str, status: int
) -> None:
    made, now = new_signing_key("RS256", active_from=0), time.time()
    who = {"sub": client.app.client_id, "client_id": client.app.client_id, "grant_id": ""}
    signer = Signer(kid=made.kid, alg=made.alg, key=made.load())
    forged = issue_access_token(
        signer,
        deployment.settings,
        **who,
        scope=Scope.of("read"),
        lifetime=60,
        now=now,
        audience=deployment.settings.audience,
    )
    item = key_item(place, made.public())
    table, database = deployment.tables["tokens"], deployment.client("dynamodb")
    database.put_item(TableName=table, Item=item)
    try:
        deployment.restart("authorizer")
        assert get(deployment, WHOAMI.path, forged).status_code == status
    finally:
        database.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
        deployment.restart("authorizer")


def test_every_role_has_its_worst() -> None:
    assert tuple(WORST) == NAMES
