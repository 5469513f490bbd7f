"""A client process of the soak: an app's server and its user's browser, which retry as the rules allow."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gatepost.routes import (
    APPS_PAGE,
    CONSENT,
    CREATE_APP,
    DELETE_APP,
    DEMO_READ,
    INTROSPECT,
    LOGIN,
    REVOKE,
    UPDATE_APP,
    WHOAMI,
)
from tests.people import PASSWORD, authorize_path
from tests.security.party import Party, app_form, bearing, seen, session_of
from tests.security.sending import Answer
from tests.security.soak.asking import TRIES, Asking, Diary, Wrong, shown

_MOST_CHAINS = 30


class Walker:
    """Walks through the flows at random."""

    def __init__(self, port: int, party: Party, bound: float, seed: int) -> None:
        self.party, self.bound, self.diary = party, bound, Diary()
        self._rolled = random.Random(seed)
        self._asking = Asking(port, self.diary)
        self._ask = self._asking.ask
        self._cookie = ""
        self._created = self._errors_before = 0

    def walk(self, until: float) -> Diary:
        """Flows until `until` (epoch seconds)."""
        flows: list[tuple[int, Callable[[], None]]] = [
            (3, self.authorize), (8, self.refresh), (2, self.password), (2, self.client_credentials),
            (4, self.introspect), (2, self.revoke), (6, self.protected), (3, self.refused), (1, self.change_apps),
        ]  # fmt: skip
        weights, steps = zip(*flows, strict=True)
        while time.time() < until:
            flow = self._rolled.choices(steps, weights)[0]
            try:
                flow()
                self.diary.done[flow.__name__] += 1
            except Wrong as error:
                self.diary.wrong.append(f"{flow.__name__}: {error}")
        self._asking.close()
        return self.diary

    def authorize(self) -> None:
        """Sign in, see the consent page, allow, exchange the code; again from the start if it was lost on the way."""
        for _ in range(TRIES):
            self._errors_before = self.diary.clean_errors
            self.sign_in()
            code = self._approved()
            if not code:
                continue
            answer = self._ask(self.party.redeem(code), 200, 400)
            self.diary.secrets.add(code)
            if answer.status == 200:
                self._keep(answer)
                return
            self._again(answer, "invalid_grant")
        raise Wrong("no code was exchanged")

    def sign_in(self) -> None:
        fields = {"user_name": self.party.user_name, "password": PASSWORD, "next": ""}
        self._cookie = session_of(self._ask(self.party.visit(LOGIN.path, **fields), 303))
        self.diary.secrets.add(self._cookie)

    def refresh(self) -> None:
        """Refresh a chain; one time in five as a client that lost the response and retries."""
        chain = self._chain()
        call = self.party.token(grant_type="refresh_token", refresh_token=chain["refresh_token"])
        first = json.loads(self._ask(call, 200).body)
        if self._rolled.random() < 0.2:
            again = json.loads(self._ask(call, 200).body)
            if again["refresh_token"] != first["refresh_token"]:
                raise Wrong("a repeated refresh gave another successor")
        chain.update(first)
        self._note(chain)

    def password(self) -> None:
        self._keep(self._ask(self.party.by_password(), 200))

    def client_credentials(self) -> None:
        answer = self._ask(self.party.token(grant_type="client_credentials"), 200)
        self._ask(bearing(DEMO_READ.path, json.loads(answer.body)["access_token"]), 200)

    def introspect(self) -> None:
        chain = self._chain()
        for name in ("access_token", "refresh_token"):
            answer = self._ask(self.party.by_app(INTROSPECT.path, token=chain[name]), 200)
            if json.loads(answer.body).get("active") is not True:
                raise Wrong(f"the {name} of a living chain is not active")

    def revoke(self) -> None:
        chain = self._chain()
        self.diary.chains.remove(chain)
        self._ask(self.party.by_app(REVOKE.path, token=chain["refresh_token"]), 200)
        self.diary.ended.append((time.time(), chain))

    def protected(self) -> None:
        self._ask(bearing(WHOAMI.path, self._chain()["access_token"]), 200)

    def refused(self) -> None:
        """Check that everything revoked longer ago than the bound is rejected."""
        dead = [chain for ended, chain in self.diary.ended if time.time() > ended + self.bound]
        if dead:
            chain = self._rolled.choice(dead)
            self._ask(bearing(WHOAMI.path, chain["access_token"]), 403)
            self._ask(self.party.token(grant_type="refresh_token", refresh_token=chain["refresh_token"]), 400)

    def change_apps(self) -> None:
        """Create an app; delete it again, or rename it and leave it until the end."""
        self._created += 1
        name, kept = f"{self.party.user_name} {self._created}", len(self.diary.apps) < 5
        if not self._cookie:
            self.sign_in()
        self._posted(CREATE_APP.path, 200, **_details(name))
        client_id = self._client_id(name)
        if kept:
            renamed = f"{name} renamed"
            self._posted(UPDATE_APP.at(client_id=client_id), 303, version="1", **_details(renamed))
            self._client_id(renamed)
            self.diary.apps.append(renamed)
        else:
            self._posted(DELETE_APP.at(client_id=client_id), 303, confirm_name=name)

    def _approved(self) -> str:
        """Return a code, "" if the form was used up by a request whose response was lost."""
        path = authorize_path(self.party.client_id, scope="read write", prompt="consent")
        page = self._ask(seen(path, self._cookie), 200)
        found = re.search(r'name="request_id" value="([^"]+)"', page.body)
        if found is None:
            raise Wrong("the consent page has no request")
        self.diary.secrets.add(found[1])
        form = {"request_id": found[1], "decision": "allow"}
        answer = self._ask(self.party.posted(CONSENT.path, self._cookie, **form), 303, 400)
        if answer.status == 400:
            self._again(answer, "answered already")
            return ""
        return parse_qs(urlsplit(answer.location).query)["code"][0]

    def _again(self, answer: Answer, expected: str) -> None:
        """Accept a form that is used up only if an attempt's response was lost."""
        if self.diary.clean_errors == self._errors_before or expected not in answer.body:
            raise Wrong(f"{answer.status} {shown(answer)}")
        self.diary.started_again += 1

    def _posted(self, path: str, right: int, /, **fields: Any) -> None:
        """Post a form of the console. After an attempt whose response was lost the next one may be rejected."""
        before = self.diary.clean_errors
        answer = self._ask(self.party.posted(path, self._cookie, **fields), right, 400, 404, 412)
        if answer.status != right and self.diary.clean_errors == before:
            raise Wrong(f"POST {path} was answered {answer.status} {shown(answer)}")

    def _client_id(self, name: str) -> str:
        page = self._ask(seen(APPS_PAGE.path, self._cookie), 200)
        found = re.search(rf'href="/developer/apps/([0-9a-f-]{{36}})"[^>]*><bdi>{re.escape(name)}</bdi>', page.body)
        if found is None:
            raise Wrong(f"the app {name} is not in the list")
        return found[1]

    def _chain(self) -> dict[str, Any]:
        if not self.diary.chains:
            self.password()
        return self._rolled.choice(self.diary.chains)

    def _keep(self, answer: Answer) -> None:
        chain = json.loads(answer.body)
        self._note(chain)
        self.diary.chains.append(chain)
        while len(self.diary.chains) > _MOST_CHAINS:
            self.revoke()

    def _note(self, chain: dict[str, Any]) -> None:
        for name in ("access_token", "refresh_token"):
            self.diary.secrets |= {chain[name], chain[name].rpartition(".")[2]}


def _details(name: str) -> dict[str, Any]:
    return app_form(name, kind="public", scope=["read"], grant_types=["authorization_code"])


def walker(port: int, party: Party, bound: float, seed: int, until: float, pipe: Connection) -> None:
    """Run a client process."""
    pipe.send(Walker(port, party, bound, seed).walk(until))
