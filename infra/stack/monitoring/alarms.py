"""The alarms: for each the series, the expression over them, and the threshold.

Missing data never breaches: without requests nothing fails, and every series here counts failures or is written only on
events. An alarm can use at most ten series (CloudWatch's limit), so an alarm for all functions or tables is split into
parts, with one section in the runbook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gatepost.observability.log import DIMENSION, NAMESPACE
from gatepost.stores.schema import COUNTS
from infra.configuration.context import Configuration

FIVE_MINUTES, HOUR = 300, 3600
MOST_SERIES = 10
AT_LEAST, ABOVE = "GreaterThanOrEqualToThreshold", "GreaterThanThreshold"
# Of the feed: more than half of what one partition supports (docs/scale.md); entries that nobody puts into segments.
_MOST_WRITTEN, _MOST_READ = 5_000, 20_000
_LATE = 300  # seconds: longer than what failed once waits for its second try
_KEY_SLACK = 2  # days: Secrets Manager rotates within a day, and a new key waits before it is used


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A metric of CloudWatch."""

    id: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"
    period: int = FIVE_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSpec:
    """An alarm. `name` is its section in docs/operations.md, `meaning` the first sentence of its description."""

    name: str
    meaning: str
    series: tuple[Series, ...]
    expression: str
    threshold: float
    comparison: str = AT_LEAST
    periods: int = 1
    missing: str = "notBreaching"
    part: int = 0  # of several alarms of this name, from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    """The physical names of the monitored resources."""

    configuration: Configuration
    api_id: str
    functions: Mapping[str, str]
    tables: Mapping[str, str]

    def own(self, id_: str, metric: str) -> Series:
        """Return a metric that the functions write."""
        dimensions = {DIMENSION: self.configuration.service}
        return Series(id=id_, namespace=NAMESPACE, metric=metric, dimensions=dimensions)

    def api(self, id_: str, metric: str) -> Series:
        """Return a metric of the API's only stage."""
        dimensions = {"ApiId": self.api_id, "Stage": "$default"}
        return Series(id=id_, namespace="AWS/ApiGateway", metric=metric, dimensions=dimensions)

    def function(self, id_: str, metric: str, name: str) -> Series:
        """Return a metric of a function, across its versions."""
        return Series(id=id_, namespace="AWS/Lambda", metric=metric, dimensions={"FunctionName": self.functions[name]})

    def table(self, id_: str, metric: str, name: str) -> Series:
        """Return a metric of a table."""
        return Series(id=id_, namespace="AWS/DynamoDB", metric=metric, dimensions={"TableName": self.tables[name]})


