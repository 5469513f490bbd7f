"""One-time links and their mails, and mails about what was done with an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from gatepost.accounts.links import living_link, new_link
from gatepost.accounts.notices import tell_deleted, tell_password_changed
from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import digest, new_secret
from gatepost.mail.messages import Mail, address_mail, known_address_mail, registration_mail, reset_mail
from gatepost.model.links import Link, LinkKind
from gatepost.model.records import User
from gatepost.stores.record_keys import LinkKey
from tests.fakes import MemoryStore
from tests.unit.world import ISSUER, NOW, SETTINGS

KINDS: tuple[LinkKind, ...] = ("register", "email", "reset", "invite")
TOKEN = new_secret()
MAILS: dict[str, Callable[[], Mail]] = {
    "registration": lambda: registration_mail(SETTINGS, "Bob", "bob@example.test", TOKEN),
    "address": lambda: address_mail(SETTINGS, "Bob", "bob@example.test", TOKEN),
    "reset": lambda: reset_mail(SETTINGS, "bob@example.test", "Bob", TOKEN),
    "known address": lambda: known_address_mail(SETTINGS, "bob@example.test", "Bob"),
}
every_mail = pytest.mark.parametrize("make", MAILS.values(), ids=MAILS)


def link(store: MemoryStore, kind: LinkKind = "reset") -> str:
    return new_link(store, kind, user_id="bob-id", user_name="Bob", email="bob@example.test", now=NOW + 0.5)


# Links


def test_s105_a_link_is_kept_under_the_hash_of_its_token_for_an_hour() -> None:
    store = MemoryStore()

    about: dict[str, Any] = {"user_name": "Bob", "email": "bob@example.test", "password_hash": "$2b$04$h"}

    token = new_link(store, "register", **about, now=NOW + 0.5)

    assert len(token) == 43
    expected = Link(link_hash=digest(token), kind="register", user_id="", **about, expires_at=NOW + 3600)
    assert store.read(LinkKey(digest(token))) == (expected,)


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_says_and_does_only_what_it_was_sent_for(kind: LinkKind) -> None:
    store = MemoryStore()
    others = [other for other in KINDS if other != kind]
    token = link(store, kind)

    assert living_link(store, token, *others, now=NOW) is None
    assert living_link(store, token, now=NOW) is None
    found = living_link(store, token, *KINDS, now=NOW + 1)
    assert found is not None
    assert (found.kind, found.user_id, found.user_name, found.email) == (kind, "bob-id", "Bob", "bob@example.test")
    assert link(store, kind) != token


def test_s111_a_link_is_good_for_one_hour() -> None:
    store = MemoryStore()
    token = link(store)

    assert living_link(store, token, "reset", now=NOW + 3599.9) is not None
    assert living_link(store, token, "reset", now=NOW + 3600) is None


@pytest.mark.parametrize("change", [str.swapcase, digest, lambda token: token[:-1], lambda token: token + "A"])
def test_a_token_that_nobody_was_sent_finds_nothing(change: Callable[[str], str]) -> None:
    store = MemoryStore()
    token = link(store)

    assert living_link(store, change(token), *KINDS, now=NOW) is None
    assert living_link(store, "", *KINDS, now=NOW) is None
    assert living_link(store, token, *KINDS, now=NOW) is not None


# Mails


@every_mail
def test_a_mail_goes_to_its_address_says_who_writes_and_leads_to_this_server(make: Callable[[], Mail]) -> None:
    mail = make()
    links = re.findall(r"\w+://\S+", mail.text)

    assert links
    assert all(found.startswith(f"{ISSUER}/developer/") for found in links)
    assert mail.to == "bob@example.test"
    assert mail.subject.startswith("Gatepost: ")
    assert "\n" not in mail.subject
    assert re.search(
        r"\n\nIf (this was not you, ignore this mail\.|you did not ask for this, do nothing:) .+\.\n$", mail.text
    )


def test_a_link_stands_alone_on_its_line_and_says_how_long_it_is_good() -> None:
    for name, path in (("registration", "confirm"), ("address", "confirm"), ("reset", "reset")):
        text = MAILS[name]().text
        assert f"\n\n{ISSUER}/developer/{path}?token={TOKEN}\n\n" in text
        assert "within one hour" in text


@pytest.mark.parametrize(
    ("name", "effect", "otherwise"),
    [
        ("registration", "To create the account with this address", "the account will not be created"),
        ("address", "asked to make this its e-mail address", "the account will not get this address"),
    ],
)
def test_s350_a_mail_to_confirm_names_account_and_effect(name: str, effect: str, otherwise: str) -> None:
    mail = MAILS[name]()

    assert "Bob" in mail.subject
    assert "account Bob at Gatepost" in mail.text
    assert effect in mail.text
    assert f"do nothing: {otherwise}" in mail.text


def test_who_has_an_account_already_is_told_its_name_and_gets_no_link_that_does_anything() -> None:
    text = MAILS["known address"]().text

    assert "You already have one: Bob." in text
    assert "token" not in text
    assert f"{ISSUER}/developer/login\n" in text
    assert f"{ISSUER}/developer/forgotten\n" in text


def test_the_name_of_the_service_stands_in_the_subject() -> None:
    settings = SETTINGS._replace(service_name="Example ID")

    registered, changed = (make(settings, "Bob", "b@example.test", TOKEN) for make in (registration_mail, address_mail))
    assert (registered.subject, changed.subject) == (
        "Example ID: Create the account Bob?",
        "Example ID: Is this the address of Bob?",
    )
    assert reset_mail(settings, "b@example.test", "Bob", TOKEN).subject == "Example ID: Choose a new password"


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

    tell_deleted(SETTINGS._replace(support_contact="help@example.test"), mailer, BOB, by=BY, now=NOW)

    (mail,) = mailer.sent
    assert (mail.to, mail.subject) == ("bob@example.test", "Gatepost: Your account was deleted")
    for part in ("account Bob", BY, "This can't be undone.", "Tell help@example.test.", "Goodbye"):
        assert part in mail.text


@pytest.mark.parametrize("user", [BOB._replace(email_confirmed=False), BOB._replace(email="", email_confirmed=False)])
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
    changed(mailer, BOB._replace(email="carol@example.test"), store=store)
    changed(mailer, store=store, now=NOW + 3601)

    assert len(mailer.sent) == SETTINGS.mails_per_address + 2
