"""Texts about the grants for the pages."""

from __future__ import annotations

from collections.abc import Mapping

# label, purpose, warning
GRANTS: Mapping[str, tuple[str, str, str | None]] = {
    "authorization_code": (
        "Authorization code",
        "People sign in here and allow the app. The right choice for nearly every app.",
        None,
    ),
    "implicit": (
        "Implicit",
        "The token comes back directly in the browser's address.",
        "Outdated and less safe. Choose authorization code with PKCE instead.",
    ),
    "password": (
        "Password",
        "The app asks people for their password and sends it here.",
        "People have to trust the app with their password. Use it only for your own app.",
    ),
    "refresh_token": ("Refresh token", "The app stays connected without asking people to sign in again.", None),
    "client_credentials": (
        "Client credentials",
        "The app acts on its own behalf, without a user. It needs a secret, but no website if this is its only grant.",
        None,
    ),
}
