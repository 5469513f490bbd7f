"""The record of the problems of apps."""

from __future__ import annotations

from typing import NamedTuple

from gatepost.identifiers import digest
from gatepost.model.counts import DAY


class Problem(NamedTuple):
    """Requests of an app with the same fault on one day (UTC), for its owner: the last one, and how many there were.

    No value of it is a secret. `proven` ones were sent by the app itself, which had authenticated or holds a code, or
    by its owner; all others may have been sent by anybody who knows its client_id, and are apart from those. A record
    of an older release is of several days.
    """

    client_id: str
    endpoint: str
    error: str  # "" if the request was not refused, but a part of it ignored
    reason: str  # one of gatepost.clients.refusal_reasons
    times: int
    first_at: int
    last_at: int
    expires_at: int
    detail: str = ""  # what was sent, as `quoting.quoted` has it
    proven: bool = False

    @property
    def kind(self) -> tuple[object, ...]:
        """Problems that are equal in this are counted as one. Each part has few possible values."""
        return self.proven, self.endpoint, self.error, self.reason

    @property
    def slot(self) -> str:
        """The place of a problem among those of its app: one for each kind and day, so that their number is bounded."""
        kind = digest(f"{self.endpoint} {self.error} {self.reason}")[:16]
        return f"{'proven' if self.proven else 'anybody'}#{kind}#{self.last_at // DAY}"
