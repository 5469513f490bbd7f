"""Every flow, with every call failing in every way: `python -m tests.security.faults.matrix [own]` prints it.

With `own` the functions call AWS with our own client instead of boto3.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from infra.tools.integrity.invariants import findings
from tests.security.faults import (
    account_flows,
    admin_access_flows,
    admin_flows,
    app_flows,
    authorize_flows,
    backchannel_flows,
    consumer_flows,
    document_flows,
    logout_flows,
    page_flows,
    registration_flows,
    resource_flows,
    rotation_flows,
    status_flows,
    token_flows,
)
from tests.security.faults.delivered import delivered_tokens_stand
from tests.security.faults.events import told
from tests.security.faults.flow import Check, Flow
from tests.security.faults.kinds import KINDS, PRIVATE, Kind
from tests.security.faults.world import Answer, Event, World, deployed
from tests.unit.world import NOW

_SUBJECTS = (
    *(authorize_flows, token_flows, status_flows, resource_flows, logout_flows, registration_flows, document_flows),
    *(page_flows, account_flows, app_flows, admin_flows, admin_access_flows, consumer_flows, rotation_flows),
    backchannel_flows,
)
FLOWS: Sequence[Flow] = tuple(flow for subject in _SUBJECTS for flow in subject.FLOWS.all)
ROTATION = "rotate_keys"  # Secrets Manager calls it, and repeats a step that raised
_UNAVAILABLE = {
    "503",
    "503 temporarily_unavailable",
    "503 Service Unavailable",
    "303 temporarily_unavailable",
}
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
    def row(self) -> str:
        """A row of the table in docs/reliability.md."""
        failed = self.cases - self.unnoticed
        cells = (self.flow.function, self.flow.name, len(self.calls), self.cases, self.unnoticed, failed, self.refused)
        return f"| {' | '.join(str(cell) for cell in cells)} |"


def matrix(world: World, flow: Flow, base: bytes) -> Outcome:
    """A flow undisturbed, then with each call failing in each way, and the same request once more after that."""
    world.cloud.restore(base)
    world.now = float(NOW)
    world.set(**flow.settings)
    world.cold()
    request = flow.arrange(world)
    prepared, now = world.cloud.snapshot(), world.now
    world.cloud.faults.disarm()
    world.cold()
    expected = flow.answer.replace("{web}", world.web.client_id)
    undisturbed = Case(world=world, flow=flow, request=request, expected=expected)
    outcome = Outcome(flow=flow, faults=undisturbed.run_undisturbed(), calls=list(world.cloud.faults.calls))
    for position, call in enumerate(outcome.calls):
        for kind in (kind for kind in KINDS if kind.fits(*call)):
            world.cloud.restore(prepared)
            world.now = now
            world.cold()
            case = Case(world=world, flow=flow, request=request, expected=expected)
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
    expected: str
    unnoticed: bool = False
    refused: bool = False
    faults: list[str] = field(default_factory=list)

    def run_undisturbed(self) -> list[str]:
        """Return the violations without any fault."""
        answer, said = self._try()
        if said != self.expected:
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
        self.unnoticed = said == self.expected
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
        if kind.absorbed and said not in self._again():
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
        if said == self.expected:
            holds = self._holds(self.flow.check, answer)
        elif said in self._again() and (happened or self.flow.unless is not None):
            self.refused = True
            holds = self._holds((self.flow.settled if happened else self.flow.unless) or self.flow.check, None)
        else:
            self.faults.append(f"the repetition answers {said}")
            return
        if not holds:
            self.faults.append(f"after the repetition ({said}) it does not hold")

    def _again(self) -> set[str]:
        return {each.replace("{web}", self.world.web.client_id) for each in self.flow.again}

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


def outcomes(client: str, flows: Sequence[Flow] = FLOWS) -> Iterator[Outcome]:
    """The whole matrix, with the functions calling AWS by a client, `boto3` or `own`."""
    with deployed(client) as world:
        base = world.cloud.snapshot()
        for flow in flows:
            yield matrix(world, flow, base)


def main() -> None:
    """Print a table, its sums, and the violations."""
    client = sys.argv[1] if len(sys.argv) > 1 else "boto3"
    print("| function | flow | calls | cases | unnoticed | failed cleanly | refused when repeated |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    found = []
    for outcome in outcomes(client):
        print(outcome.row, flush=True)
        found.append(outcome)
    sums = [sum(getattr(each, name) for each in found) for name in ("cases", "unnoticed", "refused")]
    print(
        f"\n{len(found)} flows, {sum(len(each.calls) for each in found)} calls, {len(KINDS)} kinds of faults: ", end=""
    )
    print(f"{sums[0]} cases, {sums[1]} unnoticed, {sums[0] - sums[1]} failed cleanly, {sums[2]} refused when repeated")
    faults = [fault for each in found for fault in each.faults]
    print("\n".join(faults) if faults else "Nothing else.")


if __name__ == "__main__":
    main()
