"""`make races ROUNDS=10`: every pair of operations concurrently, from separate processes, on a local deployment.

Prints a table and exits with 1 if an invariant was violated.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from infra.local.deployment import Deployment
from infra.tools.integrity.reading import audit
from tests.conftest import TEST_SETTINGS
from tests.security.races.calls import Racers, racers
from tests.security.races.judge import Round, afterwards, at_once, secrets_of
from tests.security.races.operations import NAMED, OPERATIONS, Operation
from tests.security.races.scene import Director

Pair = tuple[Operation, Operation]
ALL_PAIRS: tuple[Pair, ...] = tuple(itertools.combinations_with_replacement(OPERATIONS, 2))
SETTINGS = {**TEST_SETTINGS, "mail_sender": "gatepost@example.com"}
_AT_ONCE = 4  # races that start together
_APART = 0.03  # seconds by which one of the two may be later
_ROTATED_SIGNING_KEYS = 3  # each of them makes every later rotation slower


@dataclass(kw_only=True)
class Report:
    """The races that were run, and the violations."""

    rounds: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    rotations: int = 0
    seconds: float = 0.0
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)


def play(
    deployment: Deployment,
    pairs: Sequence[Pair],
    *,
    rotating: bool,
    seed: int,
    said: Callable[[str], None] = lambda _: None,
) -> Report:
    """Race each of `pairs` once, with rotations of the keys meanwhile if `rotating`, and judge all that is left.

    Half of the races start where a second ends: what carries a date in whole seconds may then be of the next one.
    """
    rolled = random.Random(seed)
    report, director, played, began = Report(), Director(deployment), [], time.monotonic()
    with racers(deployment.running.port, 2 * _AT_ONCE) as clients, _rotations(deployment, report, rotating):
        for start in range(0, len(pairs), _AT_ONCE):
            batch = pairs[start : start + _AT_ONCE]
            played += _batch(director, clients, batch, rolled, at_second_end=(start // _AT_ONCE) % 2 == 0)
            said(f"{min(start + _AT_ONCE, len(pairs))} of {len(pairs)} races")
    for each in played:
        report.broken += [f"{each.name}: {fault}" for fault in at_once(each)]
    time.sleep(deployment.settings.revocation_bound + 1)
    for each in played:
        report.broken += [f"{each.name}: {fault}" for fault in afterwards(each, director)]
        report.answers.update(answer.status for answer in each.answers)
        report.outcomes.setdefault(each.name, Counter())[" ".join(str(a.status) for a in each.answers)] += 1
    report.rounds = len(played)
    director.close()
    secrets = sorted(set().union(*(secrets_of(each) for each in played)))
    client = deployment.client("dynamodb")
    report.broken += [
        f"audit: {each.name}: {each.key}: {each.sentence}"
        for each in audit(client, deployment.tables, secrets=secrets).findings
    ]
    report.seconds = time.monotonic() - began
    return report


def _batch(
    director: Director, clients: Racers, batch: Sequence[Pair], rolled: random.Random, *, at_second_end: bool
) -> list[Round]:
    scenes = [director.scene() for _ in batch]
    calls = []
    for scene, (first, second) in zip(scenes, batch, strict=True):
        late = rolled.choice((0.0, rolled.uniform(0, _APART)))
        delays = rolled.sample((0.0, late), 2)
        calls += [(first.call(scene, director), delays[0]), (second.call(scene, director), delays[1])]
    at = float(int(time.time()) + 1) - rolled.uniform(0, _APART) if at_second_end else None
    answers = clients.race(calls, at=at)
    pairs = zip(answers[::2], answers[1::2], strict=True)
    return [
        Round(scene=scene, operations=pair, answers=both)
        for scene, pair, both in zip(scenes, batch, pairs, strict=True)
    ]


@contextlib.contextmanager
def _rotations(deployment: Deployment, report: Report, rotating: bool) -> Iterator[None]:
    """Rotate both secrets again and again until the block ends."""
    over = threading.Event()

    def rotate() -> None:
        while not over.wait(1):
            secret = "signing" if report.rotations < _ROTATED_SIGNING_KEYS else "refresh"
            try:
                deployment.rotate(secret)
            except Exception as error:  # noqa: BLE001
                report.broken.append(f"rotation of {secret}: {error}")
            report.rotations += 1

    thread = threading.Thread(target=rotate)
    if rotating:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if rotating:
            thread.join()


def table(report: Report) -> str:
    """Return the printed table."""
    lines = ["| race | rounds | answers |", "| --- | ---: | --- |"]
    for name, outcomes in sorted(report.outcomes.items()):
        seen = ", ".join(f"{answers} ({count})" for answers, count in outcomes.most_common())
        lines.append(f"| {name} | {sum(outcomes.values())} | {seen} |")
    answers = ", ".join(f"{count} × {status}" for status, count in sorted(report.answers.items()))
    lines += ["", f"{report.rounds} races, {report.rotations} rotations, {report.seconds:.0f} s; answers: {answers}"]
    counted = Counter(report.broken)
    lines += [f"BROKEN {count} × {fault}" for fault, count in counted.most_common()]
    lines.append(f"{len(report.broken)} did not hold" if report.broken else "everything held; the audit is clean")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="make races")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", default="", help="an operation, or two with a comma")
    parser.add_argument("--aws-client", default="own", choices=("own", "boto3"))
    options = parser.parse_args(arguments)
    wanted = [NAMED[name.strip()] for name in options.only.split(",") if name.strip()]
    pairs = [pair for pair in ALL_PAIRS if all(each in pair for each in wanted)]
    print(f"{len(pairs)} pairs, {options.rounds} rounds each, seed {options.seed}", flush=True)
    with Deployment(overrides={**SETTINGS, "aws_client": options.aws_client}, width=8) as deployment:
        report = play(deployment, pairs * options.rounds, rotating=True, seed=options.seed)
    print(table(report))
    return 1 if report.broken else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
