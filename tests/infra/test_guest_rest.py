"""The local deployment serves the REST APIs of another CDK app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from infra.local.guest import Guest

APP = ROOT / "tests" / "infra" / "guests" / "rest" / "app.py"


@pytest.fixture(scope="module")
def guest(deployment: Deployment) -> Iterator[Guest]:
    with Guest(deployment, app=APP, context={}) as guest:
        yield guest


@pytest.fixture(scope="module")
def url(guest: Guest) -> str:
    return guest.url("Api")


def get(url: str, word: str = "", **headers: str) -> requests.Response:
    authorization = {"Authorization": f"Bearer {word}"} if word else {}
    return requests.get(url, headers={**authorization, **headers}, timeout=30)


def said(response: requests.Response) -> tuple[int, Any, str]:
    return response.status_code, response.json(), response.headers["x-amzn-ErrorType"]


def test_the_base_url_ends_with_the_stage(guest: Guest, url: str) -> None:
    assert url.endswith("/prod")
    assert guest.url("Bare").endswith("/v1")
    (output,) = (name for name in guest.outputs if name.startswith("ApiEndpoint"))
    assert guest.url(output) == url


def test_an_event_is_that_of_a_proxy_integration(url: str) -> None:
    seen = get(f"{url}/things/door?a=1&a=2&b=", **{"X-Mixed-Case": "y"}).json()
    assert (seen["resource"], seen["path"], seen["httpMethod"]) == ("/things/{thing}", "/things/door", "GET")
    assert seen["pathParameters"] == {"thing": "door"}
    assert seen["queryStringParameters"] == {"a": "2", "b": ""}
    assert seen["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""]}
    assert seen["headers"]["X-Mixed-Case"] == "y"
    assert seen["multiValueHeaders"]["X-Mixed-Case"] == ["y"]
    assert (seen["body"], seen["isBase64Encoded"], seen["stageVariables"]) == (None, False, None)
    context = seen["requestContext"]
    place = (context["path"], context["stage"], context["resourcePath"])
    assert place == ("/prod/things/door", "prod", "/things/{thing}")
    assert "authorizer" not in context
    posted = requests.post(f"{url}/things", data="text", timeout=30).json()
    assert posted["body"] == "text"
    assert posted["queryStringParameters"] is None


def test_a_path_finds_the_most_exact_resource(url: str) -> None:
    resources = {"": "/", "/": "/", "/things": "/things", "/things/fixed": "/things/fixed"}
    resources |= {"/things/x": "/things/{thing}", "/things/all/a/b": "/things/all/{rest+}"}

    assert {path: get(f"{url}{path}").json()["resource"] for path in resources} == resources


def test_a_path_a_method_or_a_stage_that_is_none_is_refused_as_aws_does(guest: Guest, url: str) -> None:
    missing = {"message": "Missing Authentication Token"}, "MissingAuthenticationTokenException"
    for path in ("/unknown", "/things/x/y", "/things/all"):
        refused = requests.put(f"{url}{path}", timeout=30)
        assert (said(refused), refused.headers["X-Default"]) == ((418, *missing), "yes")  # as the template has it
    unchanged = get(f"{guest.url('Bare')}/unknown")
    assert said(unchanged) == (403, *missing)
    assert "X-Default" not in unchanged.headers
    elsewhere = get(f"{url.removesuffix('/prod')}/test/things")
    assert (elsewhere.status_code, elsewhere.json()) == (403, {"message": "Forbidden"})


def test_a_response_has_the_headers_of_its_function(url: str) -> None:
    answered = get(f"{url}/things?return=several")
    assert (answered.status_code, answered.text) == (201, "ok")
    assert (answered.headers["X-One"], answered.headers["X-Two"]) == ("1", "2, 3")
    assert answered.headers["Content-Type"] == "application/json"
    assert answered.headers["x-amzn-RequestId"]


def test_the_challenge_of_a_function_is_renamed(url: str) -> None:
    refused = get(f"{url}/things?return=challenge")
    assert refused.status_code == 401
    assert "WWW-Authenticate" not in refused.headers
    assert refused.headers["x-amzn-Remapped-WWW-Authenticate"] == "Bearer"


def test_what_is_no_response_is_502_and_what_takes_too_long_504(url: str) -> None:
    for returns in ("text", "no-status", "object-body", "error"):
        failed = said(get(f"{url}/things?return={returns}"))
        assert failed == (502, {"message": "Internal server error"}, "InternalServerErrorException"), returns
    late = said(get(f"{url}/things?return=late"))
    assert late == (504, {"message": "Endpoint request timed out"}, "InternalServerErrorException")


def test_a_preflight_is_answered_without_a_function(url: str) -> None:
    answered = requests.options(f"{url}/things", timeout=30)
    assert (answered.status_code, answered.text) == (204, "")
    assert answered.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert answered.headers["Access-Control-Allow-Headers"] == "authorization"


def test_the_context_of_an_authorizer_reaches_the_function_as_texts(url: str) -> None:
    seen = get(f"{url}/token", "one").json()["requestContext"]["authorizer"]
    assert seen["principalId"] == "one"
    assert seen["flag"] == "true"
    assert seen["asked"].isdigit()


def test_no_token_and_one_of_another_form_are_401_without_a_call(guest: Guest, url: str) -> None:
    for headers in ({}, {"Authorization": "Bearer NO"}, {"Authorization": "Basic x"}, {"Authorization": ""}):
        refused = requests.get(f"{url}/token", headers={**headers, "X-Ask": "me"}, timeout=30)
        body = {"error": "Unauthorized", "type": "UNAUTHORIZED", "path": "/token"}
        assert said(refused) == (401, body, "UnauthorizedException")
        assert refused.headers["WWW-Authenticate"] == 'Bearer realm="things"'
        assert refused.headers["X-Request"] == refused.headers["x-amzn-RequestId"]
        assert refused.headers["X-Asked"] == "me"
    first = int(get(f"{url}/uncached", "a").json()["requestContext"]["authorizer"]["asked"])
    get(f"{url}/token")
    assert int(get(f"{url}/uncached", "a").json()["requestContext"]["authorizer"]["asked"]) == first + 1


def test_an_authorizer_that_says_unauthorized_is_401(guest: Guest, url: str) -> None:
    assert get(f"{url}/token", "unauthorized").headers["WWW-Authenticate"] == 'Bearer realm="things"'
    refused = get(guest.url("Bare"), "unauthorized")
    assert said(refused) == (401, {"message": "Unauthorized"}, "UnauthorizedException")
    assert "WWW-Authenticate" not in refused.headers


def test_an_authorizer_that_fails_is_500(guest: Guest) -> None:
    for word in ("crash", "late", "nothing", "nobody", "listed", "condition", "effect"):
        failed = said(get(guest.url("Bare"), word))
        assert failed == (500, {"message": None}, "AuthorizerConfigurationException"), word


def test_a_policy_decides_by_its_effects_its_actions_and_its_resources(url: str) -> None:
    no = "User is not authorized to access this resource"
    for word in ("one", "all", "any-action"):
        assert get(f"{url}/request", word).status_code == 200
    for word, message in (("denied", f"{no} with an explicit deny"), ("elsewhere", no), ("other-action", no)):
        refused = get(f"{url}/token", word)
        assert said(refused) == (403, {"message": message}, "AccessDeniedException")
        assert refused.headers["WWW-Authenticate"] == f'Bearer scope="{word}"'
        assert "X-Default" not in refused.headers


def test_a_policy_for_one_method_is_kept_for_the_token_and_opens_no_other(url: str) -> None:
    """AWS warns of this: a policy that is cached for a token counts for every method of the authorizer."""
    assert get(f"{url}/token", "one").status_code == 200
    assert get(f"{url}/token/1", "one").status_code == 403  # by the policy that is kept, which is for /token
    assert get(f"{url}/uncached", "one").status_code == 200
    assert get(f"{url}/uncached/1", "one").status_code == 200


def test_a_policy_is_kept_by_the_token(url: str) -> None:
    first = get(f"{url}/token", "all").json()["requestContext"]["authorizer"]
    assert get(f"{url}/token/1", "all").json()["requestContext"]["authorizer"] == first
    other = get(f"{url}/token", "another").json()["requestContext"]["authorizer"]
    assert int(other["asked"]) == int(first["asked"]) + 1


def test_a_policy_is_kept_by_every_identity_source(url: str) -> None:
    def asked(method: str, path: str) -> int:
        headers = {"Authorization": "Bearer kept"}
        answered = requests.request(method, f"{url}{path}", headers=headers, timeout=30)
        return int(answered.json()["requestContext"]["authorizer"]["asked"])

    first = asked("GET", "/request")
    assert asked("GET", "/request") == first
    assert asked("POST", "/request") == first + 1
    assert asked("GET", "/request/1") == first + 2
    assert asked("GET", "/request/2") == first + 2  # the same resource


def test_a_request_without_an_identity_source_is_401_without_a_call(url: str) -> None:
    assert get(f"{url}/request").status_code == 401


def test_an_authorizer_sees_the_request_without_its_body(url: str) -> None:
    seen = get(f"{url}/request", "seen").json()["requestContext"]["authorizer"]
    assert seen["type"] == "REQUEST"
    assert seen["seen"] == (
        "headers,httpMethod,methodArn,multiValueHeaders,multiValueQueryStringParameters,path,pathParameters,"
        "queryStringParameters,requestContext,resource,stageVariables,type"
    )
    token = get(f"{url}/token", "seen").json()["requestContext"]["authorizer"]
    assert (token["seen"], token["type"]) == ("authorizationToken,methodArn,type", "TOKEN")
