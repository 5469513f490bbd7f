"""`make soak MINUTES=10`: mixed flows from several processes while functions are killed and keys are rotated.

Every response is right or a clean error, and nothing is lost that was not revoked; memory stays flat; the audit is
clean. Prints a table and exits with 1 after a violation.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatepost.accounts.accounts import register
from gatepost.clients.owner_changes import AppDetails, create_app
from gatepost.model.records import GRANT_TYPES
from gatepost.scope import Scope
from infra.local.aws.made_stack import DeploymentFailed
from infra.local.deployment import Deployment
from infra.tools.integrity.reading import audit
from tests.conftest import TEST_SETTINGS
from tests.security.soak.asking import Diary, Wrong
from tests.security.soak.walker import Persona, Walker, process

_PROCESSES = 4
_KILLS = 0.7  # seconds between two, on average
_ROTATIONS = 20.0  # seconds between two
_SIGNING_KEYS = 3  # that are rotated: each makes the later rotations slower
_WARM = 15.0  # seconds until memory is measured first
_CALLBACK = "https://client.example.test/cb"


@dataclass(kw_only=True)
class Soak:
    """The events besides the clients' flows."""

    kills: Counter[str] = field(default_factory=Counter)
    rotations: int = 0
    failed_rotations: int = 0
    memory: list[tuple[float, dict[str, float]]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def soak(deployment: Deployment, seconds: float, *, seed: int) -> tuple[Soak, list[Diary]]:
    """Run for `seconds`, then check the remaining state."""
    personas = [_persona(deployment, number) for number in range(_PROCESSES)]
    until, over, seen = time.time() + seconds, threading.Event(), Soak()
    meanwhile = [
        threading.Thread(target=each, args=(deployment, over, seen, random.Random(seed)))
        for each in (_kill, _rotate, _measure)
    ]
    for thread in meanwhile:
        thread.start()
    try:
        diaries = _walk(deployment, personas, until, seed)
    finally:
        over.set()
        for thread in meanwhile:
            thread.join()
    time.sleep(deployment.settings.revocation_bound + 2)
    seen.broken += [fault for diary in diaries for fault in diary.wrong]
    seen.broken += _what_is_left(deployment, personas, diaries)
    return seen, diaries


def _walk(deployment: Deployment, personas: Sequence[Persona], until: float, seed: int) -> list[Diary]:
    spawning = multiprocessing.get_context("spawn")
    running = []
    for number, persona in enumerate(personas):
        ours, theirs = spawning.Pipe(duplex=False)
        bound = deployment.settings.revocation_bound + 1.0
        arguments = (deployment.running.port, persona, bound, seed + number, until, theirs)
        client: Any = spawning.Process(target=process, args=arguments, daemon=True)
        client.start()
        theirs.close()
        running.append((client, ours))
    diaries = [pipe.recv() for _, pipe in running]
    for client, pipe in running:
        client.join()
        client.close()
        pipe.close()
    return diaries


def _persona(deployment: Deployment, number: int) -> Persona:
    store, settings, now = deployment.store, deployment.settings, time.time()
    name, password = f"soaker{number}", f"a fine password {number} of 2026"
    user = register(store, settings, user_name=name, email="", password=password, now=now)
    details = AppDetails(
        name=f"Soaking app {number}", url=_CALLBACK, redirect_uris=(_CALLBACK,), grant_types=GRANT_TYPES,
        confidential=True, scope=Scope.of("read", "write"),
    )  # fmt: skip
    app, secret = create_app(store, settings, owner=user, details=details, now=now)
    return Persona(
        base_url=deployment.base_url, user_name=name, password=password, client_id=app.client_id,
        client_secret=secret, redirect_uri=_CALLBACK,
    )  # fmt: skip


def _kill(deployment: Deployment, over: threading.Event, seen: Soak, rolled: random.Random) -> None:
    names = sorted(deployment.functions)
    while not over.wait(rolled.expovariate(1 / _KILLS)):
        name = rolled.choice(names)
        if deployment.functions[name].kill_one():
            seen.kills[name] += 1


def _rotate(deployment: Deployment, over: threading.Event, seen: Soak, _: random.Random) -> None:
    """Rotate as a schedule would, but more often; a rotation whose function was killed is repeated by the next one."""
    while not over.wait(_ROTATIONS):
        secret = "signing" if seen.rotations < _SIGNING_KEYS else "refresh"
        try:
            deployment.rotate(secret)
            seen.rotations += 1
        except DeploymentFailed:
            seen.failed_rotations += 1


def _measure(deployment: Deployment, over: threading.Event, seen: Soak, _: random.Random) -> None:
    began, pause = time.monotonic(), _WARM
    while not over.wait(pause):
        pause = 10.0
        sizes = {
            name: max(_resident(pid) for pid in pids)
            for name, function in deployment.functions.items()
            if (pids := function.pids)
        }
        seen.memory.append((time.monotonic() - began, sizes))


def _resident(pid: int) -> float:
    """MB of a process, 0 if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0
    return int(fields[1]) * 4096 / 1e6


def _what_is_left(deployment: Deployment, personas: Sequence[Persona], diaries: Sequence[Diary]) -> list[str]:
    """Check that nothing is lost, everything revoked is void, and the audit is clean."""
    broken = []
    for persona, diary in zip(personas, diaries, strict=True):
        walker = Walker(deployment.running.port, persona, 0.0, 0)
        walker.diary.chains, walker.diary.ended = list(diary.chains), diary.ended[-50:]
        for _ in range(len(diary.ended[-50:])):
            broken += _tried(walker.refused)
        for chain in diary.chains:
            walker.diary.chains = [chain]
            broken += _tried(walker.refresh) + _tried(walker.protected)
    stored = {app.name for app in deployment.store.apps_with_status("active", cursor=None, limit=1000).items}
    broken += [f"the app {name} is lost" for diary in diaries for name in diary.apps if name not in stored]
    secrets = sorted(set().union(*(diary.secrets for diary in diaries)) - {""})
    found = audit(deployment.client("dynamodb"), deployment.tables, secrets=secrets).findings
    return broken + [f"audit: {each.name}: {each.key}: {each.sentence}" for each in found]


def _tried(step: Any) -> list[str]:
    try:
        step()
    except Wrong as error:
        return [f"afterwards: {step.__name__}: {error}"]
    return []


def table(seen: Soak, diaries: Sequence[Diary], seconds: float) -> str:
    """Return the printed table."""
    done, answers = Counter[str](), Counter[int]()
    for diary in diaries:
        done += diary.done
        answers += diary.answers
    total = sum(answers.values())
    lines = ["| flow | ended well |", "| --- | ---: |"]
    lines += [f"| {name.replace('_', ' ')} | {count} |" for name, count in sorted(done.items())]
    first, last = seen.memory[0][1], seen.memory[-1][1]
    lines += ["", "| function | killed | MB at first | MB at the end |", "| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {name} | {seen.kills[name]} | {first.get(name, 0):.0f} | {last.get(name, 0):.0f} |"
        for name in sorted({*first, *last, *seen.kills})
    ]
    statuses = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
    lines += [
        "",
        f"{total} answers in {seconds:.0f} s from {len(diaries)} processes: {statuses}",
        f"{sum(seen.kills.values())} processes killed; {seen.rotations} rotations, {seen.failed_rotations} failed",
        f"{sum(each.clean_errors for each in diaries)} clean errors, each tried again",
        f"{sum(each.started_again for each in diaries)} codes or forms used up unanswered: the flow began again",
        f"slowest answer {max(each.longest for each in diaries):.1f} s",
        f"{sum(len(each.chains) for each in diaries)} chains living, {sum(len(each.ended) for each in diaries)} ended",
    ]
    counted = Counter(seen.broken)
    lines += [f"BROKEN {count} × {fault}" for fault, count in counted.most_common(40)]
    lines.append(f"{len(seen.broken)} did not hold" if seen.broken else "everything held; the audit is clean")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args(arguments)
    print(f"{options.minutes:g} minutes, seed {options.seed}", flush=True)
    with Deployment(overrides={**TEST_SETTINGS, "refresh_retry_window": 60}, width=4) as deployment:
        began = time.monotonic()
        seen, diaries = soak(deployment, options.minutes * 60, seed=options.seed)
        print(table(seen, diaries, time.monotonic() - began))
    return 1 if seen.broken else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
