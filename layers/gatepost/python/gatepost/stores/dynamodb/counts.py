"""Counts: an item per app and month, in one partition per month, and an item per day of audited events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from gatepost.model.counts import COUNTED, DAY, DAYS_OF_MONTH, KEPT, AppTokens, EventCounts, start_of
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import Item
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed, call, queried

AS_COUNTED = "reached = :before"
NOT_COUNTED = "attribute_not_exists(pk)"
_EVENTS = "events"


class DynamoDBCounts:
    """Implements ports.CountStore."""

    _tables: Tables

    def add_tokens(self, client_id: str, tokens: int, *, now: float) -> None:
        """One update of one small item."""
        at = datetime.fromtimestamp(now, UTC)
        self._tables.update(
            t.COUNTS,
            _month_key(f"{at:%Y-%m}", client_id),
            "ADD #d :tokens SET #t = :ttl",
            "",
            {":tokens": {"N": str(tokens)}, ":ttl": {"N": str(int(now) + KEPT)}},
            {"#d": f"d{at:%d}", "#t": t.TTL_ATTRIBUTE},
        )

    def tokens_of(self, client_id: str, months: Sequence[str]) -> Sequence[AppTokens]:
        """One batch."""
        found = self._tables.batch_get([(t.COUNTS, _month_key(month, client_id)) for month in months])
        return [_tokens(item) for _, item in found]

    def tokens_in(self, month: str) -> Iterator[AppTokens]:
        """A query of the month's partition."""
        values = {":p": {"S": f"tokens#{month}"}}
        return map(_tokens, queried(self._tables.client, self._query(t.COUNTS, "pk = :p", values)))

    def last_uses(self, status: str) -> Iterator[tuple[str, int]]:
        """A query of the index by status, of two attributes."""
        request = {
            **self._query(t.APPS, "#s = :s", {":s": {"S": status}}),
            "IndexName": "by_status",
            "ExpressionAttributeNames": {"#s": "status"},
            "ProjectionExpression": "client_id, last_used_at",
        }
        for item in queried(self._tables.client, request):
            yield item["client_id"]["S"], int(item.get("last_used_at", {"N": "0"})["N"])

    def event_counts(self, first: str, last: str) -> Sequence[EventCounts]:
        """A query of one partition."""
        values = {":p": {"S": _EVENTS}, ":first": {"S": first}, ":last": {"S": last}}
        condition = "pk = :p AND sk BETWEEN :first AND :last"
        return [_events(item) for item in queried(self._tables.client, self._query(t.COUNTS, condition, values))]

    def keep_event_counts(self, counts: EventCounts, *, before: EventCounts) -> None:
        """One conditional update."""
        values: Item = {f":{name}": {"N": str(counts.events.get(name, 0))} for name in COUNTED}
        values |= {":reached": {"S": counts.reached}, ":ttl": {"N": str(start_of(counts.day) + KEPT)}}
        values |= {":before": {"S": before.reached}} if before.reached else {}
        sets = ", ".join(f"{name} = :{name}" for name in (*COUNTED, "reached"))
        condition = AS_COUNTED if before.reached else NOT_COUNTED
        key = {"pk": {"S": _EVENTS}, "sk": {"S": counts.day}}
        try:
            self._tables.update(t.COUNTS, key, f"SET {sets}, #t = :ttl", condition, values, {"#t": t.TTL_ATTRIBUTE})
        except ConditionFailed:
            return

    def audited_events(self, day: str, *, after: str, until: float) -> tuple[Sequence[tuple[str, str]], str]:
        """One query of the day's partition, of at most 1 MB: consistent, because nothing counted is read again."""
        end = f"{int(min(until, start_of(day) + DAY) * 1000):015d}"
        values = {":p": {"S": day}, ":after": {"S": f"{after} "}, ":end": {"S": end}}
        request = {
            **self._query(t.AUDIT, "#p = :p AND sk BETWEEN :after AND :end", values),
            "ExpressionAttributeNames": {"#p": t.AUDIT.partition_key, "#e": "event", "#r": "reason"},
            "ProjectionExpression": "#e, #r",
            "ConsistentRead": True,
        }
        answer = call(partial(self._tables.client.call, "Query", request))
        last = answer.get("LastEvaluatedKey")
        events = [(item["event"]["S"], item.get("reason", {"S": ""})["S"]) for item in answer["Items"]]
        return events, last["sk"]["S"] if last else end

    def _query(self, table: t.Table, condition: str, values: Item) -> Item:
        return {
            "TableName": self._tables.name(table),
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
        }


def _month_key(month: str, client_id: str) -> Item:
    return {"pk": {"S": f"tokens#{month}"}, "sk": {"S": client_id}}


def _tokens(item: Item) -> AppTokens:
    month = item["pk"]["S"].partition("#")[2]
    days = {f"{month}-{name[1:]}": int(item[name]["N"]) for name in DAYS_OF_MONTH if name in item}
    return AppTokens(client_id=item["sk"]["S"], by_day=days)


def _events(item: Item) -> EventCounts:
    events = {name: int(item[name]["N"]) for name in COUNTED if name in item}
    return EventCounts(day=item["sk"]["S"], reached=item["reached"]["S"], events=events)
