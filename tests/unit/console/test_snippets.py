"""The snippets of an app, and the grants that they request."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gatepost.console.sign_in_snippets import sign_in_snippets
from gatepost.console.snippets import Snippet, snippets_for
from gatepost.model.records import App
from gatepost.scope import Scope
from gatepost.settings import Settings

SETTINGS = Settings(
    issuer="https://id.example.test",
    scopes={"read": "Read", "write": "Write", "reports": "Reports"},
    default_scopes=Scope.of("read"),
    resource_scopes=Scope.of("reports"),  # only in tokens for a resource
)
WEB = App(
    client_id="the-key",
    owner="bob-id",
    name="Shop",
    url="https://shop.example.test",
    redirect_uris=("https://shop.example.test/callback",),
    grant_types=("authorization_code", "refresh_token"),
    confidential=True,
    scope=Scope.of("read", "write", "reports"),
    status="active",
    created_at=1,
)


def snippets(**changes: Any) -> list[Snippet]:
    return snippets_for(WEB._replace(**changes), SETTINGS, verifier="the-verifier")


def asked(code: str) -> set[str]:
    """The scope that a snippet sends, however its language writes it."""
    links = re.findall(r"https://id\.example\.test/developer/auth\?\S+", code)
    if links:
        return {parse_qs(urlsplit(link).query)["scope"][0] for link in links}
    return set(re.findall(r"""scope(?:=|: |=["'])["']?([a-z ]+)["']""", code))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"confidential": False},
        {"grant_types": ("client_credentials",), "url": "", "redirect_uris": ()},
        {"grant_types": ("password",), "url": "", "redirect_uris": ()},
    ],
    ids=["web app", "public app", "job", "password"],
)
def test_every_snippet_asks_for_the_scopes_of_the_app_and_of_this_audience(changes: dict[str, Any]) -> None:
    found = snippets(**changes)

    assert found
    assert {each.id: asked(each.code) for each in found} == {each.id: {"read write"} for each in found}


@pytest.mark.parametrize(
    ("changes", "has_page"),
    [
        ({"confidential": False}, True),
        ({"confidential": False, "redirect_uris": ()}, True),
        ({"confidential": False, "redirect_uris": ("com.example.shop:/cb",)}, False),
        ({"confidential": False, "grant_types": ("implicit",)}, False),
        ({}, False),
    ],
)
def test_an_app_in_a_browser_has_a_page_to_try_first(changes: dict[str, Any], has_page: bool) -> None:
    found = [each.id for each in snippets(**changes)]

    assert ("browser" in found[:1]) is ("browser" in found) is has_page


def test_the_page_loads_nothing_and_its_values_end_no_script() -> None:
    odd = SETTINGS._replace(scopes={"</script>": "Odd"})
    app = WEB._replace(confidential=False, scope=Scope.of("</script>"))
    code = snippets_for(app, odd, verifier="the-verifier")[0].code

    assert code.count("</script>") == code.count("<script") == 1
    assert not re.search(r"""(src|href)=|import\b""", code)
    assert r'"\u003c/script>"' in code


SIGN_IN: dict[str, Any] = {"scope": Scope.of("openid", "email", "read")}
PUBLIC: dict[str, Any] = {**SIGN_IN, "confidential": False}
WITH_OPENID = SETTINGS._replace(openid=True)


def sign_in(settings: Settings = WITH_OPENID, **changes: Any) -> dict[str, str]:
    found = sign_in_snippets(WEB._replace(**changes), settings, verifier="the-verifier")
    return {each.id: each.code for each in found}


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        (SIGN_IN, ["authlib", "openid-client", "curl"]),
        (PUBLIC, ["oidc-client-ts", "curl"]),
        ({**PUBLIC, "redirect_uris": ("http://127.0.0.1/cb",)}, ["oidc-client-ts", "openid-client", "curl"]),
        ({**PUBLIC, "redirect_uris": ("com.example.shop:/cb",)}, ["curl"]),
        ({**SIGN_IN, "redirect_uris": ("com.example.shop:/cb",)}, ["curl"]),
        ({**SIGN_IN, "grant_types": ("implicit", "client_credentials")}, []),
        ({}, []),
    ],
)
def test_an_app_that_signs_people_in_gets_the_libraries_of_its_kind(
    changes: dict[str, Any], offered: list[str]
) -> None:
    found = sign_in(**changes)

    assert list(found) == offered
    assert {scope for code in found.values() for scope in asked(code)} == ({"email openid"} if offered else set())
    assert sign_in(SETTINGS, **changes) == {}


@pytest.mark.parametrize(
    ("redirect_uri", "callback", "begins", "listens"),
    [
        ("https://shop.example.test/callback", "/callback", "https://shop.example.test/login", "5000"),
        ("https://shop.example.test", "/", "https://shop.example.test/login", "5000"),
        ("http://localhost:8000/login", "/login", "http://localhost:8000/sign-in", '8000, "localhost"'),
        ("http://127.0.0.1/cb", "/cb", "http://127.0.0.1:5000/login", '5000, "127.0.0.1"'),
        ("http://[::1]/cb", "/cb", "http://[::1]:5000/login", '5000, "::1"'),
    ],
)
def test_a_web_app_listens_where_its_redirect_uri_leads(
    redirect_uri: str, callback: str, begins: str, listens: str
) -> None:
    found = sign_in(**SIGN_IN, redirect_uris=(redirect_uri,))

    sent = redirect_uri if listens == "5000" or ":8000" in redirect_uri else f"{begins.removesuffix('/login')}/cb"
    assert f"# Then open {begins}\n" in found["authlib"]
    assert f'@app.get("{callback}")\ndef callback' in found["authlib"]
    assert f'authorize_redirect("{sent}")' in found["authlib"]
    assert f'redirect_uri = "{sent}"' in found["openid-client"]
    assert f".listen({listens})\n" in found["openid-client"]
    assert ("; Secure`" in found["openid-client"]) is redirect_uri.startswith("https:")


def test_an_app_with_signed_userinfo_gets_code_that_can_read_it() -> None:
    found = sign_in(**SIGN_IN, userinfo_signed_response_alg="ES256")

    assert '{"userinfo_signed_response_alg": "ES256"}' in found["openid-client"]
    assert 'return token["userinfo"]' in found["authlib"]
