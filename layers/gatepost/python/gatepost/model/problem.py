"""The record of the problems of apps."""

from __future__ import annotations

from dataclasses import dataclass

from gatepost.identifiers import digest

SLOTS = 4  # problems of one reason that an app has at most, of each kind of sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Refused requests of an app for one reason, for its owner: the last one, and how many there were.

    No value of it is a secret. `proven` ones were sent by the app itself, which had authenticated, or by its owner;
    all others may have been sent by anybody who knows its client_id, and are apart from those.
    """

    client_id: str
    endpoint: str
    error: str
    reason: str  # one of gatepost.clients.refused_requests
    detail: str = ""  # what was sent, as `errors.quoted` has it
    proven: bool = False
    times: int
    first_at: int
    last_at: int
    expires_at: int

    @property
    def slot(self) -> str:
        """The place of a problem among those of its app: four for each reason, so that their number is bounded."""
        place = ord(digest(f"{self.endpoint} {self.error} {self.detail}")[0]) % SLOTS
        return f"{'proven' if self.proven else 'anybody'}#{digest(self.reason)[:12]}#{place}"
