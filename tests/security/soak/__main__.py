"""`make soak MINUTES=10`: mixed flows from several processes while functions are killed and keys are rotated.

Every response is right or a clean error, and nothing is lost that was not revoked; memory stays flat; the audit is
clean. Prints a table and exits with 1 after a violation.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.deployment import Deployment
from tests.commands import concluded, counted, options, table
from tests.conftest import TEST_SETTINGS
from tests.security.deployed import Rotations, audited, meanwhile, new_client, party
from tests.security.party import Party
from tests.security.sending import processes
from tests.security.soak.asking import Diary, Wrong
from tests.security.soak.walker import Walker, walker

_PROCESSES = 4
_KILLS = 0.7  # seconds between two, on average
_ROTATIONS = 20.0  # seconds between two
_WARM = 15.0  # seconds until memory is measured first


@dataclass
class Soak:
    """The events besides the clients' flows."""

    deployment: Deployment
    rolled: random.Random
    rotations: Rotations
    kills: Counter[str] = field(default_factory=Counter)
    memory: list[dict[str, float]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def kill(self, over: threading.Event) -> None:
        names = sorted(self.deployment.functions)
        while not over.wait(self.rolled.expovariate(1 / _KILLS)):
            name = self.rolled.choice(names)
            self.kills[name] += self.deployment.functions[name].kill_one()

    def measure(self, over: threading.Event) -> None:
        pause = _WARM
        while not over.wait(pause):
            pause = 10.0
            pids = {name: function.pids for name, function in self.deployment.functions.items()}
            self.memory.append({name: max(map(_resident, found)) for name, found in pids.items() if found})


def soak(deployment: Deployment, seconds: float, *, seed: int) -> tuple[Soak, list[Diary]]:
    """Run for `seconds`, then check the remaining state."""
    parties = [party(new_client(deployment)) for _ in range(_PROCESSES)]
    until, bound = time.time() + seconds, deployment.settings.revocation_bound + 1.0
    seen = Soak(deployment, random.Random(seed), Rotations(deployment, _ROTATIONS))
    port = deployment.running.port
    clients = [(port, each, bound, seed + number, until) for number, each in enumerate(parties)]
    with meanwhile(seen.kill, seen.measure, seen.rotations), processes(walker, clients) as pipes:
        diaries: list[Diary] = [pipe.recv() for pipe in pipes]
    time.sleep(deployment.settings.revocation_bound + 2)
    seen.broken += [fault for diary in diaries for fault in diary.wrong]
    seen.broken += _what_is_left(deployment, parties, diaries)
    return seen, diaries


def _resident(pid: int) -> float:
    """MB of a process, 0 if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0
    return int(fields[1]) * 4096 / 1e6


def _what_is_left(deployment: Deployment, parties: Sequence[Party], diaries: Sequence[Diary]) -> list[str]:
    """Check that nothing is lost, everything revoked is void, and the audit is clean."""
    broken = []
    for each, diary in zip(parties, diaries, strict=True):
        again = Walker(deployment.running.port, each, 0.0, 0)
        again.diary.chains, again.diary.ended = list(diary.chains), diary.ended[-50:]
        for _ in range(len(diary.ended[-50:])):
            broken += _tried(again.refused)
        for chain in diary.chains:
            again.diary.chains = [chain]
            broken += _tried(again.refresh) + _tried(again.protected)
    stored = {app.name for app in deployment.store.apps_with_status("active", cursor=None, limit=1000).items}
    broken += [f"the app {name} is lost" for diary in diaries for name in diary.apps if name not in stored]
    return broken + audited(deployment, set().union(*(diary.secrets for diary in diaries)))


def _tried(step: Any) -> list[str]:
    try:
        step()
    except Wrong as error:
        return [f"afterwards: {step.__name__}: {error}"]
    return []


def shown(seen: Soak, diaries: Sequence[Diary], seconds: float) -> str:
    """Return the printed tables."""
    done, answers = Counter[str](), Counter[int]()
    for diary in diaries:
        done += diary.done
        answers += diary.answers
    first, last = seen.memory[0], seen.memory[-1]
    sizes = [
        (name, seen.kills[name], f"{first.get(name, 0):.0f}", f"{last.get(name, 0):.0f}")
        for name in sorted({*first, *last, *seen.kills})
    ]
    rotations = seen.rotations
    lines = [
        table("flow", "ended well", rows=[(name.replace("_", " "), n) for name, n in sorted(done.items())], numbers=1),
        "",
        table("function", "killed", "MB at first", "MB at the end", rows=sizes, numbers=3),
        "",
        f"{answers.total()} answers in {seconds:.0f} s from {len(diaries)} processes: {counted(answers)}",
        f"{seen.kills.total()} processes killed; {rotations.done} rotations, {len(rotations.failed)} failed",
        f"{sum(each.clean_errors for each in diaries)} clean errors, each tried again",
        f"{sum(each.started_again for each in diaries)} codes or forms used up unanswered: the flow began again",
        f"slowest answer {max(each.longest for each in diaries):.1f} s",
        f"{sum(len(each.chains) for each in diaries)} chains living, {sum(len(each.ended) for each in diaries)} ended",
    ]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    chosen = options("soak", arguments, minutes=10.0)
    print(f"{chosen.minutes:g} minutes, seed {chosen.seed}", flush=True)
    with Deployment(overrides={**TEST_SETTINGS, "refresh_retry_window": 60}, width=4) as deployment:
        began = time.monotonic()
        seen, diaries = soak(deployment, chosen.minutes * 60, seed=chosen.seed)
        print(shown(seen, diaries, time.monotonic() - began))
    return concluded(seen.broken)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
