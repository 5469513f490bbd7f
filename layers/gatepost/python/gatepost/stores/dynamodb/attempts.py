"""Counters of failed attempts of names, known browsers and networks."""

from __future__ import annotations

from gatepost.model.records import Attempts
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import Item, to_item
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed
from gatepost.stores.record_keys import AttemptsKey

AS_COUNTED = "failures = :failures AND last_failure_at = :last"
COUNTING = "expires_at > :now"
ENDED = "attribute_not_exists(pk) OR expires_at <= :now"
BELOW_FREE = "failures < :free"
_START = "SET failures = :one, last_failure_at = :now, expires_at = :end, #t = :end"
_GO_ON = "ADD failures :one SET last_failure_at = :now, expires_at = :end, #t = :end"


class DynamoDBAttempts:
    """Implements part of ports.AccountStore."""

    _tables: Tables

    def count_failure(self, name_hash: str, *, now: int, forget_at: int) -> int:
        """Increment a live counter, else start one; both are conditional, so no failure is lost."""
        values = {":one": {"N": "1"}, ":now": {"N": str(now)}, ":end": {"N": str(forget_at)}}
        for expression, condition in ((_GO_ON, COUNTING), (_START, ENDED), (_GO_ON, COUNTING)):
            try:
                counter = self._tables.update(
                    *place(AttemptsKey(name_hash)), expression, condition, values, {"#t": "ttl"}, changed=True
                )
            except ConditionFailed:
                continue
            return int(counter["failures"]["N"])
        return 1  # it started, ended and started in these milliseconds: a clock jumped

    def reserve_attempt(self, name_hash: str, *, before: Attempts | None, free: int, now: int, forget_at: int) -> bool:
        """One conditional update; more if the counter was started, reset, or has expired since it was read."""
        values: Item = {":one": {"N": "1"}, ":now": {"N": str(now)}, ":end": {"N": str(forget_at)}}
        start = (_START, ENDED, values)
        go_on = (_GO_ON, f"{COUNTING} AND {BELOW_FREE}", {**values, ":free": {"N": str(free)}})
        if before is not None and before.failures >= free:
            as_read = {":failures": {"N": str(before.failures)}, ":last": {"N": str(before.last_failure_at)}}
            go_on = (_GO_ON, f"{COUNTING} AND ({BELOW_FREE} OR ({AS_COUNTED}))", {**go_on[2], **as_read})
        ended = before is None or before.expires_at <= now
        for expression, condition, given in (start, go_on, start) if ended else (go_on, start, go_on):
            try:
                self._tables.update(*place(AttemptsKey(name_hash)), expression, condition, given, {"#t": "ttl"})
            except ConditionFailed:
                continue
            return True
        return False

    def trust_device(self, name_hash: str, *, now: int, expires_at: int) -> None:
        """One put."""
        counter = Attempts(failures=0, last_failure_at=0, expires_at=expires_at, trusted_at=now)
        self._tables.put(t.ACCOUNTS, to_item(counter, place(AttemptsKey(name_hash))[1], ttl=expires_at))

    def forget_failures(self, name_hash: str) -> None:
        """One delete."""
        self._tables.delete(*place(AttemptsKey(name_hash)))
