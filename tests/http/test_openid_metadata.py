"""What `/.well-known/openid-configuration` lists works: endpoints, claims and scopes.

Its other members are compared with what there is in tests/unit/endpoints/test_metadata.py.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
import requests

from gatepost.routes import ACCOUNT_PAGE, OPENID_METADATA
from infra.local.deployment import Deployment
from tests.answers import PKCE, VERIFIER
from tests.browsing import Browser, answer_of
from tests.http.openid import SCOPES, claims_of, tokens_in, userinfo
from tests.http.registering import CALLBACK, PROGRAM
from tests.people import Client, Person, get, new_client


@pytest.fixture
def said(deployment: Deployment) -> dict[str, Any]:
    found: dict[str, Any] = get(deployment, OPENID_METADATA.path, None).json()
    return found


@pytest.fixture
def app(deployment: Deployment, person: Person) -> Client:
    return new_client(deployment, person, scope=SCOPES)


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


def test_claims_acr_values_scopes_and_subjects(
    deployment: Deployment, said: dict[str, Any], signed_in: Browser, app: Client, person: Person
) -> None:
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    tokens = tokens_in(signed_in, app, scope="openid profile email", nonce="n")
    at_userinfo = userinfo(deployment, tokens["access_token"]).json()
    by_scope = {**claims_of(deployment, tokens["id_token"], app), **at_userinfo}
    acr = said["acr_values_supported"]
    members = {**dict.fromkeys(at_userinfo), "acr": {"essential": True, "values": acr}}
    asked = tokens_in(signed_in, app, scope="openid", claims=json.dumps({"id_token": members}))
    by_parameter = claims_of(deployment, asked["id_token"], app)

    assert sorted(by_scope) == said["claims_supported"]
    assert said["claim_types_supported"] == ["normal"]
    assert said["claims_parameter_supported"] is True
    assert {name: by_parameter.get(name) for name in at_userinfo} == at_userinfo
    assert [by_parameter["acr"]] == acr

    wide = new_client(deployment, person, scope=deployment.settings.scope)
    everything = tokens_in(signed_in, wide, scope=" ".join([*said["scopes_supported"], "address", "phone"]))
    assert everything["scope"].split() == said["scopes_supported"]
    assert said["subject_types_supported"] == ["public"]
    assert claims_of(deployment, everything["id_token"], wide)["sub"] == by_scope["sub"]
