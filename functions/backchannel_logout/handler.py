"""The queues of logouts: sessions that end, and the apps to tell of it (OpenID Connect Back-Channel Logout)."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gatepost.errors import OAuthError
from gatepost.http.entry_point import facts_of, quietly, tell
from gatepost.model.fetching import Outcome
from gatepost.model.logout import LogoutNotice, Message, message_in
from gatepost.observability.log import note
from gatepost.oidc.logout_notices import announce_to_apps
from gatepost.oidc.telling_apps import LogoutRefused, Receipt, Telling, conclude, request_for
from gatepost.runtime.fetching import fetcher
from gatepost.runtime.logouts import logout_queues
from gatepost.runtime.telling_owners import tell_owner
from gatepost.runtime.wiring import server
from gatepost.settings import SLOW_LOGOUT_QUEUE_VARIABLE


@quietly
def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Handle each message, and send what is to be sent at the same time; those that are returned come again."""
    deliveries = [Delivery(each) for each in event["Records"]]
    tellings = [(each, telling) for each in deliveries if (telling := each.begin())]
    outcomes = fetcher().fetch_each([telling.request for _, telling in tellings]) if tellings else ()
    for (each, telling), outcome in zip(tellings, outcomes, strict=True):
        each.end(telling, outcome)
    return {"batchItemFailures": [{"itemIdentifier": each.id} for each in deliveries if each.returned]}


class Delivery:
    """A message as a queue delivered it."""

    def __init__(self, record: dict[str, Any]) -> None:
        """Take the record of the event."""
        self.id: str = record["messageId"]
        self.returned = False
        slow = record["eventSourceARN"].rpartition(":")[2] == os.environ[SLOW_LOGOUT_QUEUE_VARIABLE].rpartition("/")[2]
        self._receipt = Receipt(slow=slow, attempt=int(record["attributes"]["ApproximateReceiveCount"]))
        self._text: str = record["body"]
        self._message: Message | None = None

    def begin(self) -> Telling | None:
        """Do all but send; return what is to be sent."""
        with self._failures():
            self._message = message_in(self._text)
            if isinstance(self._message, LogoutNotice):
                return request_for(server(), logout_queues(), self._message, self._receipt, time.time())
            announce_to_apps(server(), logout_queues(), self._message, time.time())
        return None

    def end(self, telling: Telling, outcome: Outcome) -> None:
        """Note what became of it."""
        with self._failures():
            conclude(server(), telling, outcome, time.time())

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (OAuthError, ValueError) as error:
            said: dict[str, object] = facts_of(error) if isinstance(error, OAuthError) else {"reason": str(error)}
            is_final = isinstance(error, LogoutRefused)
            queue, attempt = "slow" if self._receipt.slow else "first", str(self._receipt.attempt)
            facts = {"message_id": self.id, "queue": queue, "attempt": attempt, **said}
            note("logout.refused" if is_final else "logout.not_told", facts, failed=True)
            if isinstance(error, OAuthError):
                tell(tell_owner, "backchannel_logout", error, time.time())
            self.returned = not is_final and not self._set_aside()

    def _set_aside(self) -> bool:
        """Put a first notice into the queue of retries; return whether it is there."""
        if self._receipt.slow or not isinstance(self._message, LogoutNotice):
            return False
        try:
            logout_queues().slow.send(self._message, delay=None)
        except OAuthError as error:
            note("logout.not_set_aside", {"message_id": self.id, "reason": error.reason}, failed=True)
            return False
        return True
