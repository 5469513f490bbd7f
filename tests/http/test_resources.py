"""`resource` at the endpoints (RFC 8707), through the pages and the deployed functions. Rows S200 to S202."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from gatepost.routes import ADMIN_AUDIT_PAGE, APP_TRY_PAGE, GRANTS_PAGE, METADATA
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import PKCE, VERIFIER, assert_error, redeem
from tests.browsing import Browser, answer_of
from tests.http.deployed import REPORTS, TOOLS
from tests.people import Client, Person, entered, get, new_client, new_person


@pytest.fixture
def person(extended: Deployment) -> Person:
    return new_person(extended)


@pytest.fixture
def client(extended: Deployment, person: Person) -> Client:
    return new_client(extended, person)


@pytest.fixture
def browser(extended: Deployment, person: Person) -> Browser:
    return entered(extended, person)


def asked(client: Client, *resources: str, **parameters: str) -> str:
    named = "".join(f"&resource={quote(each, safe='')}" for each in resources)
    return client.authorize_path(**parameters) + named


def test_s38_s202_consent_names_both_apis_and_a_code_for_both_gives_a_token_for_each(
    extended: Deployment, client: Client, browser: Browser
) -> None:
    page = browser.get(asked(client, REPORTS, f"{TOOLS}/", scope="read write"))
    assert "In <bdi>Quarterly reports</bdi>, it will be able to" in page.text
    assert "<bdi>Read your reports</bdi>" in page.text
    assert "In <bdi>Tools</bdi>, it will be able to" in page.text
    assert f"<bdi>{TOOLS}</bdi>" in page.text
    code = answer_of(browser.decide(page, "allow"))["code"]

    assert_error(redeem(client, code), 400, "invalid_target")
    assert_error(redeem(client, code, resource=extended.base_url), 400, "invalid_target")
    first = redeem(client, code, resource=REPORTS).json()
    second = client.refresh(first["refresh_token"], resource=TOOLS).json()
    assert (first["scope"], second["scope"]) == ("read", "read write")
    assert client.introspect(first["access_token"]).json()["aud"] == REPORTS
    assert client.introspect(second["access_token"]).json()["aud"] == TOOLS
    assert_error(client.refresh(second["refresh_token"]), 400, "invalid_target")
    for token in (first["access_token"], second["access_token"]):
        for path in ("/demo/read", "/demo/notes", "/authorization/whoami"):
            assert get(extended, path, token).status_code == 403


def test_s201_an_unknown_resource_and_two_in_one_request_for_a_token_are_an_invalid_target(
    client: Client, browser: Browser
) -> None:
    unknown = f"{REPORTS}/below"
    answer = answer_of(browser.get(asked(client, unknown)))

    assert (answer["error"], answer["state"]) == ("invalid_target", "s-1")
    assert answer["error_description"] == f"resource is unknown: {unknown}"
    assert_error(client.token(grant_type="client_credentials", resource=unknown), 400, "invalid_target")
    two = client.token(grant_type="client_credentials", resource=[TOOLS, TOOLS])  # type: ignore[arg-type]
    assert_error(two, 400, "invalid_target")
    assert client.token(grant_type="client_credentials", resource=TOOLS).json()["scope"] == "read"
    never = client.token(grant_type="client_credentials", resource=REPORTS)  # as its configuration says
    assert_error(never, 400, "invalid_scope")


def test_s200_what_was_allowed_at_one_api_is_asked_again_at_another(client: Client, browser: Browser) -> None:
    answer_of(browser.decide(browser.get(asked(client, TOOLS)), "allow"))

    assert "code" in answer_of(browser.get(asked(client, TOOLS)))
    for other in ((), (REPORTS,), (f"{TOOLS}/2",)):
        assert "t will be able to" in browser.get(asked(client, *other)).text


def test_the_console_and_the_audit_list_say_for_which_apis_an_app_was_allowed_and_denied(
    extended: Deployment, client: Client, person: Person, browser: Browser
) -> None:
    answer_of(browser.decide(browser.get(asked(client, REPORTS, TOOLS)), "deny"))
    answer_of(browser.decide(browser.get(asked(client, REPORTS)), "allow"))

    app = browser.get(APP_TRY_PAGE.at(client_id=client.app.client_id)).text
    assert f"Without <code>resource</code> it is for <code>{extended.base_url}</code>" in app
    assert "for itself: not available" in app
    grants = browser.get(GRANTS_PAGE.path).text
    assert f'At <bdi>Quarterly reports</bdi> <code class="quiet">{REPORTS}</code>' in grants
    assert "<bdi>Read your reports</bdi>" in grants
    extended.store.set_user_rights(person.user.user_id, role="administrator", scope=None)
    listed = browser.get(f"{ADMIN_AUDIT_PAGE.path}?user={person.name}").text
    assert listed.count(f"for <bdi>{REPORTS}</bdi>") == 2
    assert f"<bdi>{TOOLS}</bdi>" in listed


def test_s200_a_resource_that_a_client_sends_on_loopback_needs_no_configuration(
    extended: Deployment, client: Client, browser: Browser
) -> None:
    here = "http://127.0.0.1:3000/mcp"
    page = browser.get(asked(client, here, scope="read write"))
    assert "In <bdi>127.0.0.1:3000/mcp</bdi>, it will be able to" in page.text
    tokens = redeem(client, answer_of(browser.decide(page, "allow"))["code"], resource=here).json()

    assert tokens["scope"] == str(Scope.of("read", "write"))
    assert client.introspect(tokens["access_token"]).json()["aud"] == here
    assert get(extended, "/demo/read", tokens["access_token"]).status_code == 403


@pytest.mark.parametrize("slash", ["", "/"])
def test_s200_a_client_of_the_model_context_protocol_gets_tokens_for_its_api_alone(
    extended: Deployment, browser: Browser, person: Person, slash: str
) -> None:
    """As PyPI `mcp` and npm `@modelcontextprotocol/sdk` write the URL of an API, which they name in every request."""
    callback = "http://127.0.0.1:3030/callback"  # the port is the client's choice
    native = {"redirect_uris": ["http://127.0.0.1/callback"], "grant_types": ["authorization_code", "refresh_token"]}
    app = new_client(extended, person, confidential=False, **native)
    metadata = get(extended, METADATA.path, None).json()
    assert metadata["issuer"] == extended.base_url
    assert "S256" in metadata["code_challenge_methods_supported"]
    assert "none" in metadata["token_endpoint_auth_methods_supported"]

    notes = f"{extended.base_url}/demo/notes{slash}"
    page = browser.get(app.authorize_path(redirect_uri=callback, resource=notes, **PKCE))
    assert "In <bdi>Demo notes</bdi>, it will be able to" in page.text
    code = answer_of(browser.decide(page, "allow"))["code"]
    first = redeem(app, code, redirect_uri=callback, code_verifier=VERIFIER, resource=notes).json()
    second = app.refresh(first["refresh_token"], resource=notes).json()

    for tokens in (first, second):
        assert tokens["scope"] == "read"
        assert get(extended, "/demo/notes", tokens["access_token"]).status_code == 200
        for path in ("/demo/read", "/authorization/whoami", "/consumer/account"):
            assert get(extended, path, tokens["access_token"]).status_code == 403
