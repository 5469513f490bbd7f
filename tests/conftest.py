"""The shared deployment, a factory for other ones, and people and apps to use on them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from infra.local.deployment import Deployment
from infra.local.synthesis import apps_run_by
from tests.browsing import Browser
from tests.people import Client, Person, entered, new_client, new_person
from tests.warm_cdk import run_shared, shared_cdk

# Cheap password hashes, no limits that a busy test run would meet, and a short wait for revocations.
TEST_SETTINGS: dict[str, Any] = {
    "bcrypt_cost": 4,
    "throttle_scale": 1000,
    "revocation_poll": 1,
    "authorizer_cache_seconds": 1,
    "alarms": True,  # so that the functions write their metrics
    "network_attempts_free": 1_000_000,
}


# Folders of short files come last, so that no process is left alone with a long one at the end.
_LAST = ("contract", "bench", "unit")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the process that starts the others
        sharing = ExitStack()
        sharing.enter_context(shared_cdk())
        config.add_cleanup(sharing.close)


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Return one process more than cores: a third of what they do is waiting."""
    return (yield) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        folder = item.nodeid.split("/")[1]  # in tests
        return _LAST.index(folder) + 1 if folder in _LAST else 0

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def _warm_cdk() -> Iterator[None]:
    """Whatever writes a template uses the CDK that is loaded once for all processes of the run."""
    with apps_run_by(run_shared):
        yield


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    """The deployed template with the demo's users and apps, shared by the session."""
    with Deployment(overrides=TEST_SETTINGS) as deployed:
        yield deployed
        assert [line for line in deployed.logs if "AccessDenied" in line] == [], "a role refused a request"


Deploy = Callable[..., Deployment]


@pytest.fixture
def deploy() -> Iterator[Deploy]:
    """Deploy with custom arguments: `deploy(overrides={...}, alter=...)`. Ends with the test."""
    with ExitStack() as running:

        def started(*, overrides: dict[str, Any] | None = None, **options: Any) -> Deployment:
            return running.enter_context(Deployment(overrides={**TEST_SETTINGS, **(overrides or {})}, **options))

        yield started


@pytest.fixture
def browser(deployment: Deployment) -> Browser:
    return Browser(deployment.base_url)


@pytest.fixture
def person(deployment: Deployment) -> Person:
    return new_person(deployment)


@pytest.fixture
def signed_in(deployment: Deployment, person: Person) -> Browser:
    """The browser of `person`, signed in."""
    return entered(deployment, person)


@pytest.fixture
def client(deployment: Deployment, person: Person) -> Client:
    """A confidential app with every grant."""
    return new_client(deployment, person)


@pytest.fixture
def public_client(deployment: Deployment, person: Person) -> Client:
    """A public app: code and refresh."""
    return new_client(
        deployment, person, name="Public app", confidential=False, grant_types=["authorization_code", "refresh_token"]
    )
