"""The part of an app's form that is about signing people in and out (OpenID Connect)."""

from __future__ import annotations

from typing import Any

from gatepost.model.records import App
from gatepost.oauth.parameters import Parameters
from gatepost.oidc.app_details import OpenIDDetails
from gatepost.scope import OPENID
from gatepost.settings import ID_TOKEN_ALGORITHMS, Settings


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines that are not empty, without the spaces around them."""
    return tuple(line for line in map(str.strip, text.splitlines()) if line)


def openid_values(details: OpenIDDetails) -> dict[str, str]:
    """Return the values of the form's part about signing in and out."""
    return {
        "post_logout_redirect_uris": "\n".join(details.post_logout_redirect_uris),
        "backchannel_logout_uri": details.backchannel_logout_uri,
        "id_token_signed_response_alg": details.id_token_signed_response_alg or ID_TOKEN_ALGORITHMS[0],
        "userinfo_signed_response_alg": details.userinfo_signed_response_alg,
    }


def typed_openid(form: Parameters) -> OpenIDDetails:
    """Return the submitted part, to be validated."""
    return OpenIDDetails(
        post_logout_redirect_uris=lines_of(form.text("post_logout_redirect_uris")),
        backchannel_logout_uri=form.text("backchannel_logout_uri").strip(),
        id_token_signed_response_alg=form.text("id_token_signed_response_alg"),
        userinfo_signed_response_alg=form.text("userinfo_signed_response_alg"),
    )


def openid_shown(app: App, settings: Settings) -> dict[str, Any] | None:
    """Return what an app registered for signing in and out; None without OpenID Connect, there or in the app."""
    if not settings.openid or OPENID not in app.scope:
        return None
    return {
        "post_logout_redirect_uris": app.post_logout_redirect_uris,
        "backchannel_logout_uri": app.backchannel_logout_uri,
        "tells_of_logouts": settings.tells_of_logouts,
        "id_token": app.id_token_signed_response_alg or ID_TOKEN_ALGORITHMS[0],
        "userinfo": app.userinfo_signed_response_alg,
        "signs_userinfo": settings.signs_userinfo,
    }
