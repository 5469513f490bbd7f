"""Access tokens that are taken apart, and signed anew with the key of the deployment."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gatepost.tokens.signing_keys import SigningKey, active, signing_keys
from infra.local.deployment import Deployment
from tests.people import Client, get


def part(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, Any]:
    return dict(jwt.get_unverified_header(token))


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


Refused = Callable[..., None]


@pytest.fixture
def assert_refused(deployment: Deployment, client: Client) -> Refused:
    """That no protected route takes a token, and that introspection calls it inactive."""

    def check(*forged: str) -> None:
        for each in forged:
            answer = get(deployment, "/demo/read", each)
            assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"}), each[:80]
            assert client.introspect(each).json() == {"active": False}, each[:80]

    return check


@pytest.fixture(scope="module")
def signing_key(deployment: Deployment) -> SigningKey:
    """The key of the deployment."""
    secrets = deployment.client("secretsmanager")
    text = secrets.get_secret_value(SecretId=deployment.secret_arn("signing"))["SecretString"]
    return active(signing_keys(text), time.time())


Signed = Callable[..., str]


@pytest.fixture
def signed(token: str, signing_key: SigningKey) -> Signed:
    """Re-sign the claims of `token` with the server's own key; None removes a claim or a header."""
    key = signing_key.load()
    assert isinstance(key, rsa.RSAPrivateKey)

    def sign(header: dict[str, Any] | None = None, **changes: Any) -> str:
        claims = {name: value for name, value in {**claims_of(token), **changes}.items() if value is not None}
        payload = (
            f"{part({k: v for k, v in {**header_of(token), **(header or {})}.items() if v is not None})}.{part(claims)}"
        )
        signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(payload.encode(), key)
        return f"{payload}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    return sign
