"""A feed that older releases write, too: it is read and compacted on every engine."""

from __future__ import annotations

from functools import partial

from gatepost.model.feed import Revocation, RevocationKind
from gatepost.settings import Settings
from gatepost.stores.dynamodb.codec import to_item
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import TOKENS
from gatepost.tokens.access_token import Claims
from gatepost.tokens.compaction import compact
from gatepost.tokens.revocation_list import Watch
from tests.contract.records import NOBODYS
from tests.unit.world import NOW

KINDS: tuple[RevocationKind, ...] = ("jti", "grant", "client", "user")


def as_older_releases_write(store: DynamoDBStore, entry: Revocation) -> None:
    sk = f"revoked#{int(entry.revoked_at * 1000):015d}#{entry.kind}#{entry.subject}"
    store._tables.put(TOKENS, to_item(entry, {"pk": {"S": "feed"}, "sk": {"S": sk}}, ttl=entry.expires_at))


def of(number: int) -> tuple[Revocation, Claims]:
    """A revocation, and the claims of a token that it revokes."""
    kind, subject = KINDS[number % 4], f"s.{number}"
    field = {"jti": "jti", "grant": "grant_id", "client": "client_id", "user": "sub"}[kind]
    entry = Revocation(kind=kind, subject=subject, revoked_at=NOW + number, expires_at=NOW + 86_400)
    return entry, NOBODYS._replace(**{field: subject})  # type: ignore[arg-type]


def test_a_feed_that_an_older_release_goes_on_writing_is_read_and_compacted(local_store: DynamoDBStore) -> None:
    """During an update functions of both releases are at work."""
    store, settings = local_store, Settings(issuer="https://id.example.test", revocation_poll=0)
    warm = Watch(store, settings)
    for number in range(40):
        entry, _ = of(number)
        if number % 3:
            as_older_releases_write(store, entry)
        else:
            store._tables.clock = partial(float, NOW + number)
            store.publish(entry)
        if number % 20 == 19:
            compact(store.compactor(), lag=0, now=NOW + number, least=1)
        cold = Watch(store, settings)
        for watch in (warm, cold):
            watch.follow(NOW + number)
            seen = [watch._revoked.revokes(of(each)[1]) for each in range(number + 2)]
            assert seen == [True] * (number + 1) + [False]
    assert store.compactor().compaction().until == NOW + 19
