"""The second stack of docs/protect-your-api.md, deployed beside a Gatepost and called, for every kind of protection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests

from gatepost.scope import Scope
from gatepost.tokens.signing_keys import active, signing_keys
from infra.local.demo.welcome import guest_welcome
from infra.local.deployment import Deployment
from tests.flows.protecting import PLAIN, REPORTS, TOOLS, Protected, protecting
from tests.people import get, reached

RENAMED = "x-amzn-remapped-www-authenticate"  # of a function's answer behind a function URL
REVOKED = {"HttpApiUrl": 403, "RequestApiUrl": 401, "TokenApiUrl": 401, "GuardedApiUrl": 401, "FunctionUrl": 401}
REFUSED = {**REVOKED, "NativeApiUrl": 401}  # whatever is wrong with the token
NOT_VALID = 'error="invalid_token", error_description="the token is not valid"'
TOO_LITTLE = 'error="insufficient_scope", error_description="the token does not have the scope for this"'
METADATA = "/.well-known/oauth-protected-resource"


@pytest.fixture(scope="module")
def apis(published: Deployment) -> Iterator[Protected]:
    with protecting(published) as found:
        yield found


def challenge(answer: requests.Response) -> str:
    return answer.headers.get("WWW-Authenticate", "")


def test_scopes_that_the_server_does_not_offer_are_named(apis: Protected) -> None:
    guest, gatepost = apis.guests[REPORTS], apis.gatepost
    assert guest.unknown_scopes == []
    offered = gatepost.settings
    gatepost.settings = offered._replace(scopes={"read": "Read"}, default_scopes=Scope.of("read"))
    try:
        assert guest.unknown_scopes == ["reports.read", "reports.write"]
        assert "Routes of app.py need unknown scopes: reports.read, reports.write" in guest_welcome("app.py", guest)
    finally:
        gatepost.settings = offered


@pytest.mark.parametrize("kind", REFUSED)
def test_s200_a_token_opens_its_own_api_whose_route_learns_whose_it_is_and_no_other(apis: Protected, kind: str) -> None:
    answers = {
        (resource, asked): apis.call(resource, kind, "/reports", apis.token("reports.read", asked))
        for resource in apis.guests
        for asked in apis.guests
    }

    assert {places: answer.status_code for places, answer in answers.items()} == {
        (resource, asked): 200 if resource == asked else REFUSED[kind] for resource, asked in answers
    }
    for resource in apis.guests:
        said = {"reports": ["2026-Q3"], "of": apis.client.app.client_id, "scope": "reports.read"}
        assert answers[resource, resource].json() == said


@pytest.mark.parametrize(
    "path", ["/demo/read", "/demo/notes", "/authorization/whoami", "/consumer/account", "/consumer/app"]
)
def test_s200_gateposts_own_routes_take_no_token_of_a_resource(apis: Protected, path: str) -> None:
    user = {"username": apis.person.name, "password": apis.person.password}
    own = f"{apis.gatepost.base_url}/demo/notes" if path == "/demo/notes" else PLAIN

    for resource in (REPORTS, TOOLS):
        assert get(apis.gatepost, path, apis.token("consumer read", resource, **user)).status_code == 403
    assert get(apis.gatepost, path, apis.token("consumer read", own, **user)).status_code == 200


def test_the_metadata_of_an_api_names_its_resource_and_the_server_and_introspection_says_whose_a_token_is(
    apis: Protected,
) -> None:
    found = {
        resource: requests.get(f"{guest.url('GuardedApiUrl')}{METADATA}", timeout=30).json()
        for resource, guest in apis.guests.items()
    }
    plain = apis.guests[PLAIN].url("GuardedApiUrl")
    assert {resource: each["resource"] for resource, each in found.items()} == {
        REPORTS: REPORTS,
        TOOLS: f"{TOOLS}/",  # as it was written; clients may send it so
        PLAIN: plain,
    }
    assert found[PLAIN] == {
        "resource": plain,
        "authorization_servers": [apis.gatepost.base_url],
        "scopes_supported": ["reports.read"],
        "bearer_methods_supported": ["header"],
    }
    for resource in apis.guests:
        said = apis.client.introspect(apis.token("read", resource)).json()
        assert (said["active"], said["aud"]) == (True, resource or apis.gatepost.base_url)


def test_an_http_api_sends_no_challenges_with_a_lambda_authorizer_and_its_own_with_the_native_one(
    apis: Protected,
) -> None:
    little = apis.token("read", REPORTS)
    for tokens, status in (((), 401), (("x",), 403), ((little,), 403)):
        answer = apis.call(REPORTS, "HttpApiUrl", "/reports", *tokens)
        assert (answer.status_code, challenge(answer)) == (status, "")

    missing, bad, beyond = (apis.call(REPORTS, "NativeApiUrl", "/reports", *each) for each in ((), ("x",), (little,)))
    assert (missing.status_code, challenge(missing)) == (401, "Bearer")
    assert (bad.status_code, 'error="invalid_token"' in challenge(bad)) == (401, True)
    assert beyond.status_code == 403


@pytest.mark.parametrize("kind", ["RequestApiUrl", "TokenApiUrl"])
def test_a_rest_api_sends_challenges_by_its_gateway_responses(apis: Protected, kind: str) -> None:
    for tokens in ((), ("x",)):
        answer = apis.call(REPORTS, kind, "/reports", *tokens)
        assert (answer.status_code, challenge(answer)) == (401, 'Bearer realm="reports", scope="reports.read"')
    for path, scope in (("/reports", "reports.read"), ("/reports/7", "reports.read reports.write")):
        answer = apis.call(REPORTS, kind, path, apis.token("read", REPORTS))
        said = f'Bearer realm="reports", {TOO_LITTLE}, scope="{scope}"'
        assert (answer.status_code, challenge(answer)) == (403, said)


def test_a_guarded_function_sends_every_challenge_and_a_function_url_under_the_name_that_lambda_gives_it(
    apis: Protected,
) -> None:
    metadata = f'resource_metadata="{apis.guests[REPORTS].url("GuardedApiUrl")}{METADATA}"'
    little = apis.token("read", REPORTS)
    bad_request = 'error="invalid_request", error_description="the Authorization header must hold one bearer token"'

    for tokens, status, parameters in (
        ((), 401, 'scope="reports.read"'),
        (("x",), 401, f'{NOT_VALID}, scope="reports.read"'),
        ((little, little), 400, bad_request),
        ((little,), 403, f'{TOO_LITTLE}, scope="reports.read"'),
    ):
        said = f'Bearer realm="reports", {parameters}'
        answer = apis.call(REPORTS, "GuardedApiUrl", "/reports", *tokens)
        assert (answer.status_code, challenge(answer)) == (status, f"{said}, {metadata}")
        answer = apis.call(REPORTS, "FunctionUrl", "/reports", *tokens)
        assert (answer.status_code, answer.headers[RENAMED]) == (status, said)
    assert apis.call(REPORTS, "FunctionUrl", "/health").json() == {"well": True}


@pytest.mark.parametrize("kind", ["HttpApiUrl", "RequestApiUrl", "TokenApiUrl"])
def test_an_answer_that_is_kept_opens_its_route_with_any_parameter_and_no_other(apis: Protected, kind: str) -> None:
    reads, both = apis.token("reports.read", REPORTS), apis.token("reports.read reports.write", REPORTS)
    for _ in range(2):
        assert apis.call(REPORTS, kind, "/reports", reads).status_code == 200
        for path in ("/reports/7", "/reports/8"):
            assert apis.call(REPORTS, kind, path, reads).status_code == 403
            assert apis.call(REPORTS, kind, path, both).status_code == 200


def test_a_revoked_token_is_refused_within_the_bound_with_the_table_and_by_the_url_alone(apis: Protected) -> None:
    tokens = {resource: apis.token("reports.read", resource) for resource in (REPORTS, PLAIN)}
    kept = {resource: apis.token("reports.read", resource) for resource in tokens}
    places = [(resource, kind) for resource in tokens for kind in REVOKED]

    def opened(by: dict[str, str]) -> dict[tuple[str, str], int]:
        return {place: apis.call(*place, "/reports", by[place[0]]).status_code for place in places}

    assert set(opened(tokens).values()) == {200}
    for token in tokens.values():
        apis.client.revoke(token)
    # cache_seconds and revocation_poll of the example, max-age of the list, a second in its container, and a little
    refused = {place: REVOKED[place[1]] for place in places}
    assert reached(lambda: opened(tokens) == refused, seconds=5 + 5 + 1 + 1 + 1)
    assert set(opened(kept).values()) == {200}
    for resource, token in tokens.items():
        assert apis.call(resource, "NativeApiUrl", "/reports", token).status_code == 200  # until it expires


@pytest.mark.parametrize("kind", REVOKED)
def test_s142_a_token_that_is_bound_to_a_key_opens_no_kind_of_api(apis: Protected, kind: str) -> None:
    token, gatepost = apis.token("reports.read", REPORTS), apis.gatepost
    secret = gatepost.client("secretsmanager").get_secret_value(SecretId=gatepost.secret_arn("signing"))
    key = active(signing_keys(secret["SecretString"]), time.time())
    claims = jwt.decode(token, options={"verify_signature": False})

    def signed(**more: Any) -> str:
        return jwt.encode({**claims, **more}, key.pem, key.alg, headers=jwt.get_unverified_header(token))

    assert apis.call(REPORTS, kind, "/reports", signed(jti="free")).status_code == 200
    bound = signed(jti="bound", cnf={"jkt": "x"})
    assert apis.call(REPORTS, kind, "/reports", bound).status_code == REVOKED[kind]


def test_no_token_is_logged(apis: Protected) -> None:
    for resource, guest in apis.guests.items():
        tokens = [apis.token(scope, resource) for scope in ("reports.read", "read")]
        for kind in REFUSED:
            for token in tokens:
                apis.call(resource, kind, "/reports", token)
        assert guest.logs
        assert not [line for line in guest.logs if any(token[-20:] in line for token in tokens)]
