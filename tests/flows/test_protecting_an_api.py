"""The second stack of docs/protect-your-api.md, deployed beside a Gatepost and called, for every kind of protection."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import jwt
import pytest
import requests

from gatepost.scope import Scope
from gatepost.tokens.signing_keys import active, signing_keys
from infra.configuration.context import ROOT
from infra.local.demo.welcome import guest_welcome
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.conftest import TEST_SETTINGS
from tests.people import Client, new_client, new_person

APP = ROOT / "docs" / "examples" / "reports" / "app.py"
AUDIENCE = "https://reports.example.com"
NOWHERE = "https://gatepost.example.com"
TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/of-the-template"
SCOPES = {
    "read": "Read your demo data",
    "write": "Change your demo data",
    "consumer": "Manage your apps, connections and account",
    "consumer.apps": "Manage your apps",
    "consumer.grants": "See and end your connections",
    "consumer.account": "Read and change your account",
    "reports.read": "Read your reports",
    "reports.write": "Change your reports",
}
KINDS = ("HttpApiUrl", "NativeApiUrl", "RequestApiUrl", "TokenApiUrl", "GuardedApiUrl", "FunctionUrl")
RENAMED = "x-amzn-remapped-www-authenticate"  # of a function's answer behind a function URL
REVOKED = {"HttpApiUrl": 403, "RequestApiUrl": 401, "TokenApiUrl": 401, "GuardedApiUrl": 401, "FunctionUrl": 401}
NOT_VALID = 'error="invalid_token", error_description="the token is not valid"'
TOO_LITTLE = 'error="insufficient_scope", error_description="the token does not have the scope for this"'


@pytest.fixture(scope="module")
def gatepost() -> Iterator[Deployment]:
    with Deployment(overrides={**TEST_SETTINGS, "audience": AUDIENCE, "scopes": SCOPES}) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def client(gatepost: Deployment) -> Client:
    return new_client(gatepost, new_person(gatepost), scope=Scope.of("reports.read", "reports.write", "read"))


def addresses(gatepost: Deployment) -> Callable[[dict[str, Any]], None]:
    """Puts the addresses of this run into the template: so one synthesis serves all runs."""
    described = gatepost.client("dynamodb").describe_table(TableName=gatepost.tables["tokens"])["Table"]

    def change(template: dict[str, Any]) -> None:
        text = json.dumps(template).replace(NOWHERE, gatepost.base_url).replace(TABLE, described["TableArn"])
        template.clear()
        template.update(json.loads(text))

    return change


@pytest.fixture(scope="module")
def with_table(gatepost: Deployment) -> Iterator[Guest]:
    context = {"issuer": NOWHERE, "audience": AUDIENCE, "tokens_table_arn": TABLE}
    with Guest(gatepost, app=APP, context=context, alter=addresses(gatepost)) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def by_url(gatepost: Deployment) -> Iterator[Guest]:
    context = {"issuer": NOWHERE, "audience": AUDIENCE}
    with Guest(gatepost, app=APP, context=context, alter=addresses(gatepost)) as deployed:
        yield deployed


@pytest.fixture(params=["with_table", "by_url"])
def guest(request: pytest.FixtureRequest) -> Guest:
    found: Guest = request.getfixturevalue(request.param)
    return found


def token_of(client: Client, scope: str) -> str:
    return str(client.token(grant_type="client_credentials", scope=scope).json()["access_token"])


def call(guest: Guest, api: str, path: str, *tokens: str) -> requests.Response:
    headers = {"Authorization": ", ".join(f"Bearer {token}" for token in tokens)} if tokens else {}
    return requests.get(f"{guest.url(api)}{path}", headers=headers, timeout=30)


def challenge(answer: requests.Response) -> str:
    return answer.headers.get("WWW-Authenticate", "")


def test_scopes_that_the_server_does_not_offer_are_named(guest: Guest, gatepost: Deployment) -> None:
    assert guest.unknown_scopes == []
    offered = gatepost.settings
    gatepost.settings = replace(offered, scopes={"read": "Read"}, default_scopes=Scope.of("read"))
    try:
        assert guest.unknown_scopes == ["reports.read", "reports.write"]
        assert "No token opens the routes of app.py that need reports.read, reports.write" in guest_welcome(
            "app.py", guest
        )
    finally:
        gatepost.settings = offered


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_token_opens_and_the_route_learns_whose_it_is(guest: Guest, client: Client, kind: str) -> None:
    answer = call(guest, kind, "/reports", token_of(client, "reports.read"))

    assert answer.status_code == 200
    assert answer.json() == {"reports": ["2026-Q3"], "of": client.app.client_id, "scope": "reports.read"}


def test_an_http_api_with_a_lambda_authorizer_sends_no_challenges(guest: Guest, client: Client) -> None:
    for tokens, status in (((), 401), (("x",), 403), ((token_of(client, "read"),), 403)):
        answer = call(guest, "HttpApiUrl", "/reports", *tokens)
        assert (answer.status_code, challenge(answer)) == (status, "")


def test_the_native_authorizer_sends_challenges_of_its_own(guest: Guest, client: Client) -> None:
    missing, bad, little = (
        call(guest, "NativeApiUrl", "/reports", *tokens) for tokens in ((), ("x",), (token_of(client, "read"),))
    )
    assert (missing.status_code, challenge(missing)) == (401, "Bearer")
    assert bad.status_code == 401
    assert 'error="invalid_token"' in challenge(bad)
    assert little.status_code == 403


@pytest.mark.parametrize("kind", ["RequestApiUrl", "TokenApiUrl"])
def test_a_rest_api_sends_challenges_by_its_gateway_responses(guest: Guest, client: Client, kind: str) -> None:
    for tokens in ((), ("x",)):
        answer = call(guest, kind, "/reports", *tokens)
        assert (answer.status_code, challenge(answer)) == (401, 'Bearer realm="reports", scope="reports.read"')
    for path, scope in (("/reports", "reports.read"), ("/reports/7", "reports.read reports.write")):
        answer = call(guest, kind, path, token_of(client, "read"))
        assert (answer.status_code, challenge(answer)) == (
            403,
            f'Bearer realm="reports", {TOO_LITTLE}, scope="{scope}"',
        )


def test_a_guarded_http_api_sends_every_challenge(guest: Guest, client: Client) -> None:
    where = f"{guest.url('GuardedApiUrl')}/.well-known/oauth-protected-resource"
    metadata = f'resource_metadata="{where}"'
    token = token_of(client, "read")
    bad_request = 'error="invalid_request", error_description="the Authorization header must hold one bearer token"'

    for tokens, status, parameters in (
        ((), 401, f'scope="reports.read", {metadata}'),
        (("x",), 401, f'{NOT_VALID}, scope="reports.read", {metadata}'),
        ((token, token), 400, f"{bad_request}, {metadata}"),
        ((token,), 403, f'{TOO_LITTLE}, scope="reports.read", {metadata}'),
    ):
        answer = call(guest, "GuardedApiUrl", "/reports", *tokens)
        assert (answer.status_code, challenge(answer)) == (status, f'Bearer realm="reports", {parameters}')


def test_the_challenge_leads_a_client_to_the_server_that_gives_tokens(guest: Guest, gatepost: Deployment) -> None:
    where = challenge(call(guest, "GuardedApiUrl", "/reports")).partition('resource_metadata="')[2].rstrip('"')

    assert requests.get(where, timeout=30).json() == {
        "resource": guest.url("GuardedApiUrl"),
        "authorization_servers": [gatepost.base_url],
        "scopes_supported": ["reports.read"],
        "bearer_methods_supported": ["header"],
    }


def test_a_function_url_sends_its_challenges_under_the_name_that_lambda_gives_them(
    guest: Guest, client: Client
) -> None:
    for tokens, status, parameters in (
        ((), 401, 'scope="reports.read"'),
        (("x",), 401, f'{NOT_VALID}, scope="reports.read"'),
        ((token_of(client, "read"),), 403, f'{TOO_LITTLE}, scope="reports.read"'),
    ):
        answer = call(guest, "FunctionUrl", "/reports", *tokens)
        assert (answer.status_code, answer.headers[RENAMED]) == (status, f'Bearer realm="reports", {parameters}')
    assert call(guest, "FunctionUrl", "/health").json() == {"well": True}


@pytest.mark.parametrize("kind", ["HttpApiUrl", "RequestApiUrl", "TokenApiUrl"])
def test_an_answer_that_is_kept_opens_its_route_with_any_parameter_and_no_other(
    guest: Guest, client: Client, kind: str
) -> None:
    reads, both = token_of(client, "reports.read"), token_of(client, "reports.read reports.write")
    for _ in range(2):
        assert call(guest, kind, "/reports", reads).status_code == 200
        for path in ("/reports/7", "/reports/8"):
            assert call(guest, kind, path, reads).status_code == 403
            assert call(guest, kind, path, both).status_code == 200


def test_with_the_table_a_revoked_token_is_refused_within_the_bound(with_table: Guest, client: Client) -> None:
    token = token_of(client, "reports.read")
    for kind in REVOKED:
        assert call(with_table, kind, "/reports", token).status_code == 200
    client.revoke(token)
    end = time.monotonic() + 10 + 1  # cache_seconds + revocation_poll of the example, and a little
    while time.monotonic() < end and any(call(with_table, kind, "/reports", token).ok for kind in REVOKED):
        time.sleep(0.25)

    assert {kind: call(with_table, kind, "/reports", token).status_code for kind in REVOKED} == REVOKED
    assert call(with_table, "NativeApiUrl", "/reports", token).status_code == 200  # until it expires


def test_by_the_url_alone_a_revoked_token_opens_until_it_expires(by_url: Guest, client: Client) -> None:
    token = token_of(client, "reports.read")
    client.revoke(token)
    time.sleep(6)

    assert [call(by_url, kind, "/reports", token).status_code for kind in KINDS] == [200] * len(KINDS)


@pytest.mark.parametrize("kind", REVOKED)
def test_s142_a_token_that_is_bound_to_a_key_opens_no_kind_of_api(
    guest: Guest, gatepost: Deployment, client: Client, kind: str
) -> None:
    token = token_of(client, "reports.read")
    secret = gatepost.client("secretsmanager").get_secret_value(SecretId=gatepost.secret_arn("signing"))
    key = active(signing_keys(secret["SecretString"]), time.time())
    claims = jwt.decode(token, options={"verify_signature": False})

    def signed(**more: Any) -> str:
        return jwt.encode({**claims, **more}, key.pem, key.alg, headers=jwt.get_unverified_header(token))

    assert call(guest, kind, "/reports", signed(jti="free")).status_code == 200
    assert call(guest, kind, "/reports", signed(jti="bound", cnf={"jkt": "x"})).status_code == REVOKED[kind]


def test_no_token_is_logged(guest: Guest, client: Client) -> None:
    tokens = [token_of(client, scope) for scope in ("reports.read", "read")]
    for kind in KINDS:
        for token in tokens:
            call(guest, kind, "/reports", token)

    assert guest.logs
    assert not [line for line in guest.logs if any(token[-20:] in line for token in tokens)]
