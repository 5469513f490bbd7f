"""The table of routes: the protected ones, and their scopes."""

from __future__ import annotations

import pytest

from gatepost.routes import EDIT_APP_PAGE, HEADS, ROUTES, deployed_routes, key_of_get, required_scope
from gatepost.scope import Scope
from gatepost.settings import Settings


def test_no_route_stands_in_the_table_twice_and_the_demo_is_deployed_only_on_request() -> None:
    keys = [route.key for route in ROUTES]
    assert len(keys) == len(set(keys))
    demo = ["GET /demo/read", "GET /demo/write", "GET /demo/notes"]
    assert [r.key for r in ROUTES if r not in deployed_routes(demo=False)] == demo
    assert deployed_routes(demo=True) == (*ROUTES, *HEADS)
    without = {each.key for each in deployed_routes(demo=False)}
    asked = {each.key for each in deployed_routes(demo=False, preflights=True)} - without
    names = ("token", "revoke", "whoami", "userinfo", "register", "register/{client_id}")
    documents = ("oauth-authorization-server", "openid-configuration", "jwks.json")
    assert asked == {
        *(f"OPTIONS /authorization/{name}" for name in names),
        *(f"OPTIONS /.well-known/{name}" for name in documents),
    }


def test_s85_a_protected_route_names_the_scope_that_it_needs_and_no_other_has_one_that_would_open_it() -> None:
    for key, scope in (("GET /authorization/whoami", ""), ("GET /demo/read", "read"), ("GET /demo/write", "write")):
        assert str(required_scope(key)) == scope
    assert all(route.protected for route in ROUTES if route.scope)
    wrong = ("GET /demo/other", "get /demo/read", "POST /demo/read", "POST /authorization/token")
    for key in ("", "$default", *wrong):
        with pytest.raises(KeyError):
            required_scope(key)


def test_s97_tokens_are_given_and_taken_by_post_only() -> None:
    others = ("logout", "register_app")
    open_routes = [route for route in ROUTES if route.path.startswith("/authorization/") and not route.protected]

    assert {route.method for route in open_routes if route.function not in others} == {"POST"}


def test_s374_head_has_a_route_where_get_shows_something_and_does_nothing() -> None:
    without = {route.path for route in ROUTES if route.method == "GET"} - {route.path for route in HEADS}

    assert without == {"/developer/auth", "/authorization/logout", "/{page+}"}
    assert {key_of_get(route.key) for route in HEADS} <= {route.key for route in ROUTES}
    assert all(required_scope(each.key) == each.scope for each in HEADS if each.protected)
    assert len(deployed_routes(demo=True, preflights=True)) < 300  # API Gateway's quota for an API


def test_the_consumer_api_is_for_its_scope_only_and_all_may_read_what_it_is() -> None:
    routes = [route for route in ROUTES if route.path.startswith("/consumer/")]

    needed = {route.scope for route in routes if route.protected}
    assert set(map(str, needed)) == {"consumer.account", "consumer.apps", "consumer.grants"}
    reached = Settings(issuer="https://id.example.test").reach(Scope.of("consumer"))
    assert all(scope <= reached for scope in needed)
    assert [route.key for route in routes if not route.protected] == ["GET /consumer/openapi.json"]


def test_a_path_is_filled_in_with_one_segment_whatever_the_value_holds() -> None:
    odd = {"a/../b": "a%2F..%2Fb", "a?b#c": "a%3Fb%23c", "é": "%C3%A9", "{client_id}": "%7Bclient_id%7D"}
    for value, segment in {"a-1": "a-1", **odd}.items():
        assert EDIT_APP_PAGE.at(client_id=value) == f"/developer/apps/{segment}/edit"
