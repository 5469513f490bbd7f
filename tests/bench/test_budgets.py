"""The deterministic results of the bench, compared with budgets.json, which holds deliberate changes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.tools.sizes import measured
from tests.bench.cold import LAYERS_OF, folders, imports
from tests.bench.deployed import Deployed
from tests.bench.items import Counted, Counting
from tests.bench.loopback import service
from tests.bench.operations import Operation, operations, refused
from tests.bench.steps import PLAIN, UNUSED, steps
from tests.bench.units import item_size, query_units, read_units, write_units
from tests.bench.warm import exact

BUDGETS: dict[str, Any] = json.loads((Path(__file__).parent / "budgets.json").read_text())


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Deployed, str, dict[str, Operation]]]:
    with pytest.MonkeyPatch.context() as patched:
        deployed = Deployed("ES256", tokens=2)
        for name, value in deployed.environment(client="own", endpoint="").items():
            patched.setenv(name, value)  # so that what `use` writes goes again
        with service(deployed.items, deployed.secrets) as endpoint:
            yield deployed, endpoint, {each.name: each for each in operations(deployed)}
        deployed.forget()


def test_every_operation_has_a_budget(running: tuple[Deployed, str, dict[str, Operation]]) -> None:
    assert list(running[2]) == list(BUDGETS["operations"])


@pytest.mark.parametrize("name", BUDGETS["operations"])
def test_an_operation_makes_the_calls_and_takes_the_units_of_its_budget(
    name: str, running: tuple[Deployed, str, dict[str, Operation]]
) -> None:
    deployed, endpoint, operations = running
    operation = operations[name]
    found = exact(deployed, operation, deployed.handler(operation.function), endpoint)
    units = found.counted.units
    assert {
        "function": operation.function,
        "calls": found.counted.calls,
        "first_calls": list(found.cold_calls),
        "read_units": units.read,
        "write_units": units.write,
    } == BUDGETS["operations"][name]


@pytest.mark.parametrize("name", BUDGETS["steps"])
def test_an_operation_calls_as_many_functions_as_its_budget_allows_and_none_for_what_it_does_not_use(
    name: str, running: tuple[Deployed, str, dict[str, Operation]]
) -> None:
    deployed, endpoint, operations = running
    plain = steps(deployed, operations[name], endpoint, **PLAIN)
    assert plain <= BUDGETS["steps"][name]
    found = {
        feature: steps(deployed, operations[name], endpoint, **PLAIN | having) for feature, having in UNUSED.items()
    }
    assert {feature: each for feature, each in found.items() if each > plain} == {}


@pytest.mark.parametrize("name", BUDGETS["refused"])
def test_a_refused_request_costs_one_write_more_and_that_once_in_ten_seconds(
    name: str, running: tuple[Deployed, str, dict[str, Operation]]
) -> None:
    deployed, endpoint, _ = running
    operation = next(each for each in refused(deployed) if each.name == name)
    counting = Counting(deployed.items)
    deployed.use(client="own", endpoint=endpoint, caller=counting)
    handler = deployed.handler(operation.function)

    found = []
    for _ in range(3):
        counting.counted = Counted()
        assert handler(operation.events[0], None)["statusCode"] in {400, 401}
        found.append({"calls": counting.counted.calls, "write_units": counting.counted.units.write})
    assert found == [{"calls": each["calls"], "write_units": each["write_units"]} for each in BUDGETS["refused"][name]]


@pytest.mark.parametrize("name", BUDGETS["functions"])
def test_a_function_imports_and_weighs_what_its_budget_allows(name: str) -> None:
    budget = BUDGETS["functions"][name]
    assert imports(name) == budget["imports"]
    assert list(LAYERS_OF[name]) == budget["layers"]
    of_an_older_python = 1.05 if sys.version_info < (3, 13) else 1  # its bytecode is larger
    assert sum(measured(folder).unzipped for folder in folders(name)) <= budget["kilobytes"] * 1000 * of_an_older_python


def test_an_item_weighs_its_names_and_values() -> None:
    # "pk" 2 + 4, "n" 1 + 2 (two digits a byte, and one), "on" 2 + 1, "l" 1 + 3 + 2 × (1 + 1), "m" 1 + 3 + 1 + 1 + 1
    item = {
        "pk": {"S": "feed"},
        "n": {"N": "42"},
        "on": {"BOOL": True},
        "l": {"L": [{"S": "a"}, {"S": "b"}]},
        "m": {"M": {"x": {"S": "y"}}},
    }
    assert item_size(item) == 6 + 3 + 3 + 8 + 7


def test_reads_are_rounded_item_by_item_and_queries_as_a_whole() -> None:
    assert read_units([0, 4096, 4097]).read == 1 + 1 + 2
    half = {"pk": {"S": "x" * 2000}}
    assert query_units([half, half]).read == 1
    assert query_units([]).read == 1


def test_a_write_counts_the_larger_item_twice_in_a_transaction_and_again_for_an_index() -> None:
    small, large = {"pk": {"S": "x"}}, {"pk": {"S": "x" * 1100}}
    assert write_units(large, small, indexes=0, transaction=False).write == 2
    assert write_units(None, small, indexes=0, transaction=True).write == 2
    with_index = write_units(None, small, indexes=1, transaction=True)
    assert (with_index.write, with_index.index) == (3, 1)
    assert write_units(small, small, indexes=1, transaction=True).write == 2