def alarm_specs(
    configuration: Configuration,
    *,
    api_id: str,
    functions: Mapping[str, str],
    tables: Mapping[str, str],
    logouts: tuple[str, str] | None = None,
) -> tuple[AlarmSpec, ...]:
    """Return every alarm of a deployment; `logouts` are the names of the first and the dead-letter queue, if any."""
    watched = _Watched(configuration=configuration, api_id=api_id, functions=functions, tables=tables)
    rotation = configuration.key_rotation_days + _KEY_SLACK
    deciding = [name for name in tables if name != COUNTS.name]  # a request never fails for its counts
    serving = [name for name in functions if name not in ("authorizer", "rotate_keys")]
    return (
        AlarmSpec(
            name="server-errors",
            meaning="More than 1 % of the requests of five minutes, and at least 5, were answered with 5xx.",
            series=(watched.api("errors", "5xx"), watched.api("requests", "Count")),
            expression=_share("errors", "requests", least="errors >= 5"),
            threshold=1,
            comparison=ABOVE,
        ),
        *_parts(
            "function-errors",
            "A function broke off: it ran out of time or memory, or could not start.",
            [watched.function(f"m{n}", "Errors", name) for n, name in enumerate(serving)],
        ),
        *_parts(
            "function-throttles",
            "Lambda refused to start a function: its reserved concurrency or the account's is used up.",
            [watched.function(f"m{n}", "Throttles", name) for n, name in enumerate(functions)],
        ),
        *_parts(
            "table-throttles",
            "DynamoDB refused reads or writes of a table for their number.",
            [
                watched.table(f"{kind.lower()}{n}", f"{kind}ThrottleEvents", name)
                for kind in ("Read", "Write")
                for n, name in enumerate(deciding)
            ],
        ),
        AlarmSpec(
            name="authorizer-errors",
            meaning="5 times in five minutes the authorizer could not decide: it broke off, or its feed is too old.",
            series=(watched.function("broken", "Errors", "authorizer"), watched.own("failed", "AuthorizerFailed")),
            expression="FILL(broken, 0) + FILL(failed, 0)",
            threshold=5,
        ),
        AlarmSpec(
            name="token-errors",
            meaning="More than half of at least 50 token requests of five minutes were refused, three times in a row.",
            series=(watched.own("refused", "TokenErrors"), watched.own("issued", "TokensIssued")),
            expression=_share("refused", "(refused + FILL(issued, 0))", least="refused + FILL(issued, 0) >= 50"),
            threshold=50,
            comparison=ABOVE,
            periods=3,
        ),
        AlarmSpec(
            name="sign-in-failures",
            meaning="More than half of at least 50 sign-ins of five minutes failed.",
            series=(watched.own("failed", "SignInFailures"), watched.own("entered", "SignIns")),
            expression=_share("failed", "(failed + FILL(entered, 0))", least="failed + FILL(entered, 0) >= 50"),
            threshold=50,
            comparison=ABOVE,
        ),
        AlarmSpec(
            name="key-age",
            meaning=f"Tokens are signed with a key that is older than {rotation} days: rotation does not happen.",
            series=(replace(watched.own("age", "KeyAge"), statistic="Maximum", period=HOUR),),
            expression="age",
            threshold=rotation,
            comparison=ABOVE,
        ),
        AlarmSpec(
            name="rotation-failed",
            meaning="A step of a key rotation failed.",
            series=(watched.function("errors", "Errors", "rotate_keys"),),
            expression="errors",
            threshold=1,
        ),
        AlarmSpec(
            name="audit-lost",
            meaning="Something was done that could not be written to the audit list.",
            series=(watched.own("lost", "AuditLost"),),
            expression="lost",
            threshold=1,
        ),
        AlarmSpec(
            name="mail-lost",
            meaning="A mail about an account could not be sent: a link to a new password, or that the address changed.",
            series=(watched.own("lost", "MailLost"),),
            expression="lost",
            threshold=1,
        ),
        AlarmSpec(
            name="hour-used-up",
            meaning="Three quarters of an hour's registrations, or of its fetches for unknown apps, are used up.",
            series=(watched.own("refused", "HoursNearlyUsedUp"),),
            expression="refused",
            threshold=1,
        ),
        AlarmSpec(
            name="feed-growth",
            meaning=f"{_MOST_WRITTEN} entries or more were written to the feed of revocations in five minutes.",
            series=(watched.own("written", "FeedEntries"),),
            expression="written",
            threshold=_MOST_WRITTEN,
        ),
        AlarmSpec(
            name="feed-size",
            meaning=f"A container that started had to read {_MOST_READ:,} revocations or more one by one.",
            series=(replace(watched.own("size", "FeedSize"), statistic="Maximum"),),
            expression="size",
            threshold=_MOST_READ,
        ),
        *((_logouts_late(logouts[0]), _logouts_lost(watched, logouts[1])) if logouts else ()),
    )


def _logouts_late(queue: str) -> AlarmSpec:
    waiting = Series(
        id="age",
        namespace="AWS/SQS",
        metric="ApproximateAgeOfOldestMessage",
        dimensions={"QueueName": queue},
        statistic="Maximum",
    )
    return AlarmSpec(
        name="logouts-late",
        meaning=f"An end of a session, or a first notice to an app, waited for {_LATE // 60} minutes in its queue.",
        series=(waiting,),
        expression="age",
        threshold=_LATE,
    )


def _logouts_lost(watched: _Watched, untold: str) -> AlarmSpec:
    waiting = Series(
        id="untold",
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": untold},
        statistic="Maximum",
    )
    return AlarmSpec(
        name="logouts-lost",
        meaning="An app could not be told that a session ended, or the end could not be announced.",
        series=(waiting, watched.own("lost", "LogoutsNotAnnounced")),
        expression="FILL(untold, 0) + FILL(lost, 0)",
        threshold=1,
    )


def _share(part: str, whole: str, *, least: str) -> str:
    """Return the percentage of `part` in `whole`, 0 unless `least` holds."""
    return f"IF({least}, 100 * {part} / {whole}, 0)"


def _parts(name: str, meaning: str, series: Sequence[Series]) -> tuple[AlarmSpec, ...]:
    """Return one alarm for every ten series, which rings if their sum is at least 1."""
    pieces = [tuple(series[start : start + MOST_SERIES]) for start in range(0, len(series), MOST_SERIES)]
    return tuple(
        AlarmSpec(
            name=name,
            meaning=meaning,
            series=piece,
            expression=" + ".join(f"FILL({each.id}, 0)" for each in piece),
            threshold=1,
            part=number if len(pieces) > 1 else 0,
        )
        for number, piece in enumerate(pieces, start=1)
    )
