"""From the consent page to the response: what was shown is granted (S24), and remembered (S36)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gatepost.endpoints.authorization import AuthorizationRequest, check_callback, checked_request
from gatepost.endpoints.decision import approve
from gatepost.endpoints.pending_request import answered_request, pending_request
from gatepost.errors import (
    AccessDenied,
    Conflict,
    InvalidRequest,
    InvalidScope,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from gatepost.identifiers import digest
from gatepost.model.records import App, Approval, User
from gatepost.model.sessions import PendingRequest
from gatepost.oauth.redirect_uris import Callback
from gatepost.oauth.resource_indicators import default_target
from gatepost.scope import Scope
from gatepost.stores.record_keys import ApprovalKey
from tests.fakes import MemoryStore
from tests.raising import raised
from tests.unit.world import (
    ALICE,
    APPROVAL,
    CALLBACK,
    CHALLENGE,
    HERE,
    NOTHING,
    NOW,
    READ,
    READ_WRITE,
    SETTINGS,
    VERIFIER,
    WEB,
    WRITE,
    World,
    web_app,
)

REQUEST = AuthorizationRequest(
    callback=HERE,
    response_type="code",
    scope=READ,
    targets=(default_target(SETTINGS),),
    code_challenge=CHALLENGE,
    prompts=frozenset(),
)


@pytest.mark.parametrize(
    ("response_type", "callback", "mode"),
    [
        ("code", HERE, "query"),
        ("code", HERE._replace(fragment=True), "fragment"),
        ("code", HERE._replace(posted=True), "form_post"),
        ("token", HERE._replace(fragment=True), "fragment"),
    ],
)
def test_s24_s209_what_the_page_shows_is_answered_as_it_was(response_type: str, callback: Callback, mode: str) -> None:
    request = REQUEST._replace(response_type=response_type, callback=callback)

    request_id, pending = pending_request(web_app(), ALICE, request, session_hash="h", settings=SETTINGS, now=NOW + 0.5)

    assert pending == PendingRequest(
        request_hash=digest(request_id),
        session_hash="h",
        user_id="alice-id",
        client_id=WEB,
        response_type=response_type,
        redirect_uri=CALLBACK,
        redirect_uri_sent=True,
        scope=READ,
        state="xyz",
        code_challenge=CHALLENGE,
        response_mode=mode,
        expires_at=NOW + 600,
    )
    assert len(request_id) == 43
    assert answered_request(pending, SETTINGS) == request
    without = answered_request(pending._replace(response_mode=""), SETTINGS)  # of an older release
    assert (without.callback.fragment, without.callback.posted) == (response_type == "token", False)


@pytest.mark.parametrize(
    ("uris", "sent", "stands"),
    [
        ((CALLBACK,), True, True),
        ((CALLBACK,), False, True),
        (("https://other.example.test/cb", CALLBACK), True, True),
        (("https://other.example.test/cb", CALLBACK), False, False),
        (("https://other.example.test/cb",), True, False),
        (("https://other.example.test/cb",), False, False),
        ((), True, True),  # the seed's rule
        ((), False, False),
    ],
)
def test_s120_an_answer_goes_only_where_the_app_still_is(uris: tuple[str, ...], sent: bool, stands: bool) -> None:
    app, callback = web_app(redirect_uris=uris), HERE._replace(sent=sent)
    if stands:
        check_callback(app, callback)
    else:
        with pytest.raises(InvalidRequest):
            check_callback(app, callback)


def allow(world: World, app: App, remembered: Approval | None = None, **parameters: str) -> tuple[str, dict[str, Any]]:
    """Return the URL without the response, and the response's parameters."""
    asked = {"response_type": "code", "scope": "read write"} | parameters
    callback = HERE._replace(fragment=asked["response_type"] == "token", redirect_uri=app.redirect_uris[0])
    request = checked_request(app, ALICE, callback, asked, world.settings)
    parts = urlsplit(approve(world.server, app, ALICE, request, remembered, NOW).url)
    answer = parse_qs(parts.fragment or parts.query, strict_parsing=True)
    return parts._replace(query="", fragment="").geturl(), {name: value for name, (value,) in answer.items()}


def test_an_approval_answers_with_a_code_that_can_be_redeemed(world: World) -> None:
    where, answer = allow(world, world.web, code_challenge=CHALLENGE, code_challenge_method="S256")

    assert where == CALLBACK
    assert answer == {"code": answer["code"], "state": "xyz", "iss": "https://id.example.test"}
    assert len(answer["code"]) == 43
    assert str(world.redeem(answer["code"], code_verifier=VERIFIER).scope) == "read write"


