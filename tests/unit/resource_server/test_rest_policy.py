"""The method of a REST API in an event, and the scope of its policy."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.resource_server.protection import Protection
from gatepost.resource_server.rest_policy import AskedMethod, allowed, asked_method, authorization, denied
from gatepost.scope import Scope

API = "arn:aws:execute-api:eu-west-1:111122223333:abc123"
KEYS = (
    "GET /",
    "GET /reports",
    "ANY /reports/latest",
    "GET /reports/{id}",
    "GET /reports/{id}/pages/{page}",
    "GET /reports/{id}/raw",
    "GET /files/{path+}",
    "POST /files/{path+}",
)
PROTECTION = Protection(routes=dict.fromkeys(KEYS, Scope()))


def asked_by_request(method: str, resource: str, path: str) -> AskedMethod:
    event = {"type": "REQUEST", "methodArn": f"{API}/prod/{method}{path}", "resource": resource, "httpMethod": method}
    return asked_method(event, PROTECTION)


def asked_by_token(method: str, path: str) -> AskedMethod:
    return asked_method({"type": "TOKEN", "methodArn": f"{API}/prod/{method}{path}"}, PROTECTION)


@pytest.mark.parametrize(
    ("method", "resource", "path", "route", "covers"),
    [
        ("GET", "/", "/", "GET /", "/prod/GET/"),
        ("GET", "/reports", "/reports", "GET /reports", "/prod/GET/reports"),
        ("GET", "/reports/{id}", "/reports/7", "GET /reports/{id}", "/prod/GET/reports/*"),
        ("PUT", "/reports/latest", "/reports/latest", "ANY /reports/latest", "/prod/PUT/reports/latest"),
        ("GET", "/reports/{id}/raw", "/reports/7/raw", "GET /reports/{id}/raw", "/prod/GET/reports/*/raw"),
        ("GET", "/files/{path+}", "/files/a/b", "GET /files/{path+}", "/prod/GET/files/*"),
    ],
)
def test_a_request_authorizer_covers_the_route(method: str, resource: str, path: str, route: str, covers: str) -> None:
    assert asked_by_request(method, resource, path) == AskedMethod(route=route, arn=API + covers)


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/", "GET /"),
        ("GET", "/reports", "GET /reports"),
        ("GET", "/reports/7", "GET /reports/{id}"),
        ("GET", "/reports/a%2Fb", "GET /reports/{id}"),
        ("GET", "/reports/*", "GET /reports/{id}"),
        ("DELETE", "/reports/latest", "ANY /reports/latest"),
        ("GET", "/reports/latest", "ANY /reports/latest"),
        ("GET", "/reports/7/pages/1", "GET /reports/{id}/pages/{page}"),
        ("GET", "/reports/pages/raw", "GET /reports/{id}/raw"),
        ("GET", "/files/a", "GET /files/{path+}"),
        ("POST", "/files/a/b/c", "POST /files/{path+}"),
    ],
)
def test_a_token_authorizer_covers_the_path_that_was_asked_for(method: str, path: str, route: str) -> None:
    assert asked_by_token(method, path) == AskedMethod(route=route, arn=f"{API}/prod/{method}{path}")


@pytest.mark.parametrize(
    "path",
    [
        *("/reports/l%61test", "/reports/7%2Fraw"),
        *("/files//private", "/files/private/", "/files/%2Fprivate", "/files/%70rivate"),
    ],
)
def test_a_token_authorizer_opens_no_path_that_could_be_of_two_routes(path: str) -> None:
    routes = {**(PROTECTION.routes or {}), "GET /files/private": Scope.of("write")}
    event = {"type": "TOKEN", "methodArn": f"{API}/prod/GET{path}"}
    with pytest.raises(KeyError):
        asked_method(event, Protection(routes=routes))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", "/reports"), ("get", "/reports"), ("ANY", "/reports"), ("PUT", "/files/a"), ("GET", "")),
        *(("GET", "/elsewhere"), ("GET", "/reports/"), ("GET", "/reports/7/"), ("GET", "/reports/7/other")),
        *(("GET", "/reports/7/pages/"), ("GET", "/files")),
    ],
)
def test_a_route_that_is_not_protected_is_unknown(method: str, path: str) -> None:
    if path:
        with pytest.raises(KeyError):
            asked_by_request(method, path, path)
    if (method, path) != ("GET", ""):
        with pytest.raises(KeyError):
            asked_by_token(method, path)


@pytest.mark.parametrize(
    ("routes", "path", "route"),
    [
        (["GET /files/{path+}", "GET /files/{id}"], "/files/a", "GET /files/{id}"),
        (["GET /files/{path+}", "GET /files/{id}"], "/files/a/b", "GET /files/{path+}"),
        (["ANY /reports/{id}", "GET /reports/{id}"], "/reports/7", "GET /reports/{id}"),
        (["ANY /reports/7", "GET /reports/{id}"], "/reports/7", "ANY /reports/7"),
        (["GET /{stage}/raw", "GET /reports/{id}"], "/reports/raw", "GET /reports/{id}"),
    ],
)
def test_of_several_routes_the_one_that_says_most_is_chosen(routes: list[str], path: str, route: str) -> None:
    for order in (routes, routes[::-1]):
        protection = Protection(routes=dict.fromkeys(order, Scope()))

        assert asked_method({"type": "TOKEN", "methodArn": f"{API}/prod/GET{path}"}, protection).route == route


def test_where_no_routes_are_named_none_is_known() -> None:
    for kind in ("TOKEN", "REQUEST"):
        event = {"type": kind, "methodArn": f"{API}/prod/GET/reports", "resource": "/reports", "httpMethod": "GET"}
        with pytest.raises(KeyError):
            asked_method(event, Protection())


@pytest.mark.parametrize(
    ("event", "headers"),
    [
        ({"type": "TOKEN", "authorizationToken": "Bearer a"}, ["Bearer a"]),
        ({"type": "TOKEN", "authorizationToken": None, "headers": {"Authorization": "x"}}, [""]),
        ({"type": "TOKEN"}, [""]),
        ({"type": "REQUEST", "headers": {"Authorization": "Bearer a"}, "authorizationToken": "x"}, ["Bearer a"]),
        ({"type": "REQUEST", "headers": None}, []),
    ],
)
def test_the_token_comes_from_where_the_kind_has_it(event: dict[str, Any], headers: list[str]) -> None:
    assert list(authorization(event)) == headers


def test_a_policy_allows_one_method_or_denies_the_whole_api() -> None:
    method = AskedMethod(route="GET /reports", arn=f"{API}/prod/GET/reports")

    assert allowed(method, "alice-id", {"scope": "reports.read"}) == {
        "principalId": "alice-id",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{API}/prod/GET/reports"}],
        },
        "context": {"scope": "reports.read"},
    }
    assert denied({"methodArn": f"{API}/prod/GET/reports"}, "Bearer x") == {
        "principalId": "nobody",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": f"{API}/*"}],
        },
        "context": {"challenge": "Bearer x"},
    }
