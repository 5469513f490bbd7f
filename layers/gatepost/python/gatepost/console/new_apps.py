"""The two questions before an app is made, and the settings that follow from their answers."""

from __future__ import annotations

from typing import Any, NamedTuple

from gatepost.console.openid_form import openid_values
from gatepost.console.pages_base import Visitor, console_page
from gatepost.grants import is_offered
from gatepost.http.response import Response
from gatepost.oidc.app_details import OpenIDDetails
from gatepost.scope import EMAIL, OPENID, PROFILE, Scope
from gatepost.settings import Settings

_LONGEST_NAME = 60
_PEOPLE = ("authorization_code", "refresh_token")
_ITSELF = ("client_credentials",)
_LOOPBACK = "http://127.0.0.1/callback"


class _Kind(NamedTuple):
    label: str
    sentence: str
    confidential: bool
    grant_types: tuple[str, ...]
    redirect_uris: str = ""
    signs_in: bool = False


KINDS = {
    "web": _Kind("Web app", "Runs on your server and signs people in.", True, _PEOPLE, signs_in=True),
    "browser": _Kind("Single-page app", "Runs in people’s browsers, without a secret.", False, _PEOPLE, signs_in=True),
    "native": _Kind(
        "Native app or command line", "Runs on people’s devices, without a secret.", False, _PEOPLE, _LOOPBACK, True
    ),
    "job": _Kind("Job or service", "Acts on its own behalf, without a user.", True, _ITSELF),
    "mcp-client": _Kind("MCP client", "Connects an assistant to MCP servers.", False, _PEOPLE, _LOOPBACK),
    "mcp-server": _Kind("MCP server or API", "Checks the tokens that it receives, by introspection.", True, _ITSELF),
}


def question_page(visitor: Visitor, status: int, *, what: str = "", name: str = "", error: str = "") -> Response:
    """Return the page that asks what the app is, and for its name."""
    return console_page(
        status,
        "app_new.html",
        visitor,
        kinds=[(key, kind.label, kind.sentence) for key, kind in KINDS.items()],
        what=what if what in KINDS else "web",
        name=name[:_LONGEST_NAME],
        errors={"name": error} if error else {},
    )


def new_values(what: str, name: str, settings: Settings) -> dict[str, Any]:
    """Return the initial values of the form for a new app of a kind."""
    kind = KINDS[what]
    of_people = Scope.of(OPENID, PROFILE, EMAIL) & settings.openid_scope if kind.signs_in else Scope()
    return {
        "name": name[:_LONGEST_NAME],
        "url": "",
        "redirect_uris": kind.redirect_uris,
        "kind": "confidential" if kind.confidential else "public",
        "grant_types": [each for each in kind.grant_types if is_offered(each, settings)],
        "scope": sorted(of_people or settings.default_scopes),
        **openid_values(OpenIDDetails()),
    }