def test_s64_an_implicit_approval_answers_with_a_token_and_no_refresh_token(world: World) -> None:
    where, answer = allow(world, world.web, response_type="token")

    assert where == CALLBACK
    assert answer == {
        "access_token": answer["access_token"],
        "token_type": "Bearer",
        "expires_in": "600",
        "scope": "read write",
        "state": "xyz",
        "iss": "https://id.example.test",
    }
    claims = world.claims(answer["access_token"])
    assert (claims.sub, claims.exp) == ("alice-id", NOW + 600)
    assert world.opens(answer["access_token"])
    (grant,) = world.store.grants_of("alice-id")
    assert (grant.grant_id, grant.grant_type) == (claims.grant_id, "implicit")


def test_s36_what_was_approved_is_remembered_and_adds_up(world: World) -> None:
    allow(world, world.web, scope="read")
    (first,) = world.store.read(ApprovalKey("alice-id", WEB))
    allow(world, world.web, first, scope="write")
    (second,) = world.store.read(ApprovalKey("alice-id", WEB))

    assert first == APPROVAL
    assert second == APPROVAL._replace(scope=READ_WRITE)
    world.store.forget_approval("alice-id", WEB)
    allow(world, world.web, second)
    assert world.store.read(ApprovalKey("alice-id", WEB)) == (None,)  # it is not written again


def test_s21_an_app_that_changed_meanwhile_gets_nothing_nor_does_a_server_give_any(world: World) -> None:
    with pytest.raises(UnauthorizedClient):
        approve(world.server, web_app(grant_types=("implicit",)), ALICE, REQUEST, None, NOW)
    world.set(grant_implicit=False)
    with pytest.raises(UnsupportedResponseType):
        approve(world.server, world.web, ALICE, REQUEST._replace(response_type="token"), None, NOW)

    assert world.store.grants_of("alice-id") == []


@pytest.mark.parametrize(
    ("app", "user"),
    [
        (web_app(scope=READ), ALICE),
        (web_app(), ALICE._replace(scope=READ)),
        (web_app(scope=READ), ALICE._replace(scope=READ_WRITE)),
    ],
)
def test_s08_what_app_or_user_may_no_longer_have_is_not_granted(world: World, app: App, user: User) -> None:
    world.store.set_user_rights("alice-id", scope=user.scope)

    location = approve(world.server, app, user, REQUEST._replace(scope=READ_WRITE), None, NOW).url

    (code,) = parse_qs(urlsplit(location).query)["code"]
    assert str(world.redeem(code, code_verifier=VERIFIER).scope) == "read"
    (remembered,) = world.store.read(ApprovalKey("alice-id", WEB))
    assert remembered == APPROVAL


@pytest.mark.parametrize(
    ("app", "user"), [(web_app(scope=WRITE), ALICE), (web_app(), ALICE._replace(scope=Scope.of("admin")))]
)
def test_s08_where_nothing_is_left_nothing_is_granted_or_remembered(world: World, app: App, user: User) -> None:
    with pytest.raises(InvalidScope):
        approve(world.server, app, user, REQUEST, None, NOW)

    assert world.store.grants_of("alice-id") == []
    assert world.store.read(ApprovalKey("alice-id", WEB)) == (None,)


CHANGES: dict[str, Callable[[MemoryStore], None]] = {
    "grants": lambda store: store.void_user_grants("alice-id", grants_valid_from=NOW, revocation=NOTHING),
    "status": lambda store: store.deactivate_user(ALICE, valid_from=NOW, revocation=NOTHING, besides=None),
    "deletion": lambda store: store.begin_deletion(ALICE, valid_from=NOW, revocation=NOTHING, besides=None),
    "limit": lambda store: store.set_user_rights("alice-id", scope=READ),
    "groups": lambda store: store.set_user_rights("alice-id", groups=("staff",)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_s73_s354_an_account_that_changed_meanwhile_grants_nothing(world: World, change: str) -> None:
    CHANGES[change](world.store)

    with pytest.raises(AccessDenied):
        approve(world.server, world.web, ALICE, REQUEST, None, NOW)
    assert world.store.grants_of("alice-id") == []


def test_s24_what_was_answered_meanwhile_grants_nothing_and_is_told_apart_from_a_changed_account(world: World) -> None:
    _, pending = pending_request(web_app(), ALICE, REQUEST, session_hash="h", settings=SETTINGS, now=NOW)

    caught = raised(Conflict, approve, world.server, world.web, ALICE, REQUEST, None, NOW, pending=pending)
    assert caught.field == "request"
    assert world.store.grants_of("alice-id") == []
