"""Assertions about responses, and the PKCE pair that tests send."""

from __future__ import annotations

import base64
import html
import re
from typing import Any
from urllib.parse import urlsplit

import requests

from gatepost.routes import TOKEN
from infra.local.deployment import Deployment
from tests.browsing import answer_of
from tests.people import CALLBACK, Client

# The pair of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def post_form(deployment: Deployment, body: str | bytes, **headers: str) -> requests.Response:
    """Send a raw body to the token endpoint."""
    return requests.post(deployment.base_url + TOKEN.path, data=body, headers={**FORM, **headers}, timeout=30)


def basic(client_id: str, secret: str) -> str:
    """Return an Authorization header."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def redeem(client: Client, code: str, **changes: Any) -> requests.Response:
    """Present a code at the token endpoint."""
    return client.token(**{"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **changes})


def assert_page(answer: requests.Response, never: str = "") -> None:
    """Assert one of our error pages: it redirects nowhere, and does not contain the bad value as markup or link."""
    assert answer.status_code == 400, answer.text
    assert "Location" not in answer.headers
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert not never or f'href="{never}' not in answer.text


def text_of(answer: requests.Response) -> str:
    """Return the text of a page's main part, without markup."""
    assert answer.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text.partition("<main")[2])).split())


def assert_error(answer: requests.Response, status: int = 400, *errors: str) -> None:
    """Assert an error of RFC 6749 §5.2 and nothing else, `invalid_grant` unless `errors` are given."""
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] in (errors or ("invalid_grant",))
    assert sorted(answer.json()) == ["error", "error_description"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def assert_sent_back(answer: requests.Response, error: str, *, issuer: str, state: str = "s-1") -> None:
    """Assert an error sent to the proven redirect URI (RFC 6749 §4.1.2.1), with `iss` and without a code."""
    assert answer.status_code == 303, answer.text
    location = urlsplit(answer.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
    members = answer_of(answer)
    assert sorted(members) == ["error", "error_description", "iss", "state"]
    assert (members["error"], members["state"], members["iss"]) == (error, state, issuer)
