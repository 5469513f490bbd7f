"""Mails about what was done with an account."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import pytest

from gatepost.accounts.notices import tell_deleted, tell_password_changed
from gatepost.errors import TemporarilyUnavailable
from gatepost.mail.messages import Mail
from gatepost.model.records import User
from tests.fakes import MemoryStore
from tests.unit.world import ISSUER, NOW, SETTINGS

BOB = User(
    user_id="bob-id", user_name="Bob", email="bob@example.test", email_confirmed=True, status="active", created_at=NOW
)
BY = "Chrome on Linux at 192.0.2.7"


@dataclass
class Mailer:
    sent: list[Mail] = field(default_factory=list)
    broken: bool = False

    def send(self, mail: Mail) -> None:
        if self.broken:
            raise TemporarilyUnavailable("the mail could not be sent", reason="a test")
        self.sent.append(mail)


def changed(mailer: Mailer | None, user: User = BOB, *, store: MemoryStore | None = None, now: float = NOW) -> None:
    tell_password_changed(store or MemoryStore(), SETTINGS, mailer, user, by=BY, now=now)


def test_s183_a_changed_password_is_told_with_when_where_and_what_to_do() -> None:
    mailer = Mailer()

    changed(mailer)

    (mail,) = mailer.sent
    assert (mail.to, mail.subject) == ("bob@example.test", "Gatepost: Your password was changed")
    for part in ("account Bob", "2027-01-15 at 08:00 UTC", BY, "If it was not, choose a new password"):
        assert part in mail.text
    assert re.findall(r"https?://\S+", mail.text) == [f"{ISSUER}/developer/forgotten"]


def test_a_deleted_account_is_said_goodbye_to() -> None:
    mailer = Mailer()

    tell_deleted(replace(SETTINGS, support_contact="help@example.test"), mailer, BOB, by=BY, now=NOW)

    (mail,) = mailer.sent
    assert (mail.to, mail.subject) == ("bob@example.test", "Gatepost: Your account was deleted")
    for part in ("account Bob", BY, "This can't be undone.", "Tell help@example.test.", "Goodbye"):
        assert part in mail.text


@pytest.mark.parametrize("user", [replace(BOB, email_confirmed=False), replace(BOB, email="", email_confirmed=False)])
def test_s183_an_address_that_nobody_confirmed_is_told_nothing(user: User) -> None:
    mailer = Mailer()

    changed(mailer, user)
    tell_deleted(SETTINGS, mailer, user, by=BY, now=NOW)

    assert mailer.sent == []


def test_s183_a_mail_that_is_not_taken_undoes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    changed(Mailer(broken=True))
    tell_deleted(SETTINGS, Mailer(broken=True), BOB, by=BY, now=NOW)
    changed(None)
    tell_deleted(SETTINGS, None, BOB, by=BY, now=NOW)

    assert capsys.readouterr().out.count("account.mail_not_sent") == 2


def test_s183_notices_of_an_hour_are_counted_by_address_alone() -> None:
    mailer, store = Mailer(), MemoryStore()

    for _ in range(SETTINGS.mails_per_address + 3):
        changed(mailer, store=store)
    assert len(mailer.sent) == SETTINGS.mails_per_address
    changed(mailer, replace(BOB, email="carol@example.test"), store=store)
    changed(mailer, store=store, now=NOW + 3601)

    assert len(mailer.sent) == SETTINGS.mails_per_address + 2
