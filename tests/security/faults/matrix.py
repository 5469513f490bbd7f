"""Every flow, with every call failing in every way: `python -m tests.security.faults.matrix [boto3]` prints it.

The functions call AWS with our own client, or with boto3. Of the ways that are alike each call has one, in turns.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from infra.tools.integrity.invariants import findings
from tests.commands import concluded, head, row
from tests.security.faults import (
    account_flows,
    admin_flows,
    app_flows,
    authorization_flows,
    backchannel_flows,
    registration_flows,
    status_flows,
    token_flows,
    visitor_flows,
)
from tests.security.faults.delivered import delivered_tokens_stand
from tests.security.faults.events import told
from tests.security.faults.flow import Check, Flow
from tests.security.faults.kinds import KINDS, PRIVATE, Kind, kinds_of
from tests.security.faults.world import Answer, Event, World, deployed
from tests.unit.world import NOW

_SUBJECTS = (
    *(authorization_flows, token_flows, status_flows, registration_flows, visitor_flows),
    *(account_flows, app_flows, admin_flows, backchannel_flows),
)
FLOWS: Sequence[Flow] = tuple(flow for subject in _SUBJECTS for flow in subject.FLOWS)
ROTATION = "rotate_keys"  # Secrets Manager calls it, and repeats a step that raised
_UNAVAILABLE = {"503", "503 temporarily_unavailable", "503 Service Unavailable", "303 temporarily_unavailable"}
_BROKEN = {"500", "500 server_error", "500 Internal Server Error", "303 server_error"}


@dataclass
class Outcome:
    """The result of a flow: how many cases, their outcomes, and the violations."""

    flow: Flow
    calls: Sequence[tuple[str, str]] = ()
    cases: int = 0
    unnoticed: int = 0
    refused: int = 0  # repetitions, because what was asked for had happened
    faults: list[str] = field(default_factory=list)

    @property
    def row(self) -> tuple[str | int, ...]:
        """A row of the printed table."""
        failed = self.cases - self.unnoticed
        return self.flow.function, self.flow.name, len(self.calls), self.cases, self.unnoticed, failed, self.refused


def matrix(world: World, flow: Flow, base: bytes, *, every_kind: bool = False) -> Outcome:
    """A flow undisturbed, then with each call failing in each way, and the same request once more after that."""
    world.cloud.restore(base)
    world.now = float(NOW)
    world.set(**flow.settings)
    world.cold()
    request = flow.arrange(world)
    prepared, now = world.cloud.snapshot(), world.now
    world.cloud.faults.disarm()
    world.cold()
    undisturbed = Case(world=world, flow=flow, request=request)
    outcome = Outcome(flow=flow, faults=undisturbed.run_undisturbed(), calls=list(world.cloud.faults.calls))
    turn = FLOWS.index(flow)
    for position, call in enumerate(outcome.calls):
        for kind in kinds_of(*call, None if every_kind else turn + position):
            world.cloud.restore(prepared)
            world.now = now
            world.cold()
            case = Case(world=world, flow=flow, request=request)
            case.run(position, kind)
            outcome.cases += 1
            outcome.unnoticed += case.unnoticed
            outcome.refused += case.refused
            where = f"{flow.function}, {flow.name}: call {position + 1} ({call[1]}), {kind.name}"
            outcome.faults += [f"{where}: {fault}" for fault in case.faults]
    return outcome


@dataclass
class Case:
    """One flow with one fault: the request, and the same request a second later."""

    world: World
    flow: Flow
    request: Event
    unnoticed: bool = False
    refused: bool = False
    faults: list[str] = field(default_factory=list)

    def run_undisturbed(self) -> list[str]:
        """Return the violations without any fault."""
        answer, said = self._try()
        if said != self.flow.answer:
            return [f"undisturbed it answers {said}"]
        return [] if self._holds(self.flow.check, answer) else ["undisturbed it does not hold"]

    def run(self, position: int, kind: Kind) -> None:
        """Run both attempts; violations are added to `faults`."""
        clients = self.world.cloud.faults
        clients.arm(position, kind)
        first, said = self._try()
        if not clients.struck:
            self.faults.append("it never struck")
        clients.disarm()
        self.unnoticed = said == self.flow.answer
        if not self.unnoticed:
            self._judge_failure(first, said, kind)
        self._judge_tables("after the fault", self.flow.tolerated | self.flow.open)
        happened = self._holds(self.flow.check, None)
        self.world.now += 1
        second, again = self._try()
        self._judge_repetition(second, again, happened)
        self._judge_tables("after the repetition", self.flow.tolerated)
        self.faults += delivered_tokens_stand(self.world, [each for each in (first, second) if each is not None])

    def _try(self) -> tuple[Answer | None, str]:
        try:
            answer = self.world.call(self.flow.function, self.request)
        except Exception as error:  # noqa: BLE001 — none may leave a handler
            if self.flow.function != ROTATION:
                self.faults.append(f"raised {type(error).__name__}")
            return None, "the step fails"
        return answer, "done" if answer is None else told(answer)

    def _judge_failure(self, answer: Answer | None, said: str, kind: Kind) -> None:
        """Check a failure: closed, in the caller's format, and with `Retry-After` if a retry helps."""
        if kind.absorbed and said != self.flow.again:
            self.faults.append(f"nobody should have noticed, and it answers {said}")
        if kind.absorbed or self.flow.function == ROTATION or said in ("denied", "again"):
            return
        if answer is None or said not in (_BROKEN if kind.name == "denied" else _UNAVAILABLE):
            self.faults.append(f"it answers {said}")
            return
        if said.startswith("503") and "Retry-After" not in answer["headers"]:
            self.faults.append("503 without Retry-After")
        if answer["headers"].get("Cache-Control") != "no-store" or PRIVATE in json.dumps(answer):
            self.faults.append("an error that may be kept, or that quotes AWS")

    def _judge_repetition(self, answer: Answer | None, said: str, happened: bool) -> None:
        """Check a repetition: as undisturbed, unless the first attempt took effect: then it may be rejected."""
        if said == self.flow.answer:
            holds = self._holds(self.flow.check, answer)
        elif said == self.flow.again and (happened or self.flow.unless is not None):
            self.refused = True
            holds = self._holds((self.flow.settled if happened else self.flow.unless) or self.flow.check, None)
        else:
            self.faults.append(f"the repetition answers {said}")
            return
        if not holds:
            self.faults.append(f"after the repetition ({said}) it does not hold")

    def _holds(self, check: Check, answer: Answer | None) -> bool:
        try:
            check(self.world, answer)
        except (AssertionError, ValueError, ClientError):
            return False
        return True

    def _judge_tables(self, when: str, tolerated: Collection[str]) -> None:
        for finding in findings(self.world.cloud.items(), now=self.world.now):
            if finding.name not in tolerated:
                self.faults.append(f"{when}: {finding}")


def main(client: str) -> int:
    """Print a table, its sums, and the violations; return the exit code."""
    print(head("function", "flow", "calls", "cases", "unnoticed", "failed cleanly", "refused when repeated", numbers=5))
    found = []
    with deployed(client) as world:
        base = world.cloud.snapshot()
        for flow in FLOWS:
            found.append(matrix(world, flow, base))
            print(row(*found[-1].row), flush=True)
    calls, cases, unnoticed, failed, refused = (
        sum(map(int, column)) for column in zip(*(each.row[2:] for each in found), strict=True)
    )
    print(f"\n{len(found)} flows, {calls} calls, {len(KINDS)} kinds of faults: {cases} cases,")
    print(f"{unnoticed} unnoticed, {failed} failed cleanly, {refused} refused when repeated")
    return concluded([fault for each in found for fault in each.faults])


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:] or ["own"]))
