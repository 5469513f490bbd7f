"""Port for the queues of logouts."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from gatepost.model.logout import Message


class LogoutQueue(Protocol):
    """Messages, each delivered at least once, in any order."""

    def send(self, message: Message, *, delay: int | None = 0) -> None:
        """Queue a message, which is delivered `delay` seconds later at the earliest. Raises TemporarilyUnavailable.

        None is the queue's own delay: that of a retry.
        """


class LogoutQueues(NamedTuple):
    """Two queues: nothing that may be slow stays in the first."""

    first: LogoutQueue  # announced ends, and first notices to apps that somebody vouches for
    slow: LogoutQueue  # retries, strangers' apps, and those of owners whose apps failed lately
