"""The authorizer function for APIs of other apps, by kind of event; an issuer on loopback provides the keys."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gatepost.resource_server.protection import Protection
from gatepost.scope import Scope
from tests.unit.loopback import METADATA, LocalIssuer, trusted

API = "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod"
ROUTES = {"GET /reports": Scope.of("reports.read"), "GET /reports/{id}": Scope.of("reports.read", "reports.write")}
WHO = {"sub": "alice-id", "client_id": "web", "scope": "reports.read", "grant_id": "alice-id.g"}


@pytest.fixture(scope="module")
def authorizer() -> ModuleType:
    path = Path(__file__).resolve().parents[3] / "functions" / "authorizer" / "handler.py"
    spec = importlib.util.spec_from_file_location("authorizer_handler", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIssuer]:
    with trusted(Protection(realm="reports", routes=ROUTES), monkeypatch) as running:
        yield running


def http_event(token: str | None, key: str = "GET /reports") -> dict[str, Any]:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return {"version": "2.0", "type": "REQUEST", "routeKey": key, "headers": headers}


def rest_events(token: str | None, resource: str = "/reports", path: str = "") -> list[dict[str, Any]]:
    """The same request as a REQUEST and as a TOKEN authorizer gets it."""
    arn = f"{API}/GET{path or resource}"
    header = {} if token is None else {"Authorization": f"Bearer {token}"}
    return [
        {"type": "REQUEST", "methodArn": arn, "resource": resource, "httpMethod": "GET", "headers": header},
        {"type": "TOKEN", "methodArn": arn, "authorizationToken": header.get("Authorization")},
    ]


def test_an_http_api_gets_a_simple_answer_and_a_rest_api_a_policy(authorizer: ModuleType, issuer: LocalIssuer) -> None:
    assert authorizer.handler(http_event(issuer.token()), None) == {"isAuthorized": True, "context": WHO}
    for event in rest_events(issuer.token()):
        answer = authorizer.handler(event, None)
        (statement,) = answer["policyDocument"]["Statement"]
        assert (statement["Effect"], statement["Resource"]) == ("Allow", f"{API}/GET/reports")
        assert (answer["principalId"], answer["context"]) == ("alice-id", WHO)


def test_a_token_that_lacks_a_scope_is_denied_with_its_challenge(authorizer: ModuleType, issuer: LocalIssuer) -> None:
    token = issuer.token()

    assert authorizer.handler(http_event(token, "GET /reports/{id}"), None) == {"isAuthorized": False}
    for event in rest_events(token, "/reports/{id}", "/reports/7"):
        answer = authorizer.handler(event, None)
        (statement,) = answer["policyDocument"]["Statement"]
        everything = "arn:aws:execute-api:eu-west-1:111122223333:abc123/*"
        assert (statement["Effect"], statement["Resource"]) == ("Deny", everything)
        assert answer["context"] == {
            "challenge": 'Bearer realm="reports", error="insufficient_scope", '
            'error_description="the token does not have the scope for this", scope="reports.read reports.write"'
        }


def test_a_missing_or_bad_token_is_unauthorized(authorizer: ModuleType, issuer: LocalIssuer) -> None:
    bad = (
        None,
        "x",
        issuer.token(iss="https://evil.test"),
        issuer.token(aud="https://other.example.test"),
        issuer.token(lifetime=-60),
        f"{issuer.token()}, Bearer {issuer.token()}",
    )
    for token in bad:
        assert authorizer.handler(http_event(token), None) == {"isAuthorized": False}
        for event in rest_events(token):
            with pytest.raises(Exception, match=r"^Unauthorized$"):
                authorizer.handler(event, None)


def test_an_unprotected_route_is_denied_whatever_the_token(authorizer: ModuleType, issuer: LocalIssuer) -> None:
    token = issuer.token(scope="reports.read reports.write read")
    for key in ("GET /elsewhere", "POST /reports", "$default", "", "GET /demo/read"):
        assert authorizer.handler(http_event(token, key), None) == {"isAuthorized": False}
    for resource in ("/elsewhere", "/demo/read", "/"):
        for event in rest_events(token, resource):
            assert authorizer.handler(event, None)["policyDocument"]["Statement"][0]["Effect"] == "Deny"


def test_what_it_cant_know_is_denied_and_not_the_clients_fault(authorizer: ModuleType, issuer: LocalIssuer) -> None:
    del issuer.answers[METADATA]

    assert authorizer.handler(http_event(issuer.token()), None) == {"isAuthorized": False}
    for event in rest_events(issuer.token()):
        with pytest.raises(authorizer.AuthorizerFailed, match=r"^unavailable$"):
            authorizer.handler(event, None)


def test_an_event_of_another_form_opens_nothing(authorizer: ModuleType, issuer: LocalIssuer) -> None:
    no_headers = {"headers": None, "routeKey": "GET /reports"}
    for event in ({}, {"version": "2.0"}, no_headers, {"version": "1.0", "type": "REQUEST", "routeArn": API}):
        assert authorizer.handler(event, None) == {"isAuthorized": False}

    rest: list[dict[str, Any]] = [
        {"methodArn": None, "type": "TOKEN", "authorizationToken": "Bearer x"},
        rest_events(None)[0] | {"headers": 7},
        {"methodArn": f"{API}/GET/reports", "type": "REQUEST"},
        {"methodArn": "", "type": "TOKEN"},
    ]
    for event in rest:
        try:
            effect = authorizer.handler(event, None)["policyDocument"]["Statement"][0]["Effect"]
        except (authorizer.Unauthorized, authorizer.AuthorizerFailed):
            effect = "Deny"
        assert effect == "Deny"


def test_a_denial_is_logged_with_what_was_needed_and_without_the_token(
    authorizer: ModuleType, issuer: LocalIssuer, capsys: pytest.CaptureFixture[str]
) -> None:
    token, foreign = issuer.token(scope="read"), issuer.token(aud="https://other.example.test")
    for event in (http_event(token), *rest_events(token), http_event(foreign)):
        authorizer.handler(event, None)
    for event in rest_events(foreign):
        with pytest.raises(Exception, match="Unauthorized"):
            authorizer.handler(event, None)

    logged = capsys.readouterr().out
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["message"] for line in lines] == ["authorizer.denied"] * 6
    assert [line["error"] for line in lines] == ["insufficient_scope"] * 3 + ["invalid_token"] * 3
    assert {(line["reason"], line["client_id"]) for line in lines[:3]} == {("needs reports.read, has read", "web")}
    assert token[-20:] not in logged
    assert foreign[-20:] not in logged
