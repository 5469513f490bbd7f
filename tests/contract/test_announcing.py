"""Each end of sessions is announced before it happens, and happens whether it can be announced or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from gatepost.accounts.removal import delete_user, sign_out_everywhere
from gatepost.authentication.sessions import current_user
from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.model.logout import SessionEnd, message_in
from gatepost.stores.dynamodb.announcing import AnnouncingStore
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.logout_queue import SQSLogoutQueue
from gatepost.stores.record_keys import SessionKey, UserKey
from tests.contract.records import GRANT, LOGIN, SESSION, SIGNED_INTO, USER
from tests.unit.world import NOW

URL = "https://sqs.us-east-1.amazonaws.com/000000000000/logouts"


@dataclass
class Sqs:
    """A client of SQS. It calls `seen` with each message, and fails with `error`."""

    seen: Callable[[SessionEnd], None] = lambda end: None
    error: Exception | None = None
    sent: list[dict[str, Any]] = field(default_factory=list)

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        assert operation == "SendMessage"
        message = message_in(request["MessageBody"])
        assert isinstance(message, SessionEnd)
        self.seen(message)
        if self.error:
            raise self.error
        self.sent.append(dict(request))
        return {"MessageId": "m"}

    @property
    def ends(self) -> list[SessionEnd]:
        found = [message_in(each["MessageBody"]) for each in self.sent]
        return [each for each in found if isinstance(each, SessionEnd)]


@pytest.fixture
def sqs() -> Sqs:
    return Sqs()


@pytest.fixture
def store(local_store: DynamoDBStore, sqs: Sqs) -> AnnouncingStore:
    """The store of a function that ends sessions, with alice, her session and its sign-in to an app."""
    client, names = local_store._tables.client, local_store._tables.names
    made = AnnouncingStore(client, names, clock=lambda: NOW + 0.5014, queue=SQSLogoutQueue(sqs, URL))
    made.create_user(USER, LOGIN)
    made.start_session(SESSION)
    made.approve(GRANT, user=USER, code=None, approval=None, signed_into=SIGNED_INTO)
    return made


END = SessionEnd(user_id="alice-id", at=NOW + 0.501)
ENDS: dict[str, tuple[Callable[[AnnouncingStore], object], SessionEnd]] = {
    "one session": (lambda store: store.end_session("alice-id", "s1"), END._replace(session_hash="s1")),
    "every session": (
        lambda store: store.void_sessions("alice-id", sessions_valid_from=NOW + 1), END._replace(valid_from=NOW + 1)
    ),
    "another password": (
        lambda store: store.change_password(USER, "$2b$04$new", sessions_valid_from=NOW + 1),
        END._replace(valid_from=NOW + 1),
    ),
    "a deactivation": (
        lambda store: store.deactivate_user(USER, valid_from=NOW + 1, revocation=None, besides=None),
        END._replace(valid_from=NOW + 1),
    ),
    "a deletion": (
        lambda store: store.begin_deletion(USER, valid_from=NOW, revocation=None, besides=None), END
    ),
}  # fmt: skip
End = Callable[[AnnouncingStore], object]
EACH = pytest.mark.parametrize(("end", "announced"), ENDS.values(), ids=ENDS)


def stands(store: AnnouncingStore) -> bool:
    session, user = store.read(SessionKey("alice-id", "s1"), UserKey("alice-id"))
    return session is not None and current_user(session, user, NOW) is not None


@EACH
def test_s340_an_end_is_announced_before_it(store: AnnouncingStore, sqs: Sqs, end: End, announced: SessionEnd) -> None:
    stood: list[bool] = []
    sqs.seen = lambda message: stood.append(stands(store))

    end(store)

    assert stood == [True]
    assert sqs.ends == [announced]
    assert (sqs.sent[0]["QueueUrl"], sqs.sent[0]["DelaySeconds"]) == (URL, 1)
    assert not stands(store)
    assert store.sign_ins_of("alice-id")[1] == [SIGNED_INTO]


@EACH
@pytest.mark.parametrize("error", [Refusal("AccessDenied"), NoAnswer("ReadTimeout")])
def test_s342_what_can_not_be_announced_ends_nevertheless(
    store: AnnouncingStore,
    sqs: Sqs,
    capsys: pytest.CaptureFixture[str],
    end: End,
    announced: SessionEnd,
    error: Exception,
) -> None:
    sqs.error = error

    end(store)

    assert not stands(store)
    assert store.sign_ins_of("alice-id")[1] == [SIGNED_INTO]
    line = json.loads(capsys.readouterr().out)
    assert (line["message"], line["level"], line["user_id"]) == ("logout.not_announced", "ERROR", "alice-id")
    assert line["reason"] == f"SQS: {error}"
    assert line["LogoutsNotAnnounced"] == 1


def test_s340_who_breaks_off_has_announced(store: AnnouncingStore, sqs: Sqs, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store._tables, "delete", broken)
    with pytest.raises(KeyboardInterrupt):
        store.end_session("alice-id", "s1")

    assert sqs.ends == [END._replace(session_hash="s1")]
    assert stands(store)


@pytest.mark.parametrize(
    ("end", "announced"), [(sign_out_everywhere, END._replace(valid_from=NOW + 1)), (delete_user, END)]
)
def test_signing_out_everywhere_or_for_good_is_one_announcement_and_leaves_the_sign_ins_to_who_tells_the_apps(
    store: AnnouncingStore, sqs: Sqs, end: Callable[..., object], announced: SessionEnd
) -> None:
    end(store, USER, now=NOW)

    assert sqs.ends == [announced]
    assert store.sign_ins_of("alice-id") == ([], [SIGNED_INTO])
