"""Traffic of an app during an upgrade, and tokens that are held throughout."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from gatepost.identifiers import digest, new_secret
from gatepost.routes import DEMO_READ
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.people import CALLBACK, Client, Person, get, new_client, new_person, opens, stops


class Traffic:
    """Clients that go on until they are told to stop; everything that was refused is noted."""

    def __init__(self, client: Client, person: Person) -> None:
        self.client, self.person = client, person
        self.refused: list[str] = []
        self.done = 0
        self._stop = threading.Event()

    def during(self, work: Callable[[], None]) -> None:
        jobs = (self._own_tokens, self._refreshes, self._codes)
        with ThreadPoolExecutor(len(jobs)) as pool:
            running = [pool.submit(self._go_on, job()) for job in jobs]
            try:
                work()
            finally:
                self._stop.set()
            for each in running:
                each.result()

    def _go_on(self, job: Iterator[tuple[str, bool]]) -> None:
        while not self._stop.wait(0.05):
            what, accepted = next(job)
            self.done += 1
            if not accepted:
                self.refused.append(what)

    def _own_tokens(self) -> Iterator[tuple[str, bool]]:
        while True:
            token = self.client.token(grant_type="client_credentials")
            yield "client_credentials", token.status_code == 200
            yield (
                "its token",
                get(self.client.deployment, DEMO_READ.path, token.json()["access_token"]).status_code == 200,
            )

    def _refreshes(self) -> Iterator[tuple[str, bool]]:
        tokens = self.client.tokens(self.person)
        while True:
            answer = self.client.refresh(tokens["refresh_token"])
            yield f"refresh: {answer.text}", answer.status_code == 200
            tokens = answer.json()
            yield "its token", opens(self.client.deployment, tokens["access_token"])

    def _codes(self) -> Iterator[tuple[str, bool]]:
        while True:
            tokens = self.client.tokens(self.person)
            yield "introspection", self.client.introspect(tokens["access_token"]).json()["active"]


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
        assert stops(deployment, self.revoked)
        self.code = code_of(self.client, self.person)
        self.browser = Browser(deployment.base_url)
        self.browser.sign_in(self.person.name, self.person.password)
        self.consent = self.browser.get(self.client.authorize_path(scope="write"))

    def holds(self) -> None:
        assert opens(self.deployment, self.tokens["access_token"])
        assert opens(self.deployment, self.own)
        assert not opens(self.deployment, self.revoked)
        assert self.client.token(**self.code).status_code == 200
        assert "code" in answer_of(self.browser.decide(self.consent, "allow"))
        assert self.browser.get("/developer/apps").status_code == 200
        refreshed = self.client.refresh(self.tokens["refresh_token"])
        assert refreshed.status_code == 200
        assert opens(self.deployment, refreshed.json()["access_token"])
        self.client.revoke(self.own)
        assert stops(self.deployment, self.own)
