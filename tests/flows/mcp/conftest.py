"""The MCP server of docs/examples/mcp beside a Gatepost, people, and a client that is registered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepost.scope import Scope
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.conftest import TEST_SETTINGS
from tests.flows.mcp_notes import EXAMPLE, SCOPES, published
from tests.people import Client, Person, new_client, new_person


@pytest.fixture(scope="package")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the metadata document of a client."""
    with pytest.MonkeyPatch.context() as patched, published(tmp_path_factory.mktemp("document"), patched) as url:
        yield url


@pytest.fixture(scope="package")
def gatepost(document: str) -> Iterator[Deployment]:
    with Deployment(overrides={**TEST_SETTINGS, "scopes": SCOPES}) as deployed:
        yield deployed


@pytest.fixture(scope="package")
def guest(gatepost: Deployment) -> Iterator[Guest]:
    with Guest(gatepost, app=EXAMPLE / "app.py") as deployed:
        yield deployed


@pytest.fixture
def person(gatepost: Deployment) -> Person:
    return new_person(gatepost)


@pytest.fixture
def app(gatepost: Deployment) -> Client:
    """A native app that somebody registered before."""
    return new_client(
        gatepost,
        new_person(gatepost),
        name="An MCP client",
        redirect_uris=[f"http://{host}/callback" for host in ("127.0.0.1", "localhost", "localhost/oauth")],
        confidential=False,
        grant_types=["authorization_code", "refresh_token"],
        scope=Scope.of("notes.read", "notes.write"),
    )
