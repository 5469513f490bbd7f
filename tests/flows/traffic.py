"""Traffic of an app while its server changes: clients that go on, a token that is watched, and tokens that are held."""

from __future__ import annotations

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jwt
import requests

from gatepost.identifiers import digest, new_secret
from gatepost.routes import DEMO_READ, JWKS
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.people import CALLBACK, Client, Person, get, new_client, new_person, opens, stops

PAUSE = 0.05  # seconds of a client between two requests


class Traffic:
    """Clients that go on until they are told to stop; everything that was refused is noted."""

    def __init__(self, client: Client, person: Person) -> None:
        self.client, self.person = client, person
        self.refused: list[str] = []
        self.done = 0
        self.tokens: dict[str, list[str]] = defaultdict(list)  # by the id of their key
        self.first_signed: dict[str, float] = {}
        self.first_listed: dict[str, float] = {}
        self.refresh_tokens: list[str] = []
        self._stop = threading.Event()

    def during(self, work: Callable[[], None]) -> None:
        jobs = (self._own_tokens, self._refreshes, self._codes, self._old_ones, self._keys)
        with ThreadPoolExecutor(len(jobs)) as pool:
            running = [pool.submit(self._go_on, job()) for job in jobs]
            try:
                work()
            finally:
                self._stop.set()
            for each in running:
                each.result()

    def _go_on(self, job: Iterator[tuple[str, bool]]) -> None:
        while not self._stop.wait(PAUSE):
            what, accepted = next(job)
            self.done += 1
            if not accepted:
                self.refused.append(what)

    def _own_tokens(self) -> Iterator[tuple[str, bool]]:
        while True:
            answer = self.client.token(grant_type="client_credentials")
            yield f"client_credentials: {answer.text}", answer.status_code == 200
            yield "its token", opens(self.client.deployment, self._noted(answer.json()), DEMO_READ.path)

    def _refreshes(self) -> Iterator[tuple[str, bool]]:
        tokens = self.client.tokens(self.person)
        while True:
            self.refresh_tokens.append(tokens["refresh_token"])
            answer = self.client.refresh(tokens["refresh_token"])
            yield f"refresh: {answer.text}", answer.status_code == 200
            tokens = answer.json()
            yield "its token", opens(self.client.deployment, self._noted(tokens))

    def _codes(self) -> Iterator[tuple[str, bool]]:
        while True:
            yield "token of a code", self._is_active(self._noted(self.client.tokens(self.person)))

    def _old_ones(self) -> Iterator[tuple[str, bool]]:
        for number in itertools.count():
            for tokens in list(self.tokens.values()) or [[self._noted(self.client.tokens(self.person))]]:
                token = tokens[number % len(tokens)]
                yield "an old token", opens(self.client.deployment, token) and self._is_active(token)

    def _keys(self) -> Iterator[tuple[str, bool]]:
        while True:
            answer = get(self.client.deployment, JWKS.path, None)
            for key in answer.json().get("keys", []):
                self.first_listed.setdefault(key["kid"], time.monotonic())
            yield "the keys", answer.status_code == 200

    def _is_active(self, token: str) -> bool:
        return self.client.introspect(token).json().get("active") is True

    def _noted(self, answer: dict[str, Any]) -> str:
        token: str = answer["access_token"]
        kid = jwt.get_unverified_header(token)["kid"]
        self.tokens[kid].append(token)
        self.first_signed.setdefault(kid, time.monotonic())
        return token


@dataclass(frozen=True)
class Call:
    """A request of a client: its time (seconds, monotonic), and whether it was accepted."""

    sent_at: float
    accepted: bool


class Watched:
    """A token that clients send to a route continuously, and what they saw."""

    def __init__(self, deployment: Deployment, token: str, *, clients: int = 1, pause: float = PAUSE) -> None:
        self.statuses: set[int] = set()
        self._calls: list[Call] = []
        self._url, self._headers = deployment.base_url + DEMO_READ.path, {"Authorization": f"Bearer {token}"}
        self._end, self._pause = threading.Event(), pause
        self._threads = [threading.Thread(target=self._client) for _ in range(clients)]

    @property
    def calls(self) -> list[Call]:
        return sorted(self._calls, key=lambda call: call.sent_at)

    def _client(self) -> None:
        with requests.Session() as session:
            while not self._end.wait(self._pause):
                sent_at = time.monotonic()
                status = session.get(self._url, headers=self._headers, timeout=30).status_code
                self.statuses.add(status)
                self._calls.append(Call(sent_at, accepted=status == 200))

    def __enter__(self) -> Watched:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()


def code_of(client: Client, person: Person) -> dict[str, str]:
    """Return the form that exchanges a fresh code."""
    verifier = new_secret()
    code = client.code(person, code_challenge=digest(verifier), code_challenge_method="S256")
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
    }


class Held:
    """The credentials of one moment, and a check that all of them still work."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.person = new_person(deployment)
        self.client = new_client(deployment, self.person)
        self.tokens = self.client.tokens(self.person)
        self.own = self.client.token(grant_type="client_credentials").json()["access_token"]
        self.revoked = self.client.token(grant_type="client_credentials").json()["access_token"]
        self.client.revoke(self.revoked)
        self.code = code_of(self.client, self.person)
        self.browser = Browser(deployment.base_url)
        self.browser.sign_in(self.person.name, self.person.password)
        self.consent = self.browser.get(self.client.authorize_path(scope="write"))

    def holds(self) -> None:
        assert opens(self.deployment, self.tokens["access_token"])
        assert opens(self.deployment, self.own)
        assert stops(self.deployment, self.revoked)
        assert self.client.token(**self.code).status_code == 200
        assert "code" in answer_of(self.browser.decide(self.consent, "allow"))
        assert self.browser.get("/developer/apps").status_code == 200
        refreshed = self.client.refresh(self.tokens["refresh_token"])
        assert refreshed.status_code == 200
        assert opens(self.deployment, refreshed.json()["access_token"])
        self.client.revoke(self.own)
        assert stops(self.deployment, self.own)
