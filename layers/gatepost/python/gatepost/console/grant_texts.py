"""Texts about the grants for the pages."""

from __future__ import annotations

from collections.abc import Mapping

# label, purpose, warning
GRANTS: Mapping[str, tuple[str, str, str | None]] = {
    "authorization_code": (
        "Authorization code",
        "Users sign in here and allow the app. The right choice for nearly every app.",
        None,
    ),
    "implicit": (
        "Implicit",
        "The token comes straight back in the browser's address.",
        "Outdated and less safe. Choose authorization code with PKCE instead.",
    ),
    "password": (
        "Password",
        "The app asks users for their password and sends it here.",
        "Users have to trust the app with their password. Only for an app of your own.",
    ),
    "refresh_token": ("Refresh token", "The app stays connected without asking the user again.", None),
    "client_credentials": (
        "Client credentials",
        "The app acts for itself, without a user. It needs a secret. With this grant alone it needs no website.",
        None,
    ),
}
