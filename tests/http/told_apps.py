"""Apps on loopback that are told of logouts, and the browsers of their users."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt

from gatepost.oidc.app_details import OpenIDDetails
from gatepost.routes import ACCOUNT_PAGE, JWKS, LOGOUT
from infra.local.deployment import Deployment
from tests.browsing import Browser, post
from tests.http.openid import SCOPES, claims_of, tokens_in
from tests.people import Client, Person, get, new_client, reached
from tests.unit.http.other_side import OtherSide

OK, GONE, REFUSED, DOWN = (
    f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode() for status in (200, 204, 400, 503)
)
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class App:
    """An app that is told of logouts: what it receives are logout tokens."""

    client: Client
    side: OtherSide
    read: int = 0
    id_token: str = ""  # of the last sign-in
    seen: list[dict[str, Any]] = field(default_factory=list)

    def sign_in(self, browser: Browser) -> str:
        """Sign the browser's user in; return `sid`."""
        self.id_token = tokens_in(browser, self.client)["id_token"]
        return str(claims_of(self.client.deployment, self.id_token, self.client)["sid"])

    def logouts(self) -> list[dict[str, Any]]:
        """The verified logout tokens that came since the last time."""
        requests = self.side.requests[self.read :]
        self.read += len(requests)
        return [self._verified(request) for request in requests]

    def logout(self) -> dict[str, Any]:
        """Wait for one logout token."""
        assert reached(lambda: len(self.side.requests) > self.read), "no logout token came"
        (token,) = self.logouts()
        return token

    def _verified(self, request: bytes) -> dict[str, Any]:
        """Check as §2.6 says, with the published keys."""
        head, _, body = request.partition(b"\r\n\r\n")
        assert head.startswith(b"POST /logout?of=us HTTP/1.1\r\n")
        assert b"Content-Type: application/x-www-form-urlencoded" in head
        form = parse_qs(body.decode(), strict_parsing=True)
        (token,), deployment = form.pop("logout_token"), self.client.deployment
        assert not form
        header = jwt.get_unverified_header(token)
        assert (header["typ"], header["alg"]) == ("logout+jwt", "RS256")
        keys = jwt.PyJWKSet.from_dict(get(deployment, JWKS.path, None).json())
        required = ["iss", "aud", "iat", "exp", "jti", "events"]
        claims: dict[str, Any] = jwt.decode(
            *(token, keys[header["kid"]]),
            algorithms=["RS256"],
            audience=self.client.app.client_id,
            issuer=deployment.settings.issuer,
            options={"require": required},
        )
        assert "nonce" not in claims
        assert claims["events"] == {EVENT: {}}
        assert 0 < claims["exp"] - claims["iat"] <= 120
        self.seen.append({**claims, "token": token})
        return claims


def listening(deployment: Deployment, owner: Person, side: OtherSide) -> App:
    told = OpenIDDetails(backchannel_logout_uri=f"http://127.0.0.1:{side.port}/logout?of=us")
    return App(new_client(deployment, owner, scope=SCOPES, openid=told), side)


def tell_at(deployment: Deployment, client: Client, url: str) -> None:
    """Register a URL that the app's form may refuse."""
    deployment.client("dynamodb").update_item(
        TableName=deployment.tables["apps"],
        Key={"client_id": {"S": client.app.client_id}},
        UpdateExpression="SET backchannel_logout_uri = :url",
        ExpressionAttributeValues={":url": {"S": url}},
    )


def belongs_to(deployment: Deployment, client: Client, owner: str) -> None:
    deployment.client("dynamodb").update_item(
        TableName=deployment.tables["apps"],
        Key={"client_id": {"S": client.app.client_id}},
        UpdateExpression="SET #owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": owner}},
    )


def signs_out(browser: Browser) -> None:
    assert post(browser, ACCOUNT_PAGE.path, LOGOUT.path).status_code == 303
