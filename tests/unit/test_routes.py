"""The table of routes: what is protected, and by what."""

from __future__ import annotations

import pytest

from gatepost.routes import ROUTES, deployed_routes, required_scope


def test_no_route_stands_in_the_table_twice() -> None:
    keys = [route.key for route in ROUTES]

    assert len(keys) == len(set(keys))


def test_the_demo_is_deployed_only_on_request() -> None:
    assert [r.key for r in ROUTES if r not in deployed_routes(demo=False)] == ["GET /demo/read", "GET /demo/write"]
    assert deployed_routes(demo=True) == ROUTES


@pytest.mark.parametrize(
    ("route_key", "scope"),
    [("GET /authorization/whoami", ""), ("GET /demo/read", "read"), ("GET /demo/write", "write")],
)
def test_s85_a_protected_route_names_the_scope_that_it_needs(route_key: str, scope: str) -> None:
    assert str(required_scope(route_key)) == scope


@pytest.mark.parametrize(
    "route_key", ["", "$default", "GET /demo/other", "get /demo/read", "POST /demo/read", "POST /authorization/token"]
)
def test_a_route_that_is_not_protected_by_the_table_has_no_scope_that_would_open_it(route_key: str) -> None:
    with pytest.raises(KeyError):
        required_scope(route_key)


def test_s97_tokens_are_given_and_taken_by_post_only() -> None:
    methods = {route.method for route in ROUTES if route.path.startswith("/authorization/") and not route.protected}

    assert methods == {"POST"}


def test_every_protected_route_requires_its_scope_and_no_open_route_has_one() -> None:
    assert {route.key for route in ROUTES if route.protected} == {
        "GET /authorization/whoami",
        "GET /demo/read",
        "GET /demo/write",
    }
    assert all(route.protected for route in ROUTES if route.scope)
