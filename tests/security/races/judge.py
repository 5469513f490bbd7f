"""The conditions after a race: the responses, and what must be void once the bound has passed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from gatepost.accounts.removal import activate_user
from gatepost.clients.lifecycle import activate_app
from gatepost.model.records import ACTIVE
from gatepost.routes import ACCOUNT_PAGE, WHOAMI
from gatepost.stores.record_keys import AppKey, UserKey
from tests.people import CALLBACK
from tests.security.party import bearing, seen, session_of
from tests.security.races.operations import APPROVED, BY_PASSWORD, GRANTED_BEFORE, REFRESHED, SESSIONS, Operation
from tests.security.races.scene import Director, Scene, issued
from tests.security.sending import Answer

CLEAN = frozenset({200, 201, 303, 400, 401, 403, 404, 409, 412})


@dataclass(frozen=True, kw_only=True)
class Round:
    """One race that was run."""

    scene: Scene
    operations: Sequence[Operation]
    answers: Sequence[Answer]

    @property
    def name(self) -> str:
        return " × ".join(operation.name for operation in self.operations)

    @property
    def ended(self) -> frozenset[str]:
        """Return what the completed operations have revoked."""
        return frozenset().union(*(each.ends for each, answer in self.sides if each.done(answer)))

    @property
    def sides(self) -> list[tuple[Operation, Answer]]:
        return list(zip(self.operations, self.answers, strict=True))

    def answers_of(self, name: str) -> list[Answer]:
        return [answer for operation, answer in self.sides if operation.name == name]


def at_once(played: Round) -> Iterator[str]:
    """Return the violations visible in the responses."""
    for operation, answer in played.sides:
        if answer.status == 503 and _is_clean_503(answer):
            continue
        if answer.status not in CLEAN:
            yield f"{operation.name} was answered {answer.status} {answer.body[:200]}"
    won = [answer for answer in played.answers_of("redeem") if answer.status == 200]
    if len(won) > 1:
        yield "a code was exchanged twice"
    answered = [each.location for each in (*played.answers_of("approve"), *played.answers_of("deny"))]
    if sum(CALLBACK in location for location in answered) > 1:
        yield "one page was answered twice"
    successors = {json.loads(each.body)["refresh_token"] for each in played.answers_of("refresh") if each.status == 200}
    if len(successors) > 1:
        yield "one refresh token has two successors"


def afterwards(played: Round, director: Director) -> Iterator[str]:
    """Return the violations once the bound has passed, after everything is activated again."""
    scene, ended = played.scene, played.ended
    _restart(scene)
    for kind, answer in _tokens(played):
        if kind in ended:
            yield from (f"{kind} lives on: {what}" for what in _alive(scene, director, answer))
    if (
        GRANTED_BEFORE in ended
        and not played.answers_of("redeem")
        and _accepted(director.ask(scene.redeem(scene.code)))
    ):
        yield "a code from before is redeemed"
    for code in _codes(played):
        lives = _accepted(director.ask(scene.redeem(code)))
        if APPROVED in ended and lives:
            yield "an approval lives on: its code is redeemed"
    if SESSIONS in ended:
        yield from (f"a session lives on: {what}" for what in _living_sessions(played, director))
    if not ended:
        yield from _lost(played, director)
        for each in played.answers_of("redeem"):
            if each.status == 200 and len(list(_alive(scene, director, json.loads(each.body)))) < 2:
                yield "nothing was ended, and what the code brought is refused"


def _tokens(played: Round) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each set of tokens with its origin."""
    yield REFRESHED, played.scene.tokens
    kinds = {"refresh": REFRESHED, "redeem": GRANTED_BEFORE, "password grant": BY_PASSWORD}
    for operation, answer in played.sides:
        if operation.name in kinds and answer.status == 200:
            yield kinds[operation.name], json.loads(answer.body)


def _alive(scene: Scene, director: Director, tokens: dict[str, str]) -> Iterator[str]:
    """Yield the tokens of a set that are still accepted."""
    if _accepted(director.ask(bearing(WHOAMI.path, tokens["access_token"]))):
        yield "its access token is accepted"
    if _accepted(director.ask(scene.refresh(tokens))):
        yield "its refresh token is accepted"


def _lost(played: Round, director: Director) -> Iterator[str]:
    """Yield a violation if the last refresh token of an unrevoked chain is rejected."""
    last = [json.loads(each.body) for each in played.answers_of("refresh") if each.status == 200]
    answer = director.ask(played.scene.refresh((last or [played.scene.tokens])[0]))
    if answer.status != 200:
        yield f"nothing was ended, and the refresh token is refused: {answer.body}"


def _living_sessions(played: Round, director: Director) -> Iterator[str]:
    cookies = {"the session from before": played.scene.cookie}
    for operation, answer in played.sides:
        if operation.name == "sign in" and (found := session_of(answer)):
            cookies["who signed in with the password from before"] = found
    for what, cookie in cookies.items():
        if director.ask(seen(ACCOUNT_PAGE.path, cookie)).status == 200:
            yield what


def _codes(played: Round) -> list[str]:
    locations = [urlsplit(answer.location).query for answer in played.answers_of("approve")]
    return [code for query in locations for code in parse_qs(query).get("code", ())]


def secrets_of(played: Round) -> set[str]:
    """Everything that opens, or opened, something in this round."""
    tokens = [token for answer in played.answers for token in (issued(answer) if _is_json(answer) else ())]
    sessions = [found for answer in played.answers if (found := session_of(answer))]
    return {*played.scene.secrets, *tokens, *sessions, *_codes(played)}


def _restart(scene: Scene) -> None:
    """Activate what was deactivated: void grants stay void."""
    store = scene.client.deployment.store
    app, user = store.read(AppKey(scene.app.client_id), UserKey(scene.user.user_id))
    if app is not None and app.status != ACTIVE:
        activate_app(store, app, now=time.time())
    if user is not None and user.status != ACTIVE:
        activate_user(store, user, now=time.time())


def _accepted(answer: Answer) -> bool:
    return answer.status == 200


def _is_clean_503(answer: Answer) -> bool:
    return "temporarily_unavailable" in answer.body or "Try again in a moment" in answer.body


def _is_json(answer: Answer) -> bool:
    return answer.body.startswith('{"access_token"')
