"""Whole stories with third-party clients: Authlib and requests-oauthlib, each with all five grants."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urljoin

import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient, MobileApplicationClient
from requests_oauthlib import OAuth2Session

from gatepost.identifiers import new_secret
from gatepost.routes import DEMO_READ, WHOAMI
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import CALLBACK, Client, Person, allowed

Approve = Callable[[str], str]


@pytest.fixture
def approve(deployment: Deployment, person: Person) -> Approve:
    """The user's part: from the client's authorize link to the redirect back."""
    return partial(allowed, deployment, person)


@pytest.fixture(autouse=True)
def _http_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def urls(deployment: Deployment) -> dict[str, str]:
    """The URLs that a client reads from the metadata, and those of the protected routes."""
    browser = Browser(deployment.base_url)
    found: dict[str, str] = browser.get("/.well-known/oauth-authorization-server").json()
    return {
        **found,
        "whoami": urljoin(deployment.base_url, WHOAMI.path),
        "read": urljoin(deployment.base_url, DEMO_READ.path),
    }


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_authlib_code_with_pkce_refresh_and_revocation(
    urls: dict[str, str], client: Client, public_client: Client, person: Person, approve: Approve, method: str
) -> None:
    known = public_client if method == "none" else client
    session = AuthlibSession(
        known.app.client_id,
        known.secret or None,
        scope="read",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
    )
    verifier = new_secret()
    link, state = session.create_authorization_url(urls["authorization_endpoint"], code_verifier=verifier)
    answer = approve(link)

    session.fetch_token(urls["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier)
    assert session.get(urls["whoami"]).json()["sub"] == person.user.user_id

    assert session.refresh_token(urls["token_endpoint"])["scope"] == "read"
    assert session.get(urls["read"]).status_code == 200

    session.revoke_token(urls["revocation_endpoint"], token=session.token["refresh_token"])
    if method != "none":
        assert session.introspect_token(urls["introspection_endpoint"]).json() == {"active": False}
    session.close()


def test_authlib_and_requests_oauthlib_implicit(
    urls: dict[str, str], client: Client, person: Person, approve: Approve
) -> None:
    authlib = AuthlibSession(client.app.client_id, scope="read", redirect_uri=CALLBACK)
    link, state = authlib.create_authorization_url(urls["authorization_endpoint"], response_type="token")
    assert "refresh_token" not in authlib.fetch_token(authorization_response=approve(link), state=state)
    of_oauthlib = MobileApplicationClient(client.app.client_id)
    oauthlib = OAuth2Session(client=of_oauthlib, scope=["read"], redirect_uri=CALLBACK)
    oauthlib.token_from_fragment(approve(oauthlib.authorization_url(urls["authorization_endpoint"])[0]))

    for session in (authlib, oauthlib):
        assert session.get(urls["whoami"]).json()["sub"] == person.user.user_id
        session.close()


def test_authlib_password_and_client_credentials(urls: dict[str, str], client: Client, person: Person) -> None:
    session = AuthlibSession(client.app.client_id, client.secret, scope="read write")

    session.fetch_token(urls["token_endpoint"], username=person.name, password=person.password)
    assert session.get(urls["whoami"]).json()["sub"] == person.user.user_id

    session.fetch_token(urls["token_endpoint"], grant_type="client_credentials")
    assert session.get(urls["whoami"]).json()["sub"] == client.app.client_id
    session.close()


def test_requests_oauthlib_code_with_pkce_and_automatic_refresh(
    urls: dict[str, str], client: Client, person: Person, approve: Approve
) -> None:
    kept: list[dict[str, str]] = []
    session = OAuth2Session(
        client.app.client_id,
        scope=["read", "write"],
        redirect_uri=CALLBACK,
        pkce="S256",
        auto_refresh_url=urls["token_endpoint"],
        auto_refresh_kwargs={"client_id": client.app.client_id, "client_secret": client.secret},
        token_updater=kept.append,
    )
    link, _ = session.authorization_url(urls["authorization_endpoint"])
    session.fetch_token(urls["token_endpoint"], authorization_response=approve(link), client_secret=client.secret)
    assert session.get(urls["whoami"]).json()["sub"] == person.user.user_id

    session.token = {**session.token, "expires_at": 1}
    assert session.get(urls["read"]).status_code == 200
    assert kept[0]["refresh_token"] != ""
    session.close()


def test_requests_oauthlib_password_and_client_credentials(
    urls: dict[str, str], client: Client, person: Person
) -> None:
    session = OAuth2Session(client=LegacyApplicationClient(client.app.client_id), scope=["read"])
    session.fetch_token(
        urls["token_endpoint"], username=person.name, password=person.password, client_secret=client.secret
    )
    assert session.get(urls["whoami"]).json()["sub"] == person.user.user_id
    session.close()

    machine = OAuth2Session(client=BackendApplicationClient(client.app.client_id), scope=["read"])
    machine.fetch_token(urls["token_endpoint"], client_secret=client.secret)
    assert machine.get(urls["whoami"]).json()["sub"] == client.app.client_id
    machine.close()
