"""One-time links, and their mails."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from gatepost.accounts.links import LINK_LIFETIME, living_link, new_link
from gatepost.identifiers import digest, new_secret
from gatepost.mail.messages import Mail, address_mail, known_address_mail, registration_mail, reset_mail
from gatepost.model.links import Link, LinkKind
from gatepost.stores.record_keys import LinkKey
from tests.fakes import MemoryStore
from tests.unit.world import ISSUER, NOW, SETTINGS

KINDS: tuple[LinkKind, ...] = ("register", "email", "reset")
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

    token = new_link(
        store, "register", user_name="Bob", email="bob@example.test", password_hash="$2b$04$h", now=NOW + 0.5
    )

    assert len(token) == 43
    expected = Link(
        link_hash=digest(token),
        kind="register",
        user_id="",
        user_name="Bob",
        email="bob@example.test",
        password_hash="$2b$04$h",
        expires_at=NOW + 3600,
    )
    assert store.read(LinkKey(digest(token))) == (expected,)
    assert LINK_LIFETIME == 3600


def test_no_token_comes_twice() -> None:
    store = MemoryStore()

    assert len({link(store) for _ in range(100)}) == 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_says_what_it_was_sent_for(kind: LinkKind) -> None:
    store = MemoryStore()
    token = link(store, kind)

    found = living_link(store, token, *KINDS, now=NOW + 1)

    assert found is not None
    assert (found.kind, found.user_id, found.user_name, found.email) == (kind, "bob-id", "Bob", "bob@example.test")


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_does_only_what_it_was_sent_for(kind: LinkKind) -> None:
    store = MemoryStore()
    others = [other for other in KINDS if other != kind]

    assert living_link(store, link(store, kind), *others, now=NOW) is None
    assert living_link(store, link(store, kind), now=NOW) is None
    assert living_link(store, link(store, kind), kind, now=NOW) is not None


@pytest.mark.parametrize(("after", "good"), [(0.0, True), (3599.9, True), (3600, False), (10**6, False)])
def test_s111_a_link_is_good_for_one_hour(after: float, good: bool) -> None:
    store = MemoryStore()

    assert (living_link(store, link(store), "reset", now=NOW + after) is not None) is good


@pytest.mark.parametrize("change", [str.swapcase, digest, lambda token: token[:-1], lambda token: token + "A"])
def test_a_token_that_nobody_was_sent_finds_nothing(change: Callable[[str], str]) -> None:
    store = MemoryStore()
    token = link(store)

    assert living_link(store, change(token), *KINDS, now=NOW) is None
    assert living_link(store, "", *KINDS, now=NOW) is None
    assert living_link(store, token, *KINDS, now=NOW) is not None


# Mails


@every_mail
def test_a_mail_goes_to_its_address_and_says_who_writes(make: Callable[[], Mail]) -> None:
    mail = make()

    assert mail.to == "bob@example.test"
    assert mail.subject.startswith("Gatepost: ")
    assert "\n" not in mail.subject
    assert re.search(
        r"\n\nIf (this was not you, ignore this mail\.|you did not ask for this, do nothing:) .+\.\n$", mail.text
    )


@every_mail
def test_every_link_leads_to_this_server(make: Callable[[], Mail]) -> None:
    links = re.findall(r"\w+://\S+", make().text)

    assert links
    assert all(found.startswith(f"{ISSUER}/developer/") for found in links)


@pytest.mark.parametrize(("name", "path"), [("registration", "confirm"), ("address", "confirm"), ("reset", "reset")])
def test_a_link_stands_alone_on_its_line_and_says_how_long_it_is_good(name: str, path: str) -> None:
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
def test_s350_a_mail_to_confirm_names_the_account_the_effect_and_that_nothing_happens_without_its_reader(
    name: str, effect: str, otherwise: str
) -> None:
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


def test_no_mail_carries_a_password_or_what_is_kept_of_one() -> None:
    store = MemoryStore()
    token = new_link(store, "register", user_name="Bob", email="b@example.test", password_hash="$2b$04$h", now=NOW)
    (kept,) = store.read(LinkKey(digest(token)))
    assert kept is not None

    for mail in [registration_mail(SETTINGS, "Bob", kept.email, token), *(make() for make in MAILS.values())]:
        assert "$2b$" not in mail.text
        assert kept.link_hash not in mail.text


def test_the_name_of_the_service_stands_in_the_subject() -> None:
    settings = replace(SETTINGS, service_name="Example ID")

    registered, changed = (make(settings, "Bob", "b@example.test", TOKEN) for make in (registration_mail, address_mail))
    assert (registered.subject, changed.subject) == (
        "Example ID: Create the account Bob?",
        "Example ID: Is this the address of Bob?",
    )
    assert reset_mail(settings, "b@example.test", "Bob", TOKEN).subject == "Example ID: Choose a new password"
