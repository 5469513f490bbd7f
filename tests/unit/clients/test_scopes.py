"""Scopes of an app's tokens: its own by the policy of each scope, users' by its marks (S119)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.scopes import (
    asks_for_more,
    granted_to_itself,
    is_granted_by_update,
    scope_for_user,
    scope_of_its_own,
    scope_standings,
)
from gatepost.identifiers import app_id
from gatepost.model.records import App
from gatepost.oauth.resource_indicators import default_target
from gatepost.scope import Scope, parse_scope
from gatepost.settings import Settings
from tests.unit.world import SETTINGS, web_app

# free for every app, for none, for those that an administrator grants them to, and only for users of marked apps
POLICIES = SETTINGS._replace(
    client_credentials_scopes={"free": "open", "people": "never"},
    restricted_scopes=Scope.of("inner", "vault"),
    scope_implies={"all": ["free", "read"], "family": ["people"], "outer": ["inner"]},
)


def app(scope: str, own: str | None = "", **changes: Any) -> App:
    return web_app(scope=parse_scope(scope), own_scope=None if own is None else parse_scope(own), **changes)


@pytest.mark.parametrize(
    ("asked", "own", "limit", "allowed"),
    [
        ("read write", "read", None, "read"),
        ("read", "read write", None, "read"),  # what it does not ask for is not given
        ("free", "", None, "free"),
        ("people", "people", None, ""),
        # what it implies has to be granted by itself
        ("all", "all", None, "free"),
        ("all", "all read", None, "all free read"),
        ("all", "read", None, "free read"),
        ("family", "family people", None, ""),
        # the owner's limit
        ("read write", "read write", "read", "read"),
        ("free", "", "read", ""),
        ("free", "", "all", "free"),
    ],
)
def test_s119_a_token_of_the_app_itself_holds_what_was_granted_to_it_within_its_owners_limit(
    asked: str, own: str, limit: str | None, allowed: str
) -> None:
    owned = app(asked, own, owner_scope=None if limit is None else parse_scope(limit))

    assert str(scope_of_its_own(owned, POLICIES, default_target(POLICIES))) == allowed


@pytest.mark.parametrize(
    ("asked", "marked", "user", "limit", "allowed"),
    [
        ("read write", "", None, None, "read write"),
        ("people free", "", None, None, "free people"),  # those policies are for the app itself
        ("vault read", "", None, None, "read"),
        ("vault read", "vault", None, None, "read vault"),
        ("outer", "outer", None, None, ""),
        ("outer", "inner", None, None, "inner outer"),
        ("read write", "", "read", None, "read"),
        ("read write", "", "read", "write", ""),
    ],
)
def test_s119_a_user_grants_another_ones_app_what_is_not_restricted_or_marked(
    asked: str, marked: str, user: str | None, limit: str | None, allowed: str
) -> None:
    owned = app(asked, marked_scope=parse_scope(marked), owner_scope=None if limit is None else parse_scope(limit))
    held = None if user is None else parse_scope(user)

    assert str(scope_for_user(owned, "alice-id", held, POLICIES)) == allowed


def test_s119_and_an_app_of_ones_own_whatever_it_asks_for() -> None:
    assert str(scope_for_user(app("vault read outer"), "owner-id", None, POLICIES)) == "inner outer read vault"


def test_the_scopes_of_the_consumer_api_are_restricted_without_being_told() -> None:
    shipped = Settings(issuer="https://id.example.test")

    assert str(scope_for_user(app("consumer read"), "alice-id", None, shipped)) == "read"


@pytest.mark.parametrize(
    ("own", "by_update", "grants", "kept", "said"),
    [
        (None, False, ("client_credentials",), "read write", True),
        (None, False, ("authorization_code",), "", False),
        ("read", True, ("client_credentials",), "read", True),
        ("read", False, ("client_credentials",), "read", False),
        ("", False, ("client_credentials",), "", False),
        ("", True, ("client_credentials",), "", False),
    ],
)
def test_s119_an_app_from_before_keeps_what_it_had_and_says_so(
    own: str | None, by_update: bool, grants: tuple[str, ...], kept: str, said: bool
) -> None:
    old = app("read write", own, own_scope_by_update=by_update, grant_types=grants)

    assert str(granted_to_itself(old)) == kept
    assert is_granted_by_update(old, POLICIES) is said
    assert scope_of_its_own(old, POLICIES, default_target(POLICIES)) == parse_scope(kept)


@pytest.mark.parametrize(
    ("client_id", "owner"),
    [
        ("20000000-0000-8000-a000-000000000000", "registered"),
        ("20000000-0000-8000-a000-000000000000", "alice-id"),  # as only a taken-over function writes it
        (app_id("https://app.example.test/c"), "documents"),
        (app_id("https://app.example.test/c"), "alice-id"),
    ],
)
def test_s225_s228_s370_a_stranger_is_nobodys_own_whoever_its_record_names(client_id: str, owner: str) -> None:
    settings = POLICIES._replace(scopes={"free": "", "read": "", "vault": ""})
    stranger = app("free vault read", None, client_id=client_id, owner=owner)

    assert (stranger.is_stranger, stranger.is_complete) == (True, True)
    assert (str(granted_to_itself(stranger)), is_granted_by_update(stranger, settings)) == ("", False)
    assert str(scope_of_its_own(stranger, settings, default_target(settings))) == "free"
    assert "vault" not in scope_for_user(stranger, "alice-id", None, settings)
    assert not asks_for_more(stranger, settings)
    granted = stranger._replace(own_scope=Scope.of("read"), marked_scope=Scope.of("vault"))
    assert str(scope_of_its_own(granted, settings, default_target(settings))) == "free read"
    assert "vault" in scope_for_user(granted, "alice-id", None, settings)


def test_how_it_stands_with_each_scope_is_told_also_of_what_is_implied() -> None:
    asked = app("free outer people read vault", "read", marked_scope=Scope.of("vault"))

    assert [tuple(each) for each in scope_standings(asked, POLICIES)] == [
        ("free", "open", "open"),
        ("inner", "asked", "asked"),
        ("outer", "open", "asked"),
        ("people", "open", "never"),
        ("read", "open", "granted"),
        ("vault", "granted", "asked"),
    ]
    for_users = app("free read", "read", grant_types=("authorization_code",))
    assert [each.itself for each in scope_standings(for_users, POLICIES)] == [None, None]


@pytest.mark.parametrize(
    ("scope", "own", "marked", "grants", "asks"),
    [
        ("read", "", "", ("client_credentials",), True),
        ("read", "read", "", ("client_credentials",), False),
        ("read", "", "", ("authorization_code",), False),
        ("free people", "", "", ("client_credentials",), False),
        ("vault", "", "", ("authorization_code",), True),
        ("vault", "", "vault", ("authorization_code",), False),
        ("vault", "", "vault", ("client_credentials",), True),
    ],
)
def test_an_app_asks_until_an_administrator_granted_all_there_is_to_grant(
    scope: str, own: str, marked: str, grants: tuple[str, ...], asks: bool
) -> None:
    assert asks_for_more(app(scope, own, marked_scope=parse_scope(marked), grant_types=grants), POLICIES) is asks
