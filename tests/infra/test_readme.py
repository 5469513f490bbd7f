"""docs/reference.md lists exactly the existing settings, routes and tables; the README's own route works as printed."""

import json
import re
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import Any

from gatepost.routes import ROUTES
from gatepost.settings import Settings
from gatepost.stores.schema import TABLES
from infra.configuration.context import Configuration
from infra.stack.function_table import FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
REFERENCE = (ROOT / "docs" / "reference.md").read_text()


def section(title: str, document: str = REFERENCE) -> str:
    return document.split(f"## {title}\n")[1].split("\n## ")[0]


def first_cells(title: str) -> str:
    return "\n".join(line.split("|")[1] for line in section(title).splitlines() if line.startswith("| `"))


def test_every_setting_is_listed_and_none_that_is_not() -> None:
    listed = set(re.findall(r"`([a-z_]+)`", first_cells("Settings")))

    derived = {"client_credentials_scopes", "restricted_scopes", "resource_scopes", "custom_claims"}
    assert listed == {f.name for f in (*fields(Settings), *fields(Configuration))} - {"settings", *derived}


def test_the_defaults_are_the_ones_of_the_code() -> None:
    defaults = {f.name: f.default for f in (*fields(Settings), *fields(Configuration))}
    rows = [line.split("|")[1:3] for line in section("Settings").splitlines() if line.startswith("| `")]
    told = {name.strip(" `"): value.strip(" `") for name, value in rows if re.fullmatch(r" *\d+ *", value)}

    assert len(told) > 15
    assert told == {name: str(defaults[name]) for name in told}


def test_every_route_is_listed_with_its_function() -> None:
    table = section("Routes")
    for route in ROUTES:
        (line,) = [line for line in table.splitlines() if f"`{route.key}`" in line]
        assert f"| {route.function} |" in line


def test_every_function_and_table_is_listed_and_every_function_has_its_folder() -> None:
    for function in FUNCTIONS:
        assert f"| {function.name} |" in section("Routes")
        assert (ROOT / "functions" / function.name / "handler.py").is_file()
    for table in TABLES:
        assert f"| {table.name} |" in section("Records")


def test_the_functions_are_the_folders_and_what_the_routes_name() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}

    assert folders == {function.name for function in FUNCTIONS}
    assert {route.function for route in ROUTES} <= folders


def test_a_route_of_ones_own_is_as_the_readme_has_it() -> None:
    """Other people's code holds on to these names."""
    handler_code, route_code = re.findall(r"```python\n(.*?)```", section("Add a protected route", README), re.DOTALL)
    names: dict[str, Any] = {}
    exec(textwrap.dedent(handler_code), names)
    exec("from gatepost.routes import Route\nfrom gatepost.scope import Scope\n" + textwrap.dedent(route_code), names)

    event = {
        "routeKey": names["REPORTS"].key,
        "rawPath": "/reports",
        "requestContext": {"http": {"method": "GET"}, "authorizer": {"lambda": {"sub": "alice-id"}}},
    }
    response = names["handler"](event, None)

    assert response["statusCode"] == 200
    assert json.loads(response["body"]) == {"reports": [], "of": "alice-id"}
