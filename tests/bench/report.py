"""The measurements as tables, next to the targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.cold import Start
from tests.bench.cpu import Cost
from tests.bench.warm import Measured

Raw = Mapping[str, Cost]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The target of an operation: round trips to the store, and CPU and cold start as multiples of yardsticks."""

    operation: str
    algorithm: str
    trips: int
    cpu: float
    raw: str
    start: float = 0.0  # 0: the function starts once only
    yardstick: str = "boto3 client + PyJWT"


AIMS = (
    Aim(operation="client_credentials", algorithm="ES256", trips=1, cpu=3, raw="ES256 sign", start=0.4),
    Aim(operation="code exchange with PKCE", algorithm="ES256", trips=2, cpu=5, raw="ES256 sign", start=0.4),
    Aim(operation="refresh", algorithm="ES256", trips=2, cpu=5, raw="ES256 sign", start=0.4),
    Aim(operation="introspect, access token", algorithm="ES256", trips=2, cpu=2.4, raw="ES256 verify", start=0.4),
    Aim(
        operation="authorizer, new token", algorithm="ES256", trips=0, cpu=1.5, raw="ES256 verify",
        start=1.5, yardstick="Python + cryptography",
    ),
    Aim(operation="authorizer, new token", algorithm="RS256", trips=0, cpu=2.5, raw="RS256 verify"),
    Aim(operation="authorizer, token seen before", algorithm="ES256", trips=0, cpu=10, raw="SHA-256 of a token"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The result for a target."""

    aim: Aim
    trips: int
    cpu: float
    start: float

    @property
    def missed(self) -> str:
        """Return the missed parts, "" if there are none."""
        parts = (
            ("round trips", self.trips > self.aim.trips),
            ("CPU", self.cpu > self.aim.cpu),
            ("cold start", bool(self.aim.start) and self.start > self.aim.start),
        )
        return ", ".join(name for name, is_missed in parts if is_missed)


def targets(raw: Raw, measured: Sequence[Measured], begun: Sequence[Start]) -> Iterator[Target]:
    """Every aim with what was reached, as ratios within this run."""
    answered = {each.name: each.answered for each in begun}
    for aim in AIMS:
        found = next(each for each in measured if (each.operation, each.algorithm) == (aim.operation, aim.algorithm))
        yield Target(
            aim=aim,
            trips=len(found.counted.calls),
            cpu=found.logic.median / raw[aim.raw].median,
            start=answered[found.function] / answered[aim.yardstick] if aim.start else 0.0,
        )


def lines(raw: Raw, transports: Raw, measured: Sequence[Measured], begun: Sequence[Start]) -> Iterator[str]:
    """The tables."""
    yield "CPU in µs: median (least–most). RRU and WRU: units that AWS bills (those of indexes)."
    yield f"\n{'limit':<32}{'µs':>24}"
    for name, cost in raw.items():
        yield f"{name:<32}{_cost(cost):>24}"
    yield f"\n{'a GetItem':<36}{'µs':>20}"
    for name, cost in transports.items():
        yield f"{name:<36}{_cost(cost):>20}"
    yield (
        f"\n{'warm request':<38}{'without transport':>22}{'own client':>22}{'boto3':>24}"
        f"{'trips':>6}{'RRU':>5}{'WRU':>8}{'sent':>6}{'got':>6}{'answer':>7}"
    )
    for each in measured:
        name, counted = f"{each.operation} {each.algorithm}".strip(), each.counted
        written = f"{counted.units.write}" + (f" ({counted.units.index})" if counted.units.index else "")
        yield (
            f"{name:<38}{_cost(each.logic):>22}{_cost(each.own):>22}{_cost(each.boto3):>24}"
            f"{len(counted.calls):>6}{counted.units.read:>5}{written:>8}"
            f"{counted.sent:>6}{counted.received:>6}{each.answer_bytes:>7}"
        )
    yield f"\n{'cold start, ES256':<24}{'import ms':>10}{'answer ms':>10}{'spread':>8}{'MB':>7}{'kB':>8}{'zipped':>8}"
    for start in begun:
        yield (
            f"{start.name:<24}{start.imported:>10.1f}{start.answered:>10.1f}{start.spread:>8.1f}"
            f"{start.memory:>7.1f}{start.kilobytes or '':>8}{start.zipped or '':>8}"
        )
    yield f"\n{'target':<38}{'trips':>12}{'CPU':>20}{'of one':>20}{'cold start':>16}  "
    for target in targets(raw, measured, begun):
        aim = target.aim
        cold = f"{target.start:.2f} ≤ {aim.start:.2f}" if aim.start else ""
        yield (
            f"{aim.operation + ' ' + aim.algorithm:<38}{f'{target.trips} ≤ {aim.trips}':>12}"
            f"{f'{target.cpu:.1f} ≤ {aim.cpu:.1f}':>20}{aim.raw:>20}{cold:>16}  "
            + (f"missed: {target.missed}" if target.missed else "met")
        )


def _cost(cost: Cost) -> str:
    precision = 2 if cost.median < 10 else 0
    return f"{cost.median:.{precision}f} ({cost.least:.{precision}f}–{cost.most:.{precision}f})"
