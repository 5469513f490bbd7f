"""The OpenAPI document agrees with the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from gatepost.consumer.operations import OPERATIONS
from gatepost.model.records import GRANT_TYPES
from gatepost.routes import API_REFERENCE, ROUTES
from tests.unit.consumer.api import CHANGE, WEATHER, Api

ROUTE_KEYS = {route.key for route in ROUTES if route.function == "consumer"} - {API_REFERENCE.key}
JSON, PROBLEM = "application/json", "application/problem+json"


@pytest.fixture(scope="module")
def description() -> Any:
    read = Api().call("GET", "/consumer/openapi.json", user=None)
    assert (read.status, read.headers["content-type"], read.headers["cache-control"]) == (200, JSON, "no-store")
    return read.json


def operations(description: Any) -> dict[str, Any]:
    """Route key to operation."""
    return {f"{m.upper()} {path}": o for path, item in description["paths"].items() for m, o in item.items()}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def test_it_is_openapi_3_1_of_this_deployment(description: Any) -> None:
    assert description["openapi"] == "3.1.0"
    assert description["info"]["title"] == "Gatepost: consumer API"
    assert description["info"]["version"] == "1.0.0"
    assert description["servers"] == [{"url": "https://id.example.test"}]


def test_it_holds_every_route_of_the_table_and_no_other(description: Any) -> None:
    assert set(operations(description)) == ROUTE_KEYS
    assert len(ROUTE_KEYS) == 12
    assert {route.key for route in OPERATIONS} == ROUTE_KEYS


def test_every_operation_needs_a_token_but_the_document_itself(description: Any) -> None:
    found = operations(description)

    assert [key for key, operation in found.items() if "security" not in operation] == ["GET /consumer/openapi.json"]
    assert "security" not in description
    secured = {key: operation["security"] for key, operation in found.items() if "security" in operation}
    parts = {
        "app": "consumer.apps",
        "scope": "consumer.apps",
        "grant": "consumer.grants",
        "account": "consumer.account",
    }
    assert secured == {key: [{"oauth2": [parts[key.split("/")[2]]]}, {"bearer": []}] for key in secured}


def test_the_security_schemes_name_the_deployments_own_endpoints(description: Any) -> None:
    assert description["components"]["securitySchemes"] == {
        "oauth2": {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "https://id.example.test/developer/auth",
                    "tokenUrl": "https://id.example.test/authorization/token",
                    "refreshUrl": "https://id.example.test/authorization/token",
                    "scopes": {
                        "consumer": "All of it",
                        "consumer.account": "The account",
                        "consumer.apps": "Apps and their secrets",
                        "consumer.grants": "Connected apps",
                    },
                }
            },
        },
        "bearer": {"type": "http", "scheme": "bearer"},
    }


def test_it_names_no_address_elsewhere(description: Any) -> None:
    hosts = {host for text in strings(description) for host in re.findall(r"https?://([^/\s\"`]+)", text)}

    assert hosts == {"id.example.test", "weather.example", "reports.example"}


def test_every_reference_leads_somewhere_and_every_schema_is_used(description: Any) -> None:
    schemas = {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}

    assert set(references(description)) == schemas
    assert len(schemas) == 19


def test_operation_ids_are_unique(description: Any) -> None:
    ids = [operation["operationId"] for operation in operations(description).values()]

    assert len(ids) == len(set(ids)) == 12


STATUSES = {
    "GET /consumer/app": {200},
    "POST /consumer/app": {201, 409, 413, 415},
    "GET /consumer/app/{client_id}": {200, 304, 404},
    "PUT /consumer/app/{client_id}": {200, 404, 412, 413, 415, 428},
    "DELETE /consumer/app/{client_id}": {204, 404, 412},
    "POST /consumer/app/{client_id}/secret": {201, 404, 409, 412, 413, 415},
    "DELETE /consumer/app/{client_id}/secret/{secret_id}": {204, 404, 409, 412},
    "GET /consumer/grant": {200},
    "DELETE /consumer/grant/{client_id}": {204, 404},
    "GET /consumer/scope": {200},
    "GET /consumer/account": {200, 304},
}


@pytest.mark.parametrize("key", sorted(ROUTE_KEYS))
def test_every_status_is_described_with_its_model_and_an_example(description: Any, key: str) -> None:
    answers = operations(description)[key]["responses"]
    always = {400, 429, 500, 503} | ({401, 403} if key in STATUSES else set())

    assert {int(status) for status in answers} == STATUSES.get(key, {200}) | always
    for status, answer in answers.items():
        assert answer["description"]
        if status in {"204", "304"} or (key == "GET /consumer/openapi.json" and status == "200"):
            assert answer["content"] == {}
            continue
        kinds = {JSON} if int(status) < 300 or status == "429" else {PROBLEM}
        gateway = {JSON} if status in {"401", "403", "413", "500", "503"} else set()
        assert set(answer["content"]) == kinds | gateway
        for content in answer["content"].values():
            assert (
                content["schema"]["$ref"].removeprefix("#/components/schemas/") in description["components"]["schemas"]
            )
            assert content["examples"]


def test_bodies_are_described_as_they_are_read(description: Any) -> None:
    schemas = description["components"]["schemas"]
    bodies = {
        key: operation["requestBody"]["content"][JSON]["schema"]["$ref"]
        for key, operation in operations(description).items()
        if "requestBody" in operation
    }

    assert bodies == {
        "POST /consumer/app": "#/components/schemas/NewApp",
        "PUT /consumer/app/{client_id}": "#/components/schemas/AppChange",
        "POST /consumer/app/{client_id}/secret": "#/components/schemas/NewSecret",
    }
    assert schemas["NewApp"]["additionalProperties"] is False
    assert schemas["NewApp"]["required"] == ["name", "grant_types", "scope", "confidential"]
    assert schemas["AppChange"]["additionalProperties"] is False
    assert schemas["AppChange"]["required"] == ["name", "url", "redirect_uris", "grant_types", "scope"]
    assert schemas["NewApp"]["properties"]["grant_types"]["items"]["enum"] == list(GRANT_TYPES)
    assert schemas["NewApp"]["properties"]["name"]["maxLength"] == 60


def test_parameters_are_described(description: Any) -> None:
    found = operations(description)

    def named(key: str) -> list[tuple[str, str, bool]]:
        return [(each["in"], each["name"], each["required"]) for each in found[key]["parameters"]]

    assert named("GET /consumer/app") == [("query", "limit", False), ("query", "cursor", False)]
    assert named("PUT /consumer/app/{client_id}") == [("path", "client_id", True), ("header", "if-match", True)]
    assert found["GET /consumer/app"]["parameters"][0]["schema"]["maximum"] == 100
    assert found["GET /consumer/app"]["parameters"][0]["schema"]["default"] == 20


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
