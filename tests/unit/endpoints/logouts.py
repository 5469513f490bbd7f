"""Other people's servers that are told of a logout."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatepost.model.fetching import Fetched, Outbound
from gatepost.model.logout import LogoutNotice
from tests.unit.world import ALICE, WEB

URI = "https://client.example.test/logout"
NOTICE = LogoutNotice(user_id=ALICE.user_id, session_id="sid-1", client_id=WEB)


@dataclass
class Answering:
    """Other people's servers, which answer with a status or an error."""

    answer: int | Exception = 200
    requests: list[Outbound] = field(default_factory=list)

    def fetch(self, outbound: Outbound) -> Fetched:
        self.requests.append(outbound)
        if isinstance(self.answer, Exception):
            raise self.answer
        return Fetched(status=self.answer, content_type="", cache_control="", body="")
