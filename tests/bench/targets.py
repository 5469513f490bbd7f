"""The targets, and how much of each a run has reached."""

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
