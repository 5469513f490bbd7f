"""Parsing of the token sent to introspection or revocation: a refresh token, an access token, or neither."""

from __future__ import annotations

from gatepost.errors import InvalidGrant, InvalidToken
from gatepost.oauth.server import Server
from gatepost.tokens.access_token import Claims
from gatepost.tokens.refresh_token import open_refresh_token
from gatepost.tokens.revocation_list import Watch


def refreshed_grant(server: Server, token: str, now: float) -> tuple[str, int]:
    """Return the grant id and generation of a refresh token; "" if the text is none of ours."""
    try:
        return open_refresh_token(server.keys.refresh(now), token)
    except InvalidGrant:
        return "", 0


def claims_in(watch: Watch, token: str, now: float, *, leeway: int | None = None) -> Claims | None:
    """Return the claims of a valid access token, None for any other text."""
    try:
        return watch.genuine(token, now, leeway=leeway)  # an app asks, and may be any API
    except InvalidToken:
        return None
