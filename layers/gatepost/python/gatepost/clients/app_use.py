"""The use of apps, by tokens: for the overview and for an app's owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from gatepost.model.counts import months_of, start_of
from gatepost.model.records import ACTIVE
from gatepost.stores.ports.counts import CountStore

MOST_APPS = 20_000  # looked at for one overview


class AppUse(NamedTuple):
    """The use of all apps in some days."""

    used: Sequence[tuple[str, int]]  # client_id and tokens, the most used first
    unused: Sequence[str]  # the active apps without a token, those that were never used first
    by_day: Mapping[str, int]  # tokens of all apps, also of the days before
    looked_at_all: bool  # whether there are no more than MOST_APPS


def use_of_apps(store: CountStore, days: Sequence[str], before: Sequence[str] = ()) -> AppUse:
    """Return the use of all apps in `days`: a query per month, and one of the active apps.

    Of the days `before` only `by_day` tells.
    """
    by_app, by_day = Counter[str](), dict.fromkeys((*before, *days), 0)
    shown = frozenset(days)
    counted = [counts for month in months_of(by_day) for counts in islice(store.tokens_in(month), MOST_APPS)]
    for client_id, tokens in counted:
        for day in tokens.keys() & by_day.keys():
            by_day[day] += tokens[day]
            if day in shown:
                by_app[client_id] += tokens[day]
    active = list(islice(store.last_uses(ACTIVE), MOST_APPS + 1))
    first = start_of(days[0])
    unused = [each for each in active[:MOST_APPS] if each[1] < first and each[0] not in by_app]
    return AppUse(
        used=by_app.most_common(),
        unused=[client_id for client_id, _ in sorted(unused, key=lambda each: each[1])],
        by_day=by_day,
        looked_at_all=len(active) <= MOST_APPS,
    )


def use_of(store: CountStore, client_id: str, days: Sequence[str]) -> Sequence[int]:
    """Return the tokens of one app on each of `days`: one read."""
    tokens = {
        day: count for month in store.tokens_of(client_id, months_of(days)) for day, count in month.by_day.items()
    }
    return [tokens.get(day, 0) for day in days]
