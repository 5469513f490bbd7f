"""Codes that are presented twice (S39, S141), and a failure between any two steps of a flow (S107)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gatepost.errors import InvalidGrant, TemporarilyUnavailable
from gatepost.grants.token_response import TokenAnswer
from gatepost.stores.record_keys import GrantKey
from tests.unit.grants.refusing import code_refused
from tests.unit.world import CHALLENGE, NOW, VERIFIER, World


@pytest.mark.parametrize("later", [0, 10])
def test_s141_a_replay_with_pkce_within_the_window_is_refused_and_nothing_more(world: World, later: int) -> None:
    code = world.code()
    answer = world.redeem(code)

    for _ in range(2):
        code_refused(world, code, now=NOW + later)

    assert world.opens(answer.access_token)
    assert world.refresh(answer.refresh_token).access_token


@pytest.mark.parametrize(
    ("challenge", "window", "later"),
    [("", 10, 0), (CHALLENGE, 0, 0), *((CHALLENGE, 10, later) for later in (11, 61, 80_000))],
)
def test_s39_s141_any_other_replay_ends_the_grant(world: World, challenge: str, window: int, later: int) -> None:
    world.set(refresh_retry_window=window)
    code = world.code(code_challenge=challenge)
    verifier = VERIFIER if challenge else None
    answer = world.redeem(code, code_verifier=verifier)

    code_refused(world, code, now=NOW + later, code_verifier=verifier)

    assert world.grant(answer).revoked_at == NOW + later


def test_s141_a_grant_that_says_not_when_it_was_redeemed_was_so_long_ago(world: World) -> None:
    code = world.code()
    answer = world.redeem(code)
    world.store.add_grant(world.grant(answer)._replace(redeemed_at=0))

    code_refused(world, code)

    assert world.grant(answer).revoked_at == NOW


# Interruptions


@dataclass
class Interrupted:
    """A store whose n-th call fails, before it did anything or after it did everything."""

    store: Any
    call: int
    after: bool
    calls: int = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.store, name)
        if not callable(method):
            return method

        def called(*args: Any, **options: Any) -> Any:
            self.calls += 1
            if self.calls != self.call:
                return method(*args, **options)
            if self.after:
                method(*args, **options)
            raise TemporarilyUnavailable("try again", reason="interrupted")

        return called


def interrupted(world: World, step: Callable[[], object], call: int, after: bool) -> bool:
    """Whether the flow made that many calls; the failure is the error that asks for a retry."""
    genuine = world.store
    world.store = Interrupted(genuine, call, after)  # type: ignore[assignment]
    try:
        step()
    except TemporarilyUnavailable:
        return True
    finally:
        world.store = genuine
    return False


def tried_again(step: Callable[[], TokenAnswer]) -> TokenAnswer | None:
    """Return the result of a client's retry: tokens, or an error."""
    try:
        return step()
    except InvalidGrant:
        return None


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", [1, 2])
def test_s107_an_interrupted_exchange_leaves_the_code_or_nothing(world: World, call: int, after: bool) -> None:
    world.redeem(world.code())  # the first use of the app has a call of its own
    code = world.code()

    assert interrupted(world, lambda: world.redeem(code), call, after)
    answer = tried_again(lambda: world.redeem(code))

    took_effect = call == 2 and after
    assert (answer is None) is took_effect
    if answer is not None:
        assert world.opens(answer.access_token)
        assert world.grant(answer).generation == 1
    another = world.code()
    assert not interrupted(world, lambda: world.redeem(another), 3, after)  # there are two calls


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_s107_an_interrupted_first_use_of_an_app_leaves_the_code(world: World, after: bool) -> None:
    code = world.code()

    assert interrupted(world, lambda: world.redeem(code), 2, after)

    assert world.opens(world.redeem(code).access_token)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", [1, 2])
def test_s107_an_interrupted_refresh_goes_on_with_one_chain(world: World, call: int, after: bool) -> None:
    first = world.redeem(world.code())

    assert interrupted(world, lambda: world.refresh(first.refresh_token), call, after)
    second = tried_again(lambda: world.refresh(first.refresh_token))

    assert second is not None  # an honest retry, also where the answer was lost after the write
    assert world.grant(second).generation == 2
    third = world.refresh(second.refresh_token)
    assert world.grant(third).generation == 3
    assert not world.refreshes(first.refresh_token)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_s107_an_interrupted_approval_leaves_no_code_without_its_grant(world: World, after: bool) -> None:
    records = dict(world.store._records)

    assert interrupted(world, world.code, 2, after)

    made = [key for key in world.store._records if key not in records]
    assert len(made) == (2 if after else 0)  # both or none: the code and the grant
    assert sum(isinstance(key, GrantKey) for key in made) == (1 if after else 0)
