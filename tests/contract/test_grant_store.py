"""Grants and codes: each decision about a grant is atomic."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatepost.model.feed import Revocation
from gatepost.model.records import Grant
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import GrantKey
from tests.contract.records import GRANT, LOGIN, USER
from tests.unit.world import NOW


@pytest.fixture(autouse=True)
def alice(store: Store) -> None:
    store.create_user(USER, LOGIN)


def stored(store: Store, grant_id: str = "alice-id.g1") -> Grant | None:
    return store.read(GrantKey(grant_id))[0]


def redeem(store: Store, attempt: str = "a1", now: int = NOW + 1, grant_id: str = "alice-id.g1") -> Grant | None:
    return store.redeem(grant_id, attempt=attempt, now=now, idle_expires_at=NOW + 200, expires_at=NOW + 300)


def rotate(store: Store, generation: int, now: int = NOW + 5, attempt: str = "r1") -> Grant | None:
    return store.rotate(
        "alice-id.g1", generation, attempt=attempt, now=now, idle_expires_at=NOW + 250, token_lifetime=70
    )


REDEEMED = GRANT._replace(
    redeemed_by="a1", redeemed_at=NOW + 1, idle_expires_at=NOW + 200, expires_at=NOW + 300, last_used_at=NOW + 1
)
TURNED = GRANT._replace(
    generation=2,
    rotated_by="r1",
    token_lifetime=70,
    rotated_at=NOW + 5,
    last_used_at=NOW + 5,
    idle_expires_at=NOW + 250,
)


REVOKED = GRANT._replace(revoked_at=NOW)
DIRECT = GRANT._replace(redeem_before=0)
Step = Callable[[Store], Grant | None]


def redeemed(attempt: str = "a1", now: int = NOW + 1) -> Step:
    return lambda s: redeem(s, attempt, now)


def rotated(generation: int = 1, now: int = NOW + 5, attempt: str = "r1") -> Step:
    return lambda s: rotate(s, generation, now, attempt)


# A grant, what was done with it, what is asked now; and the grant that is returned and stands
DECISIONS: dict[str, tuple[Grant, list[Step], Step, Grant]] = {
    "redeemed by the first attempt": (GRANT, [], redeemed(), REDEEMED),
    "a second attempt sees the first": (GRANT, [redeemed()], redeemed("a2", NOW + 2), REDEEMED),
    "a repetition sees that it won": (GRANT, [redeemed()], redeemed("a1", NOW + 2), REDEEMED),
    "too late": (GRANT, [], redeemed(now=NOW + 60), GRANT),
    "much too late": (GRANT, [], redeemed(now=NOW + 10**6), GRANT),
    "revoked before it was redeemed": (REVOKED, [], redeemed(), REVOKED),
    "without a code to redeem": (DIRECT, [], redeemed(), DIRECT),
    "turned to the next generation": (GRANT, [], rotated(), TURNED),
    "turned again": (
        GRANT, [rotated()], rotated(2, NOW + 6, "r2"),
        TURNED._replace(generation=3, rotated_by="r2", rotated_at=NOW + 6, last_used_at=NOW + 6),
    ),
    "an earlier generation": (GRANT, [rotated()], rotated(1, NOW + 9, "r2"), TURNED),
    "a later generation": (GRANT, [rotated()], rotated(3, NOW + 9, "r2"), TURNED),
    "a repetition sees that it turned": (GRANT, [rotated()], rotated(1, NOW + 9), TURNED),
    "revoked before it was turned": (REVOKED, [], rotated(), REVOKED),
}  # fmt: skip


@pytest.mark.parametrize(("grant", "before", "ask", "expected"), DECISIONS.values(), ids=DECISIONS)
def test_s39_s43_s67_s73_s109_s111_a_grant_is_decided_once_and_everybody_sees_how(
    store: Store, grant: Grant, before: list[Step], ask: Step, expected: Grant
) -> None:
    store.add_grant(grant)
    for step in before:
        step(store)

    assert ask(store) == expected
    assert stored(store) == expected


def test_what_is_not_there_can_not_be_redeemed_rotated_or_revoked(store: Store) -> None:
    assert redeem(store) is None
    assert rotate(store, 1) is None
    store.revoke_grant("alice-id.g1", now=NOW, feed_until=NOW + 99)

    assert stored(store) is None
    assert store.feed(0) == []


# revoke_grant, grants_of


def test_a_grant_is_revoked_once_and_published_with_it(store: Store) -> None:
    store.add_grant(GRANT)

    store.revoke_grant(GRANT.grant_id, now=NOW + 2.75, feed_until=NOW + 99)
    store.revoke_grant(GRANT.grant_id, now=NOW + 50, feed_until=NOW + 199)

    assert stored(store) == GRANT._replace(revoked_at=NOW + 2)
    entry = Revocation(kind="grant", subject="alice-id.g1", revoked_at=NOW + 2.75, expires_at=NOW + 99)
    assert store.feed(0) == [entry]


def test_all_grants_of_a_user_are_listed_whatever_became_of_them(store: Store) -> None:
    grants = [GRANT._replace(grant_id=f"alice-id.g{number}") for number in range(3)]
    for grant in grants:
        store.add_grant(grant)
    store.add_grant(GRANT._replace(grant_id="bob-id.g9"))
    store.revoke_grant("alice-id.g0", now=NOW, feed_until=NOW + 99)
    redeem(store, grant_id="alice-id.g1")

    found = sorted(store.grants_of("alice-id"), key=lambda grant: grant.grant_id)

    assert [grant.grant_id for grant in found] == ["alice-id.g0", "alice-id.g1", "alice-id.g2"]
    assert [grant.revoked_at for grant in found] == [NOW, 0, 0]
    assert [grant.redeemed_by for grant in found] == ["", "a1", ""]
    assert store.grants_of("alice") == []


# mark_revoked


@pytest.mark.parametrize(
    ("redeemed_by", "unredeemed", "marked"), [("", True, True), ("x", True, False), ("x", False, True)]
)
def test_s128_a_grant_is_marked_without_entry(store: Store, redeemed_by: str, unredeemed: bool, marked: bool) -> None:
    grant = GRANT._replace(redeemed_by=redeemed_by)
    store.add_grant(grant)
    assert store.mark_revoked(GRANT.grant_id, now=NOW + 3, unredeemed=unredeemed) is marked
    assert stored(store) == grant._replace(revoked_at=NOW + 3 if marked else 0)
    assert store.feed(0) == []


def test_a_grant_that_is_marked_stays_marked_and_one_that_is_gone_is_none(store: Store) -> None:
    store.add_grant(GRANT)
    assert store.mark_revoked(GRANT.grant_id, now=NOW)

    assert store.mark_revoked(GRANT.grant_id, now=NOW + 9)
    assert store.read(GrantKey(GRANT.grant_id)) == (GRANT._replace(revoked_at=NOW),)
    assert not store.mark_revoked("alice-id.nothing", now=NOW)
    assert store.read(GrantKey("alice-id.nothing")) == (None,)


def test_a_redemption_and_the_end_of_what_nobody_redeemed_exclude_each_other(store: Store) -> None:
    store.add_grant(GRANT)
    assert store.mark_revoked(GRANT.grant_id, now=NOW, unredeemed=True)

    assert redeem(store) == GRANT._replace(revoked_at=NOW)


def test_a_grant_is_marked_only_if_it_was_not_refreshed_meanwhile(store: Store) -> None:
    store.add_grant(GRANT._replace(redeemed_by="a1", generation=3))
    assert not store.mark_revoked(GRANT.grant_id, now=NOW, generation=2)
    assert store.read(GrantKey(GRANT.grant_id))[0].revoked_at == 0  # type: ignore[union-attr]

    assert store.mark_revoked(GRANT.grant_id, now=NOW, generation=3)
    assert store.mark_revoked(GRANT.grant_id, now=NOW + 9, generation=3)
    assert store.feed(0) == []


def test_all_grants_of_a_user_are_removed_and_nobody_elses(store: Store) -> None:
    other = GRANT._replace(grant_id="bob-id.g1")
    for grant in (*(GRANT._replace(grant_id=f"alice-id.g{number}") for number in range(3)), other):
        store.add_grant(grant)

    for _ in range(2):
        store.delete_grants("alice-id")

    assert (store.grants_of("alice-id"), store.grants_of("bob-id")) == ([], [other])
