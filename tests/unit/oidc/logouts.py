"""Other people's servers that are told of a logout, and the queues of what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatepost.errors import TemporarilyUnavailable
from gatepost.model.fetching import Fetched, Outcome
from gatepost.model.logout import LogoutNotice, Message
from gatepost.oidc.telling_apps import Receipt, Telling, conclude, request_for
from gatepost.stores.ports.logouts import LogoutQueues
from tests.unit.world import ALICE, WEB, World

URI = "https://client.example.test/logout"
NOTICE = LogoutNotice(user_id=ALICE.user_id, session_id="sid-1", client_id=WEB)
FIRST, SLOW = Receipt(slow=False, attempt=1), Receipt(slow=True, attempt=1)


@dataclass
class Queue:
    """A queue that keeps what was sent, with its delay; it takes `room` messages."""

    sent: list[tuple[Message, int | None]] = field(default_factory=list)
    room: int = 99

    def send(self, message: Message, *, delay: int | None = 0) -> None:
        if len(self.sent) == self.room:
            raise TemporarilyUnavailable("try again")
        self.sent.append((message, delay))


def prepared(
    world: World, now: float, notice: LogoutNotice = NOTICE, receipt: Receipt = FIRST, slow: Queue | None = None
) -> Telling | None:
    """Return the request of a notice, which only `slow` may take."""
    return request_for(world.server, LogoutQueues(Queue(room=0), slow or Queue(room=0)), notice, receipt, now)


def told(
    world: World, outcome: Outcome | int, now: float, notice: LogoutNotice = NOTICE, receipt: Receipt = FIRST
) -> Telling:
    """Send a notice, which ends as `outcome` says."""
    telling = prepared(world, now, notice, receipt)
    assert telling is not None
    if isinstance(outcome, int):
        outcome = Fetched(status=outcome, content_type="", cache_control="", body="")
    conclude(world.server, telling, outcome, now)
    return telling
