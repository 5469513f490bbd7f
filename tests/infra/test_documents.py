"""The documents: what they name is there, and says what the code says."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from gatepost.routes import ROUTES
from gatepost.settings import Settings
from gatepost.stores.schema import TABLES
from infra.configuration.context import ROOT, Configuration
from infra.stack.function_table import FUNCTIONS
from infra.tools.rooms import PACKAGE, PICTURE, floors, picture

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()


def test_the_picture_is_as_make_rooms_draws_it() -> None:
    assert PICTURE.read_text() == picture()


def test_every_room_is_drawn() -> None:
    entries = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith("__")}

    assert {room for row in floors() for room in row} == entries


def test_the_package_has_at_most_twelve_loose_modules() -> None:
    assert len([path for path in PACKAGE.glob("*.py") if path.name != "__init__.py"]) <= 12


def test_every_path_that_architecture_md_names_exists() -> None:
    named = {path.rstrip("/") for path in re.findall(r"`([a-z_]+/[a-z_/]*(?:\.[a-z]+)?)`", ARCHITECTURE)}
    roots = (ROOT, PACKAGE.parent, PACKAGE, ROOT / "tests")

    assert named
    assert [path for path in sorted(named) if not any((root / path).exists() for root in roots)] == []


MAKEFILE = (ROOT / "Makefile").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Of the environment: what CDK and boto3 read, and what a shell keeps.
OTHERS = {"AWS_REGION", "GATEPOST", "TOKEN", "URL", "ZIP"}
_COMMAND = re.compile(
    r"(?:^|[\s`&;(])((?:[A-Z_]+=\S+ )*)make (?:-C \S+ )?([a-z][a-z-]*)((?: [A-Z_]+=(?:\"[^\"]*\"|[^\s`,);]+))*)"
)


def commands(document: Path) -> list[tuple[str, set[str]]]:
    """The commands of the code of a document, each with the variables that are set for it."""
    text = document.read_text()
    lines = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines()
    code = [
        *(line.partition(" #")[0] for line in lines),
        *re.findall(r"`(make [^`]+|[A-Z_]+=\S+ make [^`]+)`", text),
    ]
    return [
        (command, set(re.findall(r"([A-Z_]+)=", before + after)))
        for part in code
        for before, command, after in _COMMAND.findall(part)
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_of_a_document_is_one_of_the_makefile(document: Path) -> None:
    for command, variables in commands(document):
        assert re.search(rf"^{command}: ", MAKEFILE, re.MULTILINE), command
        for variable in variables - OTHERS:
            assert f"$({variable})" in MAKEFILE or f"$(or $({variable})" in MAKEFILE, f"{command} {variable}"
    for line in document.read_text().splitlines():  # what is handed to CDK goes through make
        assert "-c gatepost." not in line or "CDK_ARGS=" in line or "Without `make`" in line, line


def test_the_commands_are_found() -> None:
    found = commands(ROOT / "docs" / "deploy.md")

    assert {"bootstrap", "diff", "deploy", "destroy", "admin"} <= set(dict(found))
    assert ("deploy", {"STAGE", "CDK_ARGS"}) in found


MCP = (ROOT / "docs" / "mcp.md").read_text()
EXAMPLE = ROOT / "docs" / "examples" / "mcp"


def test_the_versions_of_mcp_md_are_those_that_are_installed() -> None:
    told = dict(re.findall(r"(?:PyPI|npm|^) ?`([@\w/-]+)` (\d[\w.-]+)", MCP, re.MULTILINE))
    npm = json.loads((ROOT / "requirements" / "mcp" / "package.json").read_text())["dependencies"]
    pypi = dict(re.findall(r"^(mcp|fastmcp)==(\S+)", (ROOT / "requirements" / "mcp.txt").read_text(), re.MULTILINE))

    assert told == {**npm, **pypi}


def test_the_server_of_the_mcp_example_has_the_sdk_that_the_clients_have() -> None:
    lock = (EXAMPLE / "server" / "requirements.txt").read_text()
    clients = (ROOT / "requirements" / "mcp.txt").read_text()
    (here,), (there,) = (re.findall(r"^mcp==(\S+)", text, re.MULTILINE) for text in (lock, clients))

    assert here == there
    assert re.findall(r"^(cryptography|cffi|pyjwt)==", lock, re.MULTILINE) == []  # of the guard's layers


def test_no_lock_of_mcp_clients_names_a_host_and_every_package_has_a_hash() -> None:
    for lock in (ROOT / "requirements" / "mcp.txt", EXAMPLE / "server" / "requirements.txt"):
        text = lock.read_text()
        assert set(re.findall(r"(?<!\S)--[\w-]+", text)) == {"--hash"}  # the only option: no place to install from
        assert text.count("--hash=sha256:") >= len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)) > 20
    packages = json.loads((ROOT / "requirements" / "mcp" / "package-lock.json").read_text())["packages"]
    assert [name for name, each in packages.items() if name and not each["integrity"].startswith("sha512-")] == []
    assert [name for name, each in packages.items() if "resolved" in each] == []


def test_what_mcp_md_points_to_is_there() -> None:
    links = re.findall(r"\]\((?!http|#)([^)#]+)", MCP)
    paths = re.findall(r"`((?:docs|tests)/[\w./]+)`", MCP)

    assert len(links) > 8
    assert [each for each in links if not (ROOT / "docs" / each).exists()] == []
    assert [each for each in paths if not (ROOT / each).exists()] == []


def test_the_scopes_of_mcp_md_are_those_of_the_example() -> None:
    (production,) = (text for text in re.findall(r"```json\n(.*?)```", MCP, re.DOTALL) if "resources" in text)
    resource = json.loads(f"{{{production}}}")["resources"]["https://tools.example.com/mcp"]

    scopes = json.loads((EXAMPLE / "settings.json").read_text())["scopes"]
    demo = ("read", "write")  # which a resource of the demo names
    assert resource["scopes"] == {name: text for name, text in scopes.items() if name not in demo}


def test_the_python_of_mcp_md_is_python() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", MCP, re.DOTALL)
    compile(block, "docs/mcp.md", "exec")


README = (ROOT / "README.md").read_text()
REFERENCE = (ROOT / "docs" / "reference.md").read_text()


def section(title: str, document: str = REFERENCE) -> str:
    return document.split(f"## {title}\n")[1].split("\n## ")[0]


def first_cells(title: str) -> str:
    return "\n".join(line.split("|")[1] for line in section(title).splitlines() if line.startswith("| `"))


def test_every_setting_is_listed_and_none_that_is_not() -> None:
    listed = set(re.findall(r"`([a-z_]+)`", first_cells("Settings")))

    derived = {"client_credentials_scopes", "restricted_scopes", "resource_scopes", "custom_claims"}
    assert listed == {*Settings._fields, *(f.name for f in fields(Configuration))} - {"settings", *derived}


def test_the_defaults_are_the_ones_of_the_code() -> None:
    defaults = Settings._field_defaults | {f.name: f.default for f in fields(Configuration)}
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
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}

    assert folders == {function.name for function in FUNCTIONS} >= {route.function for route in ROUTES}
    for function in FUNCTIONS:
        assert f"| {function.name} |" in section("Routes")
    for table in TABLES:
        assert f"| {table.name} |" in section("Records")


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
