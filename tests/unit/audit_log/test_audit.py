"""Entries of the audit log: what they say and for how long, changes among it, and no secret."""

from __future__ import annotations

import json
from typing import Any

from gatepost.audit_log.changes import Change, app_changes, changed, changes_of, kept_changes, limit_changes
from gatepost.audit_log.events import record
from gatepost.model.audit_entry import AuditEntry
from gatepost.scope import Scope
from gatepost.stores.dynamodb.codec import to_item
from tests.fakes import MemoryStore
from tests.unit.world import ALICE, CALLBACK, NOW, WEB, World

DAY = "2027-01-15"  # of NOW


class Written(MemoryStore):
    """A store that shows the entries written to the audit log."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[AuditEntry, int]] = []

    def record(self, entry: AuditEntry, *, keep_until: int) -> None:
        self.kept.append((entry, keep_until))


def test_an_entry_says_who_did_what_when_to_what_and_from_where(world: World) -> None:
    about: dict[str, Any] = {"client_id": WEB, "subject": "Web", "source_ip": "192.0.2.7"}
    for _ in range(2):
        record(world.store, world.settings, "app_approved", now=NOW + 0.25, actor=ALICE, **about)

    entry, other = world.store.entries(DAY, cursor=None, limit=9).items
    made: dict[str, Any] = {"entry_id": entry.entry_id, "salt": entry.salt}
    who: dict[str, Any] = {"actor": "alice-id", "actor_name": "alice"}
    assert entry == AuditEntry(at=NOW + 0.25, event="app_approved", **who, **about, **made)
    assert len(entry.entry_id) == 36
    assert entry.entry_id != other.entry_id


def test_where_nobody_is_signed_in_nobody_is_named(world: World) -> None:
    store = Written()

    record(store, world.settings, "sign_in_failed", now=NOW, source_ip="192.0.2.7", subject="alice")

    entry = store.kept[0][0]
    assert (entry.actor, entry.actor_name, entry.client_id, entry.subject) == ("", "", "", "alice")


def test_an_entry_is_kept_as_long_as_the_settings_say_and_a_long_subject_is_cut(world: World) -> None:
    world.set(audit_retention_days=3)
    store = Written()

    record(store, world.settings, "sign_in_failed", now=NOW + 0.9, source_ip="", subject="x" * 5000)

    ((entry, keep_until),) = store.kept
    assert (entry.subject, keep_until) == ("x" * 200, NOW + 3 * 86400)


def test_an_app_that_was_changed_says_from_what_to_what(world: World) -> None:
    before = world.web._replace(name="Web", redirect_uris=("https://a.test/cb", "https://b.test/cb"))
    after = before._replace(
        name="Shop",
        redirect_uris=("https://b.test/cb", "https://c.test/cb"),
        grant_types=("authorization_code",),
        scope=Scope.of("read"),
    )

    assert app_changes(before, after) == (
        ("name", "Web", "Shop"),
        ("redirect URI", "", "https://c.test/cb"),
        ("redirect URI", "https://a.test/cb", ""),
        ("grants", " ".join(before.grant_types), "authorization_code"),
        ("scopes", str(before.scope), "read"),
    )
    assert app_changes(world.web, world.web._replace(version=9)) == ()


def test_s242_the_query_of_a_redirect_uri_is_not_in_an_entry(world: World) -> None:
    before = world.web._replace(url="https://a.test/?key=s3cret", redirect_uris=("https://a.test/cb?key=s3cret",))
    after = before._replace(url="https://a.test/?key=0ther", redirect_uris=("https://a.test/cb?key=0ther",))

    assert app_changes(before, after) == (
        ("redirect URI", "", "https://a.test/cb?…"),
        ("redirect URI", "https://a.test/cb?…", ""),
    )


def test_long_values_are_cut(world: World) -> None:
    after = world.web._replace(redirect_uris=(*world.web.redirect_uris, f"https://a.test/{'p' * 900}?q=1"))

    (change,) = app_changes(world.web, after)
    assert len(change.after) == 200
    assert change.after.endswith("p?…")
    assert changed("name", "", "n" * 900) == (("name", "", "n" * 200),)
    (plain,) = app_changes(world.web, world.web._replace(redirect_uris=(CALLBACK, f"https://a.test/{'p' * 900}")))
    assert len(plain.after) == 200


def test_s358_an_entry_about_an_app_is_small_however_much_changed(world: World) -> None:
    def uris(host: str) -> tuple[str, ...]:
        return tuple(f"https://{host}{number}.test/{'p' * 900}" for number in range(10))

    before = world.web._replace(url=f"https://a.test/{'p' * 900}", redirect_uris=uris("old"))
    after = before._replace(
        name="Other",
        url=f"https://b.test/{'p' * 900}",
        redirect_uris=uris("new"),
        post_logout_redirect_uris=uris("bye"),
    )

    changes = app_changes(before, after)

    assert [each.field for each in changes] == ["name", "website", *["redirect URI"] * 10, "further changes"]
    assert changes[11] == ("redirect URI", "", f"https://new9.test/{'p' * 6}")  # where people go from now on
    assert changes[-1] == ("further changes", "", "20")
    entry = AuditEntry(entry_id="e" * 36, at=1, event="registration_changed", changes=kept_changes(changes))
    assert len(json.dumps(to_item(entry))) < 1500  # in DynamoDB's own count less than half of it


def test_the_limit_of_an_account_is_every_scope_or_those_that_it_names() -> None:
    assert limit_changes(None, Scope.of("read", "write")) == (("scopes", "every scope", "read write"),)
    assert limit_changes(Scope(), None) == (("scopes", "", "every scope"),)
    assert limit_changes(None, None) == ()


def test_an_entry_returns_the_changes_that_it_was_given() -> None:
    changes = (Change("role", "user", "administrator"), Change("scopes", "", "read"))

    entry = AuditEntry(entry_id="e", at=1, event="user_rights_changed", changes=kept_changes(changes))
    assert changes_of(entry) == changes
    assert changes_of(entry._replace(changes=entry.changes[:4])) == changes[:1]
