"""Shared by the tests of granted scopes (S119): scopes of every policy, and an administrator's buttons."""

from __future__ import annotations

import re
from typing import Any

import requests

from gatepost.routes import ADMIN_APP_PAGE, ADMIN_AUDIT_PAGE, ADMIN_CHANGE_APP
from tests.browsing import Browser, post
from tests.people import Client

SCOPES: dict[str, Any] = {
    "read": "Read your data",
    "write": "Change your data",
    "free": {"description": "Read what is public", "client_credentials": "open"},
    "people": {"description": "Read names", "client_credentials": "never"},
    "vault": {"description": "Open the vault", "restricted": True},
    "admin": {"description": "Everything", "client_credentials": "approved"},
}
IMPLIES = {"admin": ["write", "people"]}


def own(client: Client, scope: str | None = None) -> requests.Response:
    """A token of the app itself."""
    return client.token(grant_type="client_credentials", **({"scope": scope} if scope else {}))


def decide(admin: Browser, client: Client, action: str, **fields: Any) -> requests.Response:
    """Press an administrator's button on the page of the app."""
    path = ADMIN_APP_PAGE.at(client_id=client.app.client_id)
    version = re.search(r'name="version" value="(\d+)"', admin.get(path).text)
    assert version
    target = ADMIN_CHANGE_APP.at(client_id=client.app.client_id)
    return post(admin, path, target, action=action, version=version[1], **fields)


def grant(admin: Browser, client: Client, *, own: tuple[str, ...] = (), marked: tuple[str, ...] = ()) -> None:
    """Tick just these scopes on the page of the app."""
    answer = decide(admin, client, "scopes", own=own, marked=marked)
    assert answer.headers["Location"].endswith("?done=scopes_granted"), answer.text


def assert_audited(admin: Browser, *sentences: str) -> None:
    """Assert that today's audit log has these entries."""
    shown = " ".join(re.sub(r"<[^>]+>", " ", admin.get(ADMIN_AUDIT_PAGE.path).text).split())
    for sentence in sentences:
        assert sentence in shown
