"""RP-Initiated Logout: the modules of the Foundation's plan by their names."""

from __future__ import annotations

import json

import jwt
import pytest

from gatepost.identifiers import base64url
from gatepost.routes import OPENID_METADATA
from infra.local.deployment import Deployment
from tests.answers import assert_page
from tests.http.logging_out import (
    BYE,
    Known,
    ends_by_yes_alone,
    known_to,
    returning,
    says_signed_out,
    sent_to,
)
from tests.people import Person, get


@pytest.fixture
def known(deployment: Deployment, person: Person) -> Known:
    return known_to(returning(deployment, person), person)


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(deployment: Deployment) -> None:
    found = get(deployment, OPENID_METADATA.path, None).json()

    assert found["end_session_endpoint"] == f"{deployment.settings.issuer}/authorization/logout"


def test_oidcc_rp_initiated_logout(known: Known) -> None:
    assert sent_to(known.asks_back(state="s 1&x")) == f"{BYE}?state=s%201%26x"
    assert not known.signed_in


def test_oidcc_rp_initiated_logout_no_state(known: Known) -> None:
    assert sent_to(known.asks_back()) == BYE
    assert not known.signed_in


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(known: Known) -> None:
    answer = known.asks_back(post_logout_redirect_uri=f"{BYE}/other", state="s")

    assert_page(answer, never=BYE)
    assert "An app sent you here" in answer.text
    assert known.signed_in


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(known: Known) -> None:
    assert_page(known.asks_back(post_logout_redirect_uri=f"{BYE}?foo=bar"), never=BYE)
    assert known.signed_in


def test_oidcc_rp_initiated_logout_modified_id_token_hint(known: Known) -> None:
    header, payload, _ = known.id_token.split(".")
    kid = jwt.get_unverified_header(known.id_token)["kid"]
    none = base64url(json.dumps({"alg": "none", "typ": "JWT", "kid": kid}).encode())

    assert header != none
    assert ends_by_yes_alone(known, known.asks_back(id_token_hint=f"{none}.{payload}.", state="s"))


def test_oidcc_rp_initiated_logout_bad_id_token_hint(known: Known) -> None:
    """Signed by the app with its secret."""
    claims = jwt.decode(known.id_token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(known.id_token)["kid"]
    forged = jwt.encode(claims, known.app.secret, "HS256", {"kid": kid})

    assert ends_by_yes_alone(known, known.asks_back(id_token_hint=forged, state="s"))


def test_oidcc_rp_initiated_logout_no_id_token_hint(known: Known) -> None:
    page = known.asks(post_logout_redirect_uri=BYE, client_id=known.app.app.client_id, state="s")

    assert "client.example.test" not in page.text + page.headers["Content-Security-Policy"]
    assert ends_by_yes_alone(known, page)


def test_oidcc_rp_initiated_logout_no_params(known: Known) -> None:
    assert ends_by_yes_alone(known, known.asks())


def test_oidcc_rp_initiated_logout_only_state(known: Known) -> None:
    assert ends_by_yes_alone(known, known.asks(state="s"))


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(known: Known) -> None:
    assert says_signed_out(known.asks(id_token_hint=known.id_token, client_id=known.app.app.client_id))
    assert not known.signed_in
