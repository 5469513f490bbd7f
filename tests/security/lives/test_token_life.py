"""The whole life of tokens against a model (S39, S58, S67, S73, S87, S88, S110, S200, S202), in whatever order.

Each subject is played with its own rules and the clock's, so that few lives see every case of it, and then all of them
together. `FUZZ_EXAMPLES=5000` plays a hundred lives of each, and others each time; `LIFE_SEED=1` plays others once.
`make mutants MODULE=scope BY=tests/security/lives` lists the rules of a module whose removal no life notices.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from gatepost.aws.boto import BotoClient
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from tests.contract.cloud import create_tables
from tests.dynamodb import InProcess
from tests.fakes import MemoryStore
from tests.security.lives.around import Clock, Compactions, Keys, Rights
from tests.security.lives.ends import Revocations
from tests.security.lives.issue import Codes, OtherGrants
from tests.security.lives.owners import Owners
from tests.security.lives.refresh import Refreshes
from tests.security.lives.resources import Resources
from tests.security.lives.steps import FIRST, Steps

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0")) // 50
LIVES = hypothesis.settings(
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)


class CodeLife(Codes, Clock):
    """Codes."""


class RefreshLife(Refreshes, Clock):
    """Refresh tokens."""


class RevokedLife(Revocations, OtherGrants, Clock):
    """Tokens that their app revokes."""


class StoppedLife(Compactions, OtherGrants, Clock):
    """Apps and users that are deactivated, and revocations by users."""


class KeyLife(Keys, Rights, OtherGrants, Clock):
    """Keys that are replaced, and rights that change."""


class OwnerLife(Owners, Rights, Clock):
    """Apps whose owners are deactivated and limited, and administrators' grants to them."""


class ResourceLife(Resources, Clock):
    """Tokens for one API and for another."""


class WholeLife(Codes, Refreshes, Revocations, Compactions, Keys, Rights, Owners, Resources, Clock):
    """Everything."""


LIVES_OF_ALL = [CodeLife, RefreshLife, RevokedLife, StoppedLife, KeyLife, OwnerLife, ResourceLife, WholeLife]


@pytest.fixture(autouse=True)
def one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seconds that a slow machine takes do not count: the lives have a clock of their own."""
    monkeypatch.setattr("gatepost.cutoff.time", SimpleNamespace(monotonic=lambda: 0.0))


def play(life: type[Steps], new_store: Callable[[], Store]) -> None:
    """Many lives, each on a store of its own; they begin with the cases of their subject, and go on a while."""

    def born() -> Steps:
        return life(new_store())

    if not EXAMPLES:
        hypothesis.seed(f"{life.__name__} {new_store.__qualname__} {os.environ.get('LIFE_SEED', '')}")(born)
    cases = [name for name in dir(life) if name.startswith(FIRST)]
    count = EXAMPLES or (6 if life is WholeLife else 12)
    lives = hypothesis.settings(LIVES, max_examples=count, stateful_step_count=len(cases) + 10)
    run_state_machine_as_test(cast(Any, born), settings=lives)


@pytest.mark.parametrize("life", LIVES_OF_ALL if EXAMPLES else [WholeLife])
def test_every_life_in_memory_is_as_the_model_says(life: type[Steps]) -> None:
    """One will do: that the fakes do what DynamoDB does is tested with the stores."""
    play(life, MemoryStore)


@pytest.mark.parametrize("life", LIVES_OF_ALL)
def test_every_life_on_dynamodb_is_as_the_model_says(life: type[Steps]) -> None:
    client: Any = InProcess()

    def on_dynamodb() -> Store:
        return cast(Store, DynamoDBStore(BotoClient(client), create_tables(client)))

    play(life, on_dynamodb)
