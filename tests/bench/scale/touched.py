"""The partitions and units of each operation, recorded from the real handlers' calls.

The handlers run as in the bench; each of their calls is split into its items. The meaning of a partition key is found
by its value, so that a change of the layout shows here by itself; an unknown kind of key raises.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any
from unittest import mock

from gatepost.authentication.hourly import networks_of
from gatepost.authentication.sign_in import name_key
from gatepost.authentication.throttling import account_key, network_key
from gatepost.http import entry_point
from gatepost.identifiers import app_id, digest
from gatepost.routes import TOKEN
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.schema import FEED, KEYS, TABLES
from infra.stack.access import REGISTERED_IDS
from tests.bench.deployed import Deployed, Event
from tests.bench.items import Items, call_units
from tests.bench.loopback import service
from tests.bench.operations import operations, post
from tests.bench.state import DOCUMENT, NAMES
from tests.bench.units import Units

WRONG_PASSWORD = "wrong password"
_ADDRESS = "192.0.2.7"  # where the bench's requests come from
_PARTITION = {table.name: table.partition_key for table in TABLES}
_ONCE = {"codes": "code", "audit": "day"}  # tables whose other partitions are all of one kind
_PREFIXES = {"name#": "name", "jti#": "token", "user#": "user", "app#": "app"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One item of a call. `kind` is the meaning of its partition key; `units.index` are writes of indexes."""

    table: str
    kind: str
    units: Units


class _Recording:
    """A Caller that keeps the items of its calls."""

    def __init__(self, items: Items) -> None:
        self._items = items
        self.parts: list[tuple[str, str, Units]] = []  # table, value of the partition key, units

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        for name, part in _parts(operation, request):
            self.parts.append((*_partition(name, part), call_units(self._items, name, part)))
        return self._items.call(operation, request)


def _parts(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The same request as requests of one item each; they take the same units."""
    if operation == "BatchGetItem":
        for table, entry in request["RequestItems"].items():
            yield from (("GetItem", {"TableName": table, "Key": key}) for key in entry["Keys"])
    elif operation == "TransactWriteItems":
        yield from (("TransactWriteItems", {"TransactItems": [write]}) for write in request["TransactItems"])
    else:
        yield operation, request


def _partition(operation: str, request: Mapping[str, Any]) -> tuple[str, str]:
    """Table and partition of a request of one item."""
    if operation == "TransactWriteItems":
        ((request,),) = (write.values() for write in request["TransactItems"])
    if operation == "Query":
        values = request["ExpressionAttributeValues"]
        return request["TableName"], str((values.get(":keys") or values[":feed"])["S"])
    key = request["Item"] if "Item" in request else request["Key"]
    return request["TableName"], str(key[_PARTITION[request["TableName"]]]["S"])


@cache
def touches() -> Mapping[str, Sequence[Touch]]:
    """Return the items of each operation's warm request, for the bench's operations and a wrong password."""
    environment = dict(os.environ)
    deployed = Deployed("ES256", tokens=2)
    try:
        # However busy this machine is, a refused request still notes its problem, so that the next one does not.
        with service(deployed.items, deployed.secrets) as endpoint, mock.patch.object(entry_point, "_SLOW", math.inf):
            wanted = [(each.name, each.function, each.events) for each in operations(deployed)]
            form = {"grant_type": "password", "username": "maria", "password": "not hers"}
            wanted.append((WRONG_PASSWORD, "token", [post(deployed, TOKEN, form)]))
            return {name: _touched(deployed, function, events, endpoint) for name, function, events in wanted}
    finally:
        deployed.forget()
        os.environ.clear()
        os.environ.update(environment)


@cache
def note_of_use() -> Touch:
    """Return the additional writes of an app's first use on a day."""
    deployed = Deployed("ES256", tokens=2)
    recording = _Recording(deployed.items)
    deployed.store._tables = Tables(recording, NAMES)
    deployed.store.touch_app(deployed.app, secret_id="s1", now=int(deployed.now) + 1)
    ((table, value, units),) = recording.parts
    return Touch(table=table, kind=_kind(deployed, table, value), units=units)


def _touched(deployed: Deployed, function: str, events: Sequence[Event], endpoint: str) -> Sequence[Touch]:
    recording = _Recording(deployed.items)
    deployed.use(client="own", endpoint=endpoint, caller=recording)
    handler = deployed.handler(function)
    handler(events[0], None)
    recording.parts.clear()
    handler(events[-1], None)
    return tuple(
        Touch(table=table, kind=_kind(deployed, table, value), units=units) for table, value, units in recording.parts
    )


def _kind(deployed: Deployed, table: str, value: str) -> str:
    """Return the meaning of a partition key. Raises KeyError for a kind of key that this module does not know."""
    for prefix, kind in _PREFIXES.items():
        if value.startswith(prefix):
            return kind
    if table in _ONCE:
        return _ONCE[table]
    if fnmatchcase(value, REGISTERED_IDS):
        return "app that registered itself"
    hours = [f"registration#{int(deployed.now) // 3600 + later}" for later in (0, 1)]  # the next may have begun
    return {
        FEED: "feed",
        KEYS: "keys",
        deployed.app.client_id: "app",
        deployed.resource_server.client_id: "resource server",
        app_id(DOCUMENT): "app of a document",
        deployed.user_id: "user",
        f"attempts#{name_key('maria').name_hash}": "attempts of a name",
        **{
            f"attempts#{account_key('maria', deployed.now + later).name_hash}": "attempts of an account"
            for later in (0, 3600)  # the next day may have begun
        },
        f"attempts#{network_key(_ADDRESS).name_hash}": "attempts of a network",
        **{
            f"attempts#{digest(f'{each}#network#{network}')}": "registrations of a network"
            for each in hours
            for network, _ in networks_of(_ADDRESS)
        },
        **{f"attempts#{digest(f'{each}#all')}": "registrations of an hour" for each in hours},
    }[value]
