"""`make resend-logouts`: announces once more the ends of sessions that apps were not told of."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from gatepost.model.logout import SessionEnd
from gatepost.oidc.logout_notices import LONGEST_WAIT, owed
from gatepost.stores.record_keys import UserKey
from infra.tools.operator.command import parser, run
from infra.tools.operator.items import scan
from infra.tools.operator.target import Target

_READ = ("user_id", "sk")


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; the result is one sentence."""
    options = parser("resend-logouts").parse_args(arguments)
    return run(options, lambda target: resent(target, now=time.time()))


def resent(target: Target, *, now: float) -> str:
    """Announce for each user who owes an app a logout; say for how many. Raises NotPossible.

    What has just ended is announced by whoever ended it as well, and to be told twice does no harm.
    """
    queue, count = target.logouts, 0
    for user_id in _owing(target, now):
        queue.send(SessionEnd(user_id=user_id, at=now - LONGEST_WAIT))
        count += 1
    return f"{count:,} users have sessions that ended and apps that were not told: they are told now."


def _owing(target: Target, now: float) -> Iterator[str]:
    """Yield the users with a sign-in to an app whose session has ended; the table is read from end to end."""
    found: Iterator[Mapping[str, Any]] = scan(target.client("dynamodb"), target.tables["sessions"], attributes=_READ)
    for user_id in sorted({item["user_id"]["S"] for item in found if item["sk"]["S"].startswith("app#")}):
        (user,) = target.store.read(UserKey(user_id))
        sessions, sign_ins = target.store.sign_ins_of(user_id)
        if owed(user, sessions, sign_ins, now):
            yield user_id


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
