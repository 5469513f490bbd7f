"""`/.well-known/openid-configuration` says exactly what works: each listed value does, its neighbours do not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import pytest
import requests

from gatepost.routes import ACCOUNT_PAGE, CONSENT, OPENID_METADATA
from infra.local.deployment import Deployment
from tests.answers import PKCE, VERIFIER, redeem
from tests.browsing import Browser, answer_of, form_of, is_posted_answer
from tests.http.openid import SCOPES, claims_of, sent_to_sign_in, tokens_in, userinfo
from tests.http.registering import CALLBACK, PROGRAM, register, stranger
from tests.people import Client, Person, get, new_client

# Members that tests in other files are about.
ELSEWHERE = {
    "issuer": "http/test_openid_basic.py",
    "authorization_response_iss_parameter_supported": "unit/endpoints/test_metadata.py",
    "client_id_metadata_document_supported": "http/test_documents.py",
    "protected_resources": "unit/endpoints/test_metadata.py",
    "backchannel_logout_supported": "http/test_openid_logout.py",
    "backchannel_logout_session_supported": "http/test_openid_logout.py",
}
METHODS = ("client_secret_basic", "client_secret_post", "none", "private_key_jwt")


@pytest.fixture
def said(deployment: Deployment) -> dict[str, Any]:
    found: dict[str, Any] = get(deployment, OPENID_METADATA.path, None).json()
    return found


@pytest.fixture
def app(deployment: Deployment, person: Person) -> Client:
    return new_client(deployment, person, scope=SCOPES)


@pytest.fixture
def known(signed_in: Browser, app: Client) -> Browser:
    """A browser in which the app was allowed."""
    signed_in.decide(signed_in.get(app.authorize_path(scope=str(SCOPES))), "allow")
    return signed_in


def test_every_member_is_looked_at(said: dict[str, Any]) -> None:
    assert set(re.findall(r"""said\[["'](\w+)["']\]""", Path(__file__).read_text())) | set(ELSEWHERE) == set(said)
    tests = Path(__file__).parents[1]
    assert [name for name, path in ELSEWHERE.items() if f'"{name}"' not in (tests / path).read_text()] == []


def test_its_endpoints_take_an_app_from_the_registration_to_the_sign_out(
    said: dict[str, Any], signed_in: Browser
) -> None:
    document = {**PROGRAM, "scope": "openid"}
    registered = requests.post(said["registration_endpoint"], json=document, timeout=30).json()
    own = {name: registered[name] for name in ("client_id", "client_secret")}
    sent = {"response_type": "code", "client_id": own["client_id"], "redirect_uri": CALLBACK, "scope": "openid", **PKCE}
    asked = signed_in.get(f"{said['authorization_endpoint']}?{urlencode(sent)}")
    code = {"code": answer_of(signed_in.decide(asked, "allow"))["code"], "code_verifier": VERIFIER}
    form = {**own, **code, "grant_type": "authorization_code", "redirect_uri": CALLBACK}
    tokens = requests.post(said["token_endpoint"], form, timeout=30).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    sub = requests.get(said["userinfo_endpoint"], headers=bearer, timeout=30).json()["sub"]
    keys = jwt.PyJWKSet.from_dict(requests.get(said["jwks_uri"], timeout=30).json())

    key = keys[jwt.get_unverified_header(tokens["id_token"])["kid"]]
    claims = jwt.decode(tokens["id_token"], key, algorithms=["RS256"], audience=own["client_id"])
    token = {**own, "token": tokens["access_token"]}
    assert claims["sub"] == sub
    assert requests.post(said["introspection_endpoint"], token, timeout=30).json()["sub"] == sub
    assert requests.post(said["revocation_endpoint"], token, timeout=30).status_code == 200
    assert requests.post(said["introspection_endpoint"], token, timeout=30).json() == {"active": False}
    assert signed_in.get(ACCOUNT_PAGE.path).status_code == 200
    signed_in.get(f"{said['end_session_endpoint']}?{urlencode({'id_token_hint': tokens['id_token']})}")
    assert signed_in.get(ACCOUNT_PAGE.path).is_redirect


def way_back(browser: Browser, app: Client, response_type: str, response_mode: str) -> str:
    """Return how the app received what it asked for, or the error."""
    answer = browser.get(app.authorize_path(response_type=response_type, response_mode=response_mode))
    if not answer.is_redirect and not is_posted_answer(answer):
        answer = browser.decide(answer, "allow")
    found = answer_of(answer)
    if "error" in found:
        return found["error"]
    assert {"code": "code", "token": "access_token"}[response_type] in found
    if is_posted_answer(answer):
        return "form_post"
    return "fragment" if urlsplit(answer.headers["Location"]).fragment else "query"


def test_response_types_and_modes(said: dict[str, Any], known: Browser, app: Client) -> None:
    modes = said["response_modes_supported"]
    ways = {each: [way_back(known, app, each, mode) for mode in modes] for each in said["response_types_supported"]}

    # RFC 6749 §4.2.2: no token in a query
    assert ways == {"code": modes, "token": [each if each == "fragment" else "invalid_request" for each in modes]}
    assert way_back(known, app, "code", "query.jwt") == "invalid_request"
    assert way_back(known, app, "code id_token", "fragment") == "unsupported_response_type"


def test_grant_types(said: dict[str, Any], app: Client, person: Person) -> None:
    first = app.tokens(person)
    got = {
        "authorization_code": first,
        "refresh_token": app.refresh(first["refresh_token"]).json(),
        "password": app.token(grant_type="password", username=person.name, password=person.password).json(),
        "client_credentials": app.token(grant_type="client_credentials", scope="read").json(),
        "implicit": app.approved(person, response_type="token"),
    }

    assert list(got) == said["grant_types_supported"]
    assert [name for name, answer in got.items() if "access_token" not in answer] == []
    answer = app.token(grant_type="urn:ietf:params:oauth:grant-type:device_code")
    assert answer.json()["error"] == "unsupported_grant_type"


def works(method: str, url: str, confidential: Client, public: Client, **fields: str) -> bool:
    """Whether a request is taken from an app that authenticates by the method."""
    app = public if method == "none" else confidential
    own = {"client_id": app.app.client_id, "client_secret": app.secret}
    jwt_bearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    ways: dict[str, dict[str, Any]] = {
        "client_secret_basic": {"auth": app.auth, "data": fields},
        "client_secret_post": {"data": {**fields, **own}},
        "none": {"data": {**fields, "client_id": app.app.client_id}},
        "private_key_jwt": {"data": {**fields, "client_assertion_type": jwt_bearer, "client_assertion": "e30.e30."}},
    }
    return requests.post(url, **ways[method], timeout=30).status_code == 200


def test_authentication_methods(said: dict[str, Any], app: Client, public_client: Client, person: Person) -> None:
    by_token = []
    for method in METHODS:
        token = (public_client if method == "none" else app).tokens(person)["refresh_token"]
        refresh = {"grant_type": "refresh_token", "refresh_token": token}
        by_token += [method] * works(method, said["token_endpoint"], app, public_client, **refresh)
    revoking, introspecting = (
        [each for each in METHODS if works(each, url, app, public_client, token="unknown")]
        for url in (said["revocation_endpoint"], said["introspection_endpoint"])
    )

    assert by_token == said["token_endpoint_auth_methods_supported"]
    assert revoking == said["revocation_endpoint_auth_methods_supported"]
    assert introspecting == said["introspection_endpoint_auth_methods_supported"]


def test_algorithms(deployment: Deployment, said: dict[str, Any], signed_in: Browser) -> None:
    members = ("id_token_signed_response_alg", "userinfo_signed_response_alg")
    signed = []
    for alg in said["id_token_signing_alg_values_supported"]:
        itself = stranger(deployment, {**PROGRAM, "scope": "openid", **dict.fromkeys(members, alg)})
        tokens = itself.allowed(signed_in, scope="openid")
        texts = (tokens["id_token"], userinfo(deployment, tokens["access_token"]).text)
        signed.append([jwt.get_unverified_header(each)["alg"] for each in texts])

    assert signed == [[alg, alg] for alg in said["userinfo_signing_alg_values_supported"]]
    for member in members:
        for other in ("none", "HS256"):
            assert register(deployment, {**PROGRAM, member: other}).json()["error"] == "invalid_client_metadata"


def test_prompts_request_objects_and_code_challenges(said: dict[str, Any], known: Browser, app: Client) -> None:
    def asked(**parameters: str) -> requests.Response:
        return known.get(app.authorize_path(scope="openid", **parameters))

    answers = {each: asked(prompt=each) for each in said["prompt_values_supported"]}
    assert sorted(answers) == ["consent", "login", "none", "select_account"]
    assert "code" in answer_of(answers["none"])
    assert form_of(answers["consent"], CONSENT.path)
    assert all(sent_to_sign_in(answers[each]) for each in ("login", "select_account"))
    assert answer_of(asked(prompt="create"))["error"] == "invalid_request"

    assert (said["request_parameter_supported"], said["request_uri_parameter_supported"]) == (False, False)
    for name in ("request", "request_uri"):
        assert answer_of(asked(**{name: "https://client.example.test/r"}))["error"] == f"{name}_not_supported"

    for method in said["code_challenge_methods_supported"]:
        pkce = {**PKCE, "code_challenge_method": method}
        wrong, right = (
            redeem(app, answer_of(asked(**pkce))["code"], code_verifier=each) for each in ("x" * 43, VERIFIER)
        )
        assert (wrong.json()["error"], right.status_code) == ("invalid_grant", 200)
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
    assert answer_of(asked(**plain))["error"] == "invalid_request"


def test_claims_acr_values_scopes_and_subjects(
    deployment: Deployment, said: dict[str, Any], known: Browser, app: Client, person: Person
) -> None:
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    tokens = tokens_in(known, app, scope="openid profile email", nonce="n")
    at_userinfo = userinfo(deployment, tokens["access_token"]).json()
    by_scope = {**claims_of(deployment, tokens["id_token"], app), **at_userinfo}
    acr = said["acr_values_supported"]
    members = {**dict.fromkeys(at_userinfo), "acr": {"essential": True, "values": acr}}
    asked = tokens_in(known, app, scope="openid", claims=json.dumps({"id_token": members}))
    by_parameter = claims_of(deployment, asked["id_token"], app)

    assert sorted(by_scope) == said["claims_supported"]
    assert said["claim_types_supported"] == ["normal"]
    assert said["claims_parameter_supported"] is True
    assert {name: by_parameter.get(name) for name in at_userinfo} == at_userinfo
    assert [by_parameter["acr"]] == acr

    wide = new_client(deployment, person, scope=deployment.settings.scope)
    everything = tokens_in(known, wide, scope=" ".join([*said["scopes_supported"], "address", "phone"]))
    assert everything["scope"].split() == said["scopes_supported"]
    assert said["subject_types_supported"] == ["public"]
    assert claims_of(deployment, everything["id_token"], wide)["sub"] == by_scope["sub"]
