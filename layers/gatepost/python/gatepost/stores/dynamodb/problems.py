"""Problems of apps: a partition for each app, and an item for each slot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import Item, attribute, from_item
from gatepost.stores.dynamodb.operations import Tables

if TYPE_CHECKING:
    from gatepost.model.problem import Problem

_OF_APP = "pk = :app"


class DynamoDBProblems:
    """Implements ports.ProblemStore."""

    _tables: Tables

    def note_problems(self, *problems: Problem) -> None:
        """One update, or one transaction of several, which costs twice as much for each."""
        if len(problems) == 1:
            self._tables.update(t.TOKENS, *_update(problems[0]))
        else:
            self._tables.transact(*(self._tables.update_write(t.TOKENS, *_update(each)) for each in problems))

    def problems_of(self, client_id: str) -> Sequence[Problem]:
        """One query of the app's partition."""
        from gatepost.model.problem import Problem  # only the page of an app reads them

        return [from_item(Problem, item) for item in self._items(client_id)]

    def forget_problems(self, client_id: str) -> None:
        """One query, and a delete for each item."""
        for item in list(self._items(client_id)):
            self._tables.delete(t.TOKENS, {"pk": item["pk"], "sk": item["sk"]})

    def _items(self, client_id: str) -> Sequence[Item]:
        return list(self._tables.query(t.TOKENS, _OF_APP, {":app": _partition(client_id)["pk"]}))


def _update(problem: Problem) -> tuple[Item, str, str, Item, Item]:
    """Return the key, the expression, no condition, the values and the names of a problem's update."""
    kept = {name: attribute(value) for name, value in problem._asdict().items()}
    kept[t.TTL_ATTRIBUTE] = kept["expires_at"]
    changes = [f"#{name} = :{name}" for name in kept if name not in ("times", "first_at")]
    changes.append("#first_at = if_not_exists(#first_at, :first_at)")
    return (
        {**_partition(problem.client_id), "sk": {"S": problem.slot}},
        f"SET {', '.join(changes)} ADD #times :times",
        "",
        {f":{name}": value for name, value in kept.items()},
        {f"#{name}": name for name in kept},
    )


def _partition(client_id: str) -> Item:
    return {"pk": {"S": f"problems#{client_id}"}}
