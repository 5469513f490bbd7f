"""The consumer API's reference, made from its OpenAPI document."""

from __future__ import annotations

import json

import pytest

from gatepost.consumer.api import document
from gatepost.consumer.reference import Documented, Named, operations_of, reference_of


@pytest.fixture(scope="module")
def operations() -> dict[str, Documented]:
    made = operations_of(json.loads(document("https://id.example.test", "Example")))
    return {each.anchor: each for each in made}


def test_every_operation_of_the_document_is_there_in_order(operations: dict[str, Documented]) -> None:
    described = json.loads(document("https://id.example.test", "Example"))["paths"]
    assert {(each.method.lower(), each.path) for each in operations.values()} == {
        (method, path) for path, methods in described.items() for method in methods
    }
    assert [each.path for each in operations.values()] == sorted(each.path for each in operations.values())


def test_a_body_is_described_member_by_member_with_limits(operations: dict[str, Documented]) -> None:
    create = operations["create_app"]
    fields = {each.name: each for each in create.fields}
    assert (create.method, create.path, create.scope) == ("POST", "/consumer/app", "consumer.apps")
    assert fields["name"] == Named(
        name="name", place="body", kind="string, at most 60 characters", required=True, description=""
    )
    assert fields["redirect_uris"].kind == "list of string, at most 10"
    assert fields["redirect_uris"].required is False
    assert fields["grant_types"].kind.startswith("list of authorization_code | ")
    assert json.loads(create.body)["name"] == "Weather"
    assert "client_secret" in json.loads(create.answer)
    assert {201, 400, 401, 403} <= {status for status, _ in create.statuses}


def test_parameters_say_where_they_go_and_what_they_may_be(operations: dict[str, Documented]) -> None:
    fields = {each.name: each for each in operations["list_apps"].fields}
    assert (fields["limit"].place, fields["limit"].kind) == ("query", "integer, from 1, to 100")
    assert fields["cursor"].kind == "string"
    change = {each.name: each for each in operations["change_app"].fields}
    assert (change["client_id"].place, change["if-match"].place, change["name"].place) == ("path", "header", "body")


def test_only_the_document_needs_no_token(operations: dict[str, Documented]) -> None:
    assert [each.path for each in operations.values() if not each.scope] == ["/consumer/openapi.json"]


def test_what_all_may_respond_with_is_said_once() -> None:
    made = reference_of(json.loads(document("https://id.example.test", "Example")))
    assert [status for status, _ in made.common] == [400, 401, 403, 429, 500, 503]
    assert not [each for each in made.operations if set(each.statuses) & set(made.common)]
