"""The OpenAPI document agrees with the API, and the reference is made from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from gatepost.consumer.api import document
from gatepost.consumer.operations import OPERATIONS
from gatepost.consumer.reference import Documented, Named, operations_of, reference_of
from gatepost.model.records import GRANT_TYPES
from gatepost.routes import API_REFERENCE, ROUTES
from tests.unit.consumer.api import CHANGE, PROBLEM, WEATHER, Api

ROUTE_KEYS = {route.key for route in ROUTES if route.function == "consumer"} - {API_REFERENCE.key}
JSON = "application/json"


@pytest.fixture(scope="module")
def description() -> Any:
    read = Api().call("GET", "/consumer/openapi.json", user=None)
    assert (read.status, read.headers["content-type"], read.headers["cache-control"]) == (200, JSON, "no-store")
    return read.json


def operations(description: Any) -> dict[str, Any]:
    """Route key to operation."""
    return {f"{m.upper()} {path}": o for path, item in description["paths"].items() for m, o in item.items()}


def strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of the document, with the key that it stands under."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from strings(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part, key)


def test_it_is_openapi_3_1_of_this_deployment_and_names_no_address_elsewhere(description: Any) -> None:
    assert (description["openapi"], description["info"]["version"]) == ("3.1.0", "1.0.0")
    assert description["servers"] == [{"url": "https://id.example.test"}]
    hosts = {host for _, text in strings(description) for host in re.findall(r"https?://([^/\s\"`]+)", text)}
    assert hosts == {"id.example.test", "weather.example", "reports.example"}


def test_it_holds_every_route_of_the_table_and_no_other(description: Any) -> None:
    found = operations(description)

    assert set(found) == ROUTE_KEYS == {route.key for route in OPERATIONS}
    assert len({operation["operationId"] for operation in found.values()}) == len(ROUTE_KEYS)


def test_every_operation_needs_a_token_but_the_document_itself(description: Any) -> None:
    found = operations(description)
    parts = {
        "app": "consumer.apps",
        "scope": "consumer.apps",
        "grant": "consumer.grants",
        "account": "consumer.account",
    }

    assert "security" not in description
    assert found.pop("GET /consumer/openapi.json").get("security") is None
    for key, operation in found.items():
        assert operation["security"] == [{"oauth2": [parts[key.split("/")[2]]]}, {"bearer": []}]
    schemes = description["components"]["securitySchemes"]
    flow = schemes["oauth2"]["flows"]["authorizationCode"]
    assert (flow["authorizationUrl"], flow["tokenUrl"], flow["refreshUrl"]) == (
        "https://id.example.test/developer/auth",
        *["https://id.example.test/authorization/token"] * 2,
    )
    assert set(flow["scopes"]) == {"consumer", *parts.values()}
    assert schemes["bearer"] == {"type": "http", "scheme": "bearer"}


def test_every_reference_leads_somewhere_and_every_schema_is_used(description: Any) -> None:
    references = {text for key, text in strings(description) if key == "$ref"}

    assert references == {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}


@pytest.mark.parametrize("key", sorted(ROUTE_KEYS))
def test_every_status_is_described_with_its_model_and_an_example(description: Any, key: str) -> None:
    document = key == "GET /consumer/openapi.json"
    answers = operations(description)[key]["responses"]
    assert {int(status) for status in answers} >= {400, 429, 500, 503} | (set() if document else {401, 403})
    for status, answer in answers.items():
        assert answer["description"]
        if status in {"204", "304"} or (document and status == "200"):
            assert answer["content"] == {}
            continue
        kinds = {JSON} if int(status) < 300 or status == "429" else {PROBLEM}
        gateway = {JSON} if status in {"401", "403", "413", "500", "503"} else set()
        assert set(answer["content"]) == kinds | gateway
        assert all(content["schema"]["$ref"] and content["examples"] for content in answer["content"].values())


def test_bodies_are_described_as_they_are_read(description: Any) -> None:
    new, change = (description["components"]["schemas"][name] for name in ("NewApp", "AppChange"))
    assert new["additionalProperties"] is change["additionalProperties"] is False
    assert new["required"] == ["name", "grant_types", "scope", "confidential"]
    assert change["required"] == ["name", "url", "redirect_uris", "grant_types", "scope"]
    assert new["properties"]["grant_types"]["items"]["enum"] == list(GRANT_TYPES)


def test_the_examples_of_what_is_sent_are_accepted(description: Any) -> None:
    api, schemas = Api(), description["components"]["schemas"]
    (new,), (change,) = (schemas[name]["examples"] for name in ("NewApp", "AppChange"))
    made = api.call("POST", "/consumer/app", new)

    assert made.status == 201
    assert api.call("PUT", made.headers["location"], change, if_match="*").status == 200


def test_answers_have_the_members_of_their_schema(description: Any) -> None:
    api, schemas = Api(), description["components"]["schemas"]
    made = api.call("POST", "/consumer/app", WEATHER)
    path = made.headers["location"]
    answers = {
        "CreatedAppDocument": made,
        "AppDocument": api.call("PUT", path, CHANGE, if_match="*"),
        "AppList": api.call("GET", "/consumer/app"),
        "CreatedSecretDocument": api.call("POST", f"{path}/secret"),
        "ScopeList": api.call("GET", "/consumer/scope"),
        "GrantList": api.call("GET", "/consumer/grant"),
        "AccountDocument": api.call("GET", "/consumer/account"),
        "ProblemDocument": api.call("POST", "/consumer/app", {}),
    }

    for name, answer in answers.items():
        assert set(answer.json) == set(schemas[name]["properties"]), name


# The reference


@pytest.fixture(scope="module")
def documented() -> dict[str, Documented]:
    made = operations_of(json.loads(document("https://id.example.test", "Example")))
    return {each.anchor: each for each in made}


def test_every_operation_is_in_the_reference_in_order(description: Any, documented: dict[str, Documented]) -> None:
    paths = [each.path for each in documented.values()]

    assert {f"{each.method} {each.path}" for each in documented.values()} == set(operations(description))
    assert paths == sorted(paths)
    assert [each.path for each in documented.values() if not each.scope] == ["/consumer/openapi.json"]


def test_bodies_and_parameters_are_described_member_by_member_with_limits(documented: dict[str, Documented]) -> None:
    create = documented["create_app"]
    fields = {each.name: each for each in create.fields}
    assert (create.method, create.path, create.scope) == ("POST", "/consumer/app", "consumer.apps")
    assert fields["name"] == Named(
        name="name", place="body", kind="string, at most 60 characters", required=True, description=""
    )
    assert (fields["redirect_uris"].kind, fields["redirect_uris"].required) == ("list of string, at most 10", False)
    assert fields["grant_types"].kind.startswith("list of authorization_code | ")
    assert json.loads(create.body)["name"] == "Weather"
    assert "client_secret" in json.loads(create.answer)
    assert {201, 400, 401, 403} <= {status for status, _ in create.statuses}
    fields = {each.name: each for each in documented["list_apps"].fields}
    assert (fields["limit"].place, fields["limit"].kind) == ("query", "integer, from 1, to 100")
    assert fields["cursor"].kind == "string"
    change = {each.name: each.place for each in documented["change_app"].fields}
    assert (change["client_id"], change["if-match"], change["name"]) == ("path", "header", "body")


def test_what_all_may_respond_with_is_said_once() -> None:
    made = reference_of(json.loads(document("https://id.example.test", "Example")))
    assert [status for status, _ in made.common] == [400, 401, 403, 429, 500, 503]
    assert not [each for each in made.operations if set(each.statuses) & set(made.common)]
