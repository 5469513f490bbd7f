"""The local deployment serves the HTTP APIs and function URLs of another CDK app."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.configuration.context import ROOT
from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.front import Front
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.infra.rendered import Template, of_type

APP = ROOT / "tests" / "infra" / "guests" / "http" / "app.py"
ENVIRON = {"ISSUER": "http://localhost:1"}  # the template gets the address of `Issuer`: one synthesis serves all runs


class Issuer:
    """An issuer of its own: its documents, its keys, tokens as one likes."""

    def __init__(self) -> None:
        self.keys = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048) for name in ("a", "b")}
        self.published = {"a"}
        self.front = Front(0, self._answer)
        self.url = self.front.base_url

    def _answer(self, request: Request) -> Response:
        documents: dict[str, Any] = {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [self._public(name) for name in sorted(self.published)]},
        }
        return Response(status=200, body=json.dumps(documents[request.path]).encode())

    def _public(self, name: str) -> dict[str, Any]:
        public = self.keys[name].public_key()
        return {**jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True), "kid": name}

    def token(self, *, key: str = "a", kid: str | None = None, algorithm: str = "RS256", **claims: Any) -> str:
        now = int(time.time())
        given = {"iss": self.url, "aud": "reports", "iat": now - 1, "exp": now + 60, **claims}
        kept = {name: value for name, value in given.items() if value is not None}
        return jwt.encode(kept, self.keys[key], algorithm, headers={"kid": kid or key})


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.front.close()


@pytest.fixture(scope="module")
def guest(deployment: Deployment, issuer: Issuer) -> Iterator[Guest]:
    def with_issuer(template: Template) -> None:
        for authorizer in of_type(template, "AWS::ApiGatewayV2::Authorizer").values():
            if authorizer["AuthorizerType"] == "JWT":
                authorizer["JwtConfiguration"]["Issuer"] = issuer.url

    with Guest(deployment, app=APP, environ=ENVIRON, context={}, alter=with_issuer) as guest:
        yield guest


def get(url: str, token: str = "", **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(url, headers=headers, timeout=30, **options)


def test_an_api_is_found_by_an_output_and_by_its_logical_id(guest: Guest) -> None:
    assert guest.url("FirstUrl") == guest.url("FirstApi")
    assert guest.url("FirstApi") != guest.url("SecondApi")
    assert get(f"{guest.url('FirstUrl')}/open/x").status_code == 200
    with pytest.raises(KeyError):
        guest.url("ThirdApi")


def test_s135_no_api_of_a_guest_answers_to_another_name(guest: Guest) -> None:
    for url in guest.urls.values():
        answer = requests.get(url, headers={"Host": "rebound.example"}, timeout=30)
        assert (answer.status_code, list(answer.json())) == (421, ["message"])


def test_a_route_reaches_its_function_with_its_environment(guest: Guest) -> None:
    answered = get(f"{guest.url('FirstApi')}/open/door").json()
    assert answered["event"]["routeKey"] == "GET /open/{thing}"
    assert answered["event"]["pathParameters"] == {"thing": "door"}
    assert answered["variables"] == {"FROM": "the template", "SECOND": guest.url("SecondApi")}
    assert any("answered /open/door" in line for line in guest.logs)
    assert get(f"{guest.url('SecondApi')}/open/door").status_code == 404


def test_a_lambda_authorizer_decides_and_its_answer_is_kept_for_the_route(guest: Guest) -> None:
    guarded = f"{guest.url('FirstApi')}/guarded"
    assert get(guarded).status_code == 401
    assert get(guarded, "bad").status_code == 403
    first, second = get(guarded, "good"), get(guarded, "good")
    seen = first.json()["event"]["requestContext"]["authorizer"]["lambda"]
    assert seen["arn"].endswith("/$default/GET/guarded")
    assert second.json()["event"]["requestContext"]["authorizer"]["lambda"] == seen
    posted = requests.post(guarded, headers={"Authorization": "Bearer good"}, timeout=30)
    assert posted.json()["event"]["requestContext"]["authorizer"]["lambda"]["asked"] == seen["asked"] + 1


def test_the_claims_of_a_checked_token_reach_the_function(guest: Guest, issuer: Issuer) -> None:
    token = issuer.token(scope="reports.read extra", admin=True, groups=["a", "b"])
    for path, scopes in (("/any", None), ("/scoped", ["reports.read", "extra"])):
        seen = get(f"{guest.url('SecondApi')}{path}", token).json()["event"]["requestContext"]["authorizer"]
        assert seen["jwt"]["scopes"] == scopes
        assert seen["jwt"]["claims"]["aud"] == "reports"
        assert seen["jwt"]["claims"]["admin"] == "true"
        assert seen["jwt"]["claims"]["groups"] == "[a b]"
        assert seen["jwt"]["claims"]["exp"].isdigit()


def test_a_bare_token_and_one_for_the_other_audience_pass(guest: Guest, issuer: Issuer) -> None:
    url = f"{guest.url('SecondApi')}/any"
    assert requests.get(url, headers={"Authorization": issuer.token()}, timeout=30).status_code == 200
    assert get(url, issuer.token(aud=["x", "other"])).status_code == 200
    assert get(url, issuer.token(aud=None, client_id="reports")).status_code == 200


def test_a_token_that_does_not_pass_is_401_with_a_challenge(guest: Guest, issuer: Issuer) -> None:
    now = int(time.time())
    said = {
        issuer.token(aud="elsewhere"): "the token does not have a valid audience",
        issuer.token(aud="elsewhere", client_id="reports"): "the token does not have a valid audience",
        issuer.token(iss="https://elsewhere.example"): "the issuer does not match",
        issuer.token(exp=now - 1): "the token has expired",
        issuer.token(exp=None): "the token has expired",
        issuer.token(nbf=now + 60): "the token is not valid yet",
        issuer.token(iat=now + 60): "the token is not valid yet",
        issuer.token(key="b", kid="a"): "the token is not valid",
        issuer.token(key="b"): "the token is not signed with a key of the issuer",
        issuer.token(algorithm="RS384"): "the token is signed with an algorithm that is not supported",
        "no.jwt": "the token is not valid",
    }
    challenges = {
        token: f'Bearer scope="" error="invalid_token" error_description="{text}"' for token, text in said.items()
    }

    for token, challenge in {"": "Bearer", **challenges}.items():
        refused = get(f"{guest.url('SecondApi')}/any", token)
        assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})
        assert refused.headers["WWW-Authenticate"] == challenge


def test_one_of_the_scopes_of_a_route_is_needed(guest: Guest, issuer: Issuer) -> None:
    url = f"{guest.url('SecondApi')}/scoped"
    assert get(url, issuer.token(scope="reports.all")).status_code == 200
    assert get(url, issuer.token(scp=["reports.all"])).status_code == 200
    for scope in ("reports", "", None):
        refused = get(url, issuer.token(scope=scope))
        assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})


def test_a_key_that_the_issuer_publishes_later_is_fetched(guest: Guest, issuer: Issuer) -> None:
    url = f"{guest.url('SecondApi')}/any"
    assert get(url, issuer.token(key="b")).status_code == 401
    issuer.published.add("b")
    try:
        assert get(url, issuer.token(key="b")).status_code == 200
    finally:
        issuer.published.remove("b")


def test_a_function_url_asks_its_function_whatever_the_path(guest: Guest) -> None:
    answered = get(f"{guest.url('InlineFunctionUrl')}/any/path?a=1&a=2").json()
    assert answered["routeKey"] == "$default"
    assert answered["requestContext"]["http"]["path"] == "/any/path"
    assert answered["queryStringParameters"] == {"a": "1,2"}
    assert guest.url("AnswerUrl") == guest.url("AnswerFunctionUrl")


def test_a_function_url_has_its_own_cors(guest: Guest) -> None:
    url = guest.url("InlineFunctionUrl")
    allowed = requests.get(url, headers={"Origin": "https://app.example.com"}, timeout=30)
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    other = requests.get(url, headers={"Origin": "https://other.example.com"}, timeout=30)
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_function_that_fails_is_502_behind_a_url_and_500_behind_an_api_that_passes_challenges(
    guest: Guest,
) -> None:
    assert get(f"{guest.url('AnswerUrl')}/?fail=1").status_code == 502
    assert get(f"{guest.url('FirstApi')}/open/x?fail=1").status_code == 500
    assert get(f"{guest.url('FirstApi')}/open/x?challenge=1").headers["WWW-Authenticate"] == 'Bearer realm="x"'


def test_functions_are_found_by_their_logical_ids_and_see_their_layers(guest: Guest) -> None:
    assert guest.function("Answer") is not guest.function("AnswerTwice")
    function = guest.function("Inline")
    assert function.invoke({"a": 1})["statusCode"] == 200
    assert guest.functions[function.config.name] is function
    assert guest.function("Zipped").invoke({}) == "from the layer"
