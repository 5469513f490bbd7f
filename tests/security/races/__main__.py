"""`make races ROUNDS=10`: every pair of operations concurrently, from separate processes, on a local deployment.

Prints a table and exits with 1 if an invariant was violated.
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from infra.local.deployment import Deployment
from tests.commands import concluded, counted, options, table
from tests.conftest import TEST_SETTINGS
from tests.security.deployed import Rotations, audited, meanwhile
from tests.security.races.calls import raced, racer
from tests.security.races.judge import Round, afterwards, at_once, secrets_of
from tests.security.races.operations import NAMED, OPERATIONS, Operation
from tests.security.races.scene import Director
from tests.security.sending import processes

Pair = tuple[Operation, Operation]
ALL_PAIRS: tuple[Pair, ...] = tuple(itertools.combinations_with_replacement(OPERATIONS, 2))
SETTINGS = {**TEST_SETTINGS, "mail_sender": "gatepost@example.com"}
_AT_ONCE = 4  # races that start together
_APART = 0.03  # seconds by which one of the two may be later


@dataclass(kw_only=True)
class Report:
    """The races that were run, and the violations."""

    rounds: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    rotations: int = 0
    seconds: float = 0.0
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)


def play(deployment: Deployment, pairs: Sequence[Pair], *, rotating: bool, seed: int) -> Report:
    """Race each of `pairs` once, with rotations of the keys meanwhile if `rotating`, and judge all that is left.

    Half of the races start where a second ends: what carries a date in whole seconds may then be of the next one.
    """
    rolled = random.Random(seed)
    report, director, played, began = Report(), Director(deployment), [], time.monotonic()
    rotations = Rotations(deployment, pause=1)
    clients = [(deployment.running.port,)] * (2 * _AT_ONCE)
    with processes(racer, clients) as racers, meanwhile(*[rotations] * rotating):
        for number, start in enumerate(range(0, len(pairs), _AT_ONCE)):
            batch = pairs[start : start + _AT_ONCE]
            played += _batch(director, racers, batch, rolled, at_second_end=number % 2 == 0)
    report.broken += rotations.failed
    for each in played:
        report.broken += [f"{each.name}: {fault}" for fault in at_once(each)]
    time.sleep(deployment.settings.revocation_bound + 1)
    for each in played:
        report.broken += [f"{each.name}: {fault}" for fault in afterwards(each, director)]
        report.answers.update(answer.status for answer in each.answers)
        report.outcomes.setdefault(each.name, Counter())[" ".join(str(a.status) for a in each.answers)] += 1
    report.rounds, report.rotations = len(played), rotations.done
    director.close()
    report.broken += audited(deployment, set().union(*(secrets_of(each) for each in played)))
    report.seconds = time.monotonic() - began
    return report


def _batch(
    director: Director,
    racers: Sequence[Connection],
    batch: Sequence[Pair],
    rolled: random.Random,
    *,
    at_second_end: bool,
) -> list[Round]:
    scenes = [director.scene() for _ in batch]
    calls = []
    for scene, (first, second) in zip(scenes, batch, strict=True):
        late = rolled.choice((0.0, rolled.uniform(0, _APART)))
        delays = rolled.sample((0.0, late), 2)
        calls += [(first.call(scene, director), delays[0]), (second.call(scene, director), delays[1])]
    at = float(int(time.time()) + 1) - rolled.uniform(0, _APART) if at_second_end else None
    answers = raced(racers, calls, at)
    pairs = zip(answers[::2], answers[1::2], strict=True)
    return [
        Round(scene=scene, operations=pair, answers=both)
        for scene, pair, both in zip(scenes, batch, pairs, strict=True)
    ]


def shown(report: Report) -> str:
    """Return the printed table."""
    rows = [
        (name, sum(seen.values()), ", ".join(f"{answers} ({count})" for answers, count in seen.most_common()))
        for name, seen in sorted(report.outcomes.items())
    ]
    sums = f"{report.rounds} races, {report.rotations} rotations, {report.seconds:.0f} s; answers: "
    return f"{table('race', 'rounds', 'answers', rows=rows)}\n\n{sums}{counted(report.answers)}"


def main(arguments: list[str]) -> int:
    """Return the exit code. `--only` names an operation, or two with a comma."""
    chosen = options("races", arguments, rounds=3, only="", aws_client="own")
    wanted = [NAMED[name.strip()] for name in chosen.only.split(",") if name.strip()]
    pairs = [pair for pair in ALL_PAIRS if all(each in pair for each in wanted)]
    print(f"{len(pairs)} pairs, {chosen.rounds} rounds each, seed {chosen.seed}", flush=True)
    with Deployment(overrides={**SETTINGS, "aws_client": chosen.aws_client}, width=8) as deployment:
        report = play(deployment, pairs * chosen.rounds, rotating=True, seed=chosen.seed)
    print(shown(report))
    return concluded(report.broken)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
