"""Port for the queue of logouts."""

from __future__ import annotations

from typing import Protocol

from gatepost.model.logout import Message


class LogoutQueue(Protocol):
    """Messages, each delivered at least once, in any order."""

    def send(self, message: Message, *, delay: int = 0) -> None:
        """Queue a message, which is delivered `delay` seconds later at the earliest. Raises TemporarilyUnavailable."""
