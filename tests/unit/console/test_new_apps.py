"""The settings that follow from what a new app is."""

from __future__ import annotations

import pytest

from gatepost.console.new_apps import KINDS, new_values
from gatepost.scope import Scope
from tests.unit.world import SETTINGS

OPENID = SETTINGS._replace(openid=True)


@pytest.mark.parametrize(
    ("what", "kind", "grants", "redirect_uris", "scope"),
    [
        ("web", "confidential", "authorization_code refresh_token", "", "email openid profile"),
        ("browser", "public", "authorization_code refresh_token", "", "email openid profile"),
        ("native", "public", "authorization_code refresh_token", "http://127.0.0.1/callback", "email openid profile"),
        ("job", "confidential", "client_credentials", "", "read"),
        ("mcp-client", "public", "authorization_code refresh_token", "http://127.0.0.1/callback", "read"),
        ("mcp-server", "confidential", "client_credentials", "", "read"),
    ],
)
def test_what_an_app_is_settles_its_secret_grants_and_scopes(
    what: str, kind: str, grants: str, redirect_uris: str, scope: str
) -> None:
    values = new_values(what, "Shop", OPENID)

    assert (values["name"], values["kind"], values["redirect_uris"]) == ("Shop", kind, redirect_uris)
    assert (" ".join(values["grant_types"]), " ".join(values["scope"])) == (grants, scope)


def test_without_openid_every_app_begins_with_the_default_scope() -> None:
    assert {str(Scope(new_values(what, "x" * 100, SETTINGS)["scope"])) for what in KINDS} == {"read"}
    assert new_values("web", "x" * 100, SETTINGS)["name"] == "x" * 60
