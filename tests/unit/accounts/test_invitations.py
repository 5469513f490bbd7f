"""Invitations: what is stored before they are accepted, and the account afterwards."""

from __future__ import annotations

import pytest

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.invitations import accept, invite
from gatepost.accounts.links import living_link
from gatepost.accounts.recovery import send_reset
from gatepost.errors import Conflict
from gatepost.mail.messages import Mail
from gatepost.model.records import Login, User
from gatepost.stores.record_keys import EmailKey
from tests.fakes import MemoryStore
from tests.unit.world import NOW, SETTINGS

BOSS = User(user_id="boss-id", user_name="boss", email="boss@example.test", status="active", created_at=NOW)
APPROVING = SETTINGS._replace(registration="approval", bcrypt_cost=4)
PASSWORD = "three unrelated words"


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> None:
        self.mails.append(mail)


def invited(user_name: str = "Dora", email: str = "Dora@example.test") -> tuple[MemoryStore, Mail, str]:
    store, mailbox = MemoryStore(), Mailbox()
    store.create_user(BOSS._replace(email_confirmed=True), Login(user_id="boss-id", password_hash="h"))
    invite(store, SETTINGS, mailbox, user_name=user_name, email=email, by=BOSS, now=NOW)
    (mail,) = mailbox.mails
    return store, mail, mail.text.partition("token=")[2].split()[0]


def test_an_invitation_says_who_invites_and_is_good_for_a_week() -> None:
    store, mail, token = invited()

    assert (mail.to, mail.text.startswith("boss, an administrator of")) == ("Dora@example.test", True)
    assert living_link(store, token, "invite", now=NOW + 7 * 86400 - 1) is not None
    assert living_link(store, token, "invite", now=NOW + 7 * 86400) is None
    assert store.users("dora", cursor=None, limit=1).items == []


def test_its_account_is_active_with_a_confirmed_address_once() -> None:
    store, _, token = invited()
    link = living_link(store, token, "invite", now=NOW)
    assert link is not None
    with pytest.raises(InvalidAccount, match="new_password"):
        accept(store, APPROVING, link, "short", now=NOW)

    user = accept(store, APPROVING, link, PASSWORD, now=NOW + 5)

    assert (user.status, user.email, user.email_confirmed, user.role) == ("active", link.email, True, "user")
    assert store.read(EmailKey("dora@example.test")) != (None,)
    with pytest.raises((Conflict, InvalidAccount)):
        accept(store, APPROVING, link, PASSWORD, now=NOW + 6)


@pytest.mark.parametrize(
    ("user_name", "email", "field"),
    [
        ("dora", "", "email"),
        ("dora", "no address", "email"),
        ("a b", "dora@example.test", "user_name"),
        ("BOSS", "dora@example.test", "user_name"),
        ("dora", "BOSS@example.test", "email"),
    ],
)
def test_no_invitation_is_mailed_for_what_can_not_become_an_account(user_name: str, email: str, field: str) -> None:
    with pytest.raises(InvalidAccount) as refused:
        invited(user_name, email)
    assert list(refused.value.faults) == [field]


@pytest.mark.parametrize("changes", [{"email_confirmed": False}, {"email_confirmed": True, "status": "deactivated"}])
def test_a_reset_goes_only_to_the_confirmed_address_of_an_active_account(changes: dict[str, object]) -> None:
    mailbox = Mailbox()
    with pytest.raises(InvalidAccount):
        send_reset(MemoryStore(), SETTINGS, mailbox, BOSS._replace(**changes), now=NOW)  # type: ignore[arg-type]
    assert mailbox.mails == []
