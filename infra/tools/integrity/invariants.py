"""Invariants between the records of all tables. Expired records count as absent: TTL removes them later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from gatepost.identifiers import digest
from gatepost.model.feed import PublicKey, Revocation
from gatepost.model.records import ACTIVE, DEACTIVATED, App, Approval, Code, EmailOwner, Grant, Login, Session, User
from gatepost.oauth.grant_standing import feed_until, may_have_tokens
from gatepost.settings import LONGEST_LIFETIME
from gatepost.stores.dynamodb.app_owners import CLOSED
from gatepost.stores.dynamodb.feed import KEY
from gatepost.stores.schema import FEED, KEYS
from infra.tools.integrity.kinds import Entry, Finding, Snapshot, entries
from infra.tools.integrity.shapes import shape_findings

# Maximum difference in seconds between the dates of concurrent requests: no function runs longer.
SLACK = 30
MOST_SECRETS = 2


class Living:
    """The unexpired records, by kind and by lookup key."""

    def __init__(self, found: Sequence[Entry], now: float) -> None:
        """Take all entries that were read."""
        self.now = now
        self.entries = [entry for entry in found if entry.kind is not None and not entry.is_over(now)]

    def of(self, record: type[Any]) -> list[Entry]:
        """Return the entries of a class of records."""
        return [entry for entry in self.entries if isinstance(entry.record, record)]

    def named(self, kind: str) -> dict[str, Entry]:
        """Return the entries of a kind without a record class, by their key."""
        return {entry.address: entry for entry in self.entries if entry.kind is not None and entry.kind.name == kind}

    @cached_property
    def users(self) -> dict[str, User]:
        """The accounts by id."""
        return {entry.record.user_id: entry.record for entry in self.of(User)}

    @cached_property
    def apps(self) -> dict[str, App]:
        """The apps by key."""
        return {entry.record.client_id: entry.record for entry in self.of(App)}

    @cached_property
    def grants(self) -> dict[str, Grant]:
        """The grants by id."""
        return {entry.record.grant_id: entry.record for entry in self.of(Grant)}

    @cached_property
    def revoked(self) -> dict[tuple[str, str], Revocation]:
        """The latest entry of the feed for each subject."""
        latest: dict[tuple[str, str], Revocation] = {}
        for entry in sorted(self.of(Revocation), key=lambda each: float(each.record.revoked_at)):
            if entry.address.startswith("feed "):
                latest[entry.record.kind, entry.record.subject] = entry.record
        return latest


def check_accounts(living: Living) -> Iterator[Finding]:
    """Check that an account, its name and its confirmed address exist together."""
    logins = {entry.address: entry for entry in living.of(Login)}
    emails = {entry.address: entry for entry in living.of(EmailOwner)}
    names: set[tuple[str, str]] = set()  # two accounts may claim one, and then one of them is wrong
    addresses: set[tuple[str, str]] = set()
    for entry in living.of(User):
        user = entry.record
        if entry.address != f"{user.user_id} account":
            yield entry.finding("record under another key", "an account lies under another id than its own")
        names.add((f"name#{user.user_name.casefold()} login", user.user_id))
        if user.email_confirmed:
            addresses.add((f"email#{user.email.casefold()} email", user.user_id))
    for what, held, wanted in (("name", logins, names), ("e-mail", emails, addresses)):
        for address, user_id in sorted(wanted):
            if address not in held or held[address].record.user_id != user_id:
                sentence = f"an account's {what} is not kept for it"
                yield Finding(name=f"account without its {what}", key=f"accounts: {user_id} account", sentence=sentence)
        for address, entry in held.items():
            if (address, entry.record.user_id) not in wanted:
                yield entry.finding(
                    f"{what} without its account", f"no account has this {what}, and nobody can take it"
                )


def check_apps(living: Living) -> Iterator[Finding]:
    """Check that an app has an owner, its name, its place in the count, and one or two secrets if confidential."""
    counted, names = Counter[str](), set()
    for entry in living.of(App):
        app = entry.record
        counted[app.owner] += 1
        names.add(f"name#{app.owner}#{digest(app.name.casefold())}")
        if app.owner not in living.users:
            yield entry.finding("app without its owner", "its owner's account is gone")
        elif not _is_told(app, living.users[app.owner]):
            yield entry.finding(
                "app told otherwise than its owner stands", "deactivate, activate or limit it once more"
            )
        if not (1 <= len(app.secrets) <= MOST_SECRETS if app.confidential else not app.secrets):
            yield entry.finding("wrong number of secrets", "a confidential app has one or two, a public one none")
        if len({secret.secret_id for secret in app.secrets}) != len(app.secrets):
            yield entry.finding("wrong number of secrets", "two secrets of an app have one id")
    held = living.named("name of an app")
    for address in sorted(names - set(held)):
        yield Finding(name="app without its name", key=f"apps: {address}", sentence="an app's name is not kept for it")
    for address in sorted(set(held) - names):
        yield held[address].finding("name without its app", "its owner has no app of this name, and can't make one")
    yield from _check_counts(living, counted)


def _is_told(app: App, owner: User) -> bool:
    """Whether an app has its owner's current status; one of an older release is completed at its first request."""
    if app.own_scope is None and not app.owner_stopped:
        return True
    return app.owner_stopped == (owner.status != ACTIVE) and (app.own_scope is None or app.owner_scope == owner.scope)


def _check_counts(living: Living, counted: Counter[str]) -> Iterator[Finding]:
    held = {address.removeprefix("count#"): entry for address, entry in living.named("count of apps").items()}
    for owner, entry in held.items():
        said = int(entry.item.get("apps", {}).get("N", 0))
        if entry.item.get("apps") == CLOSED:  # its owner is gone: it only blocks new apps for a while
            yield from _check_closed(living, entry, owner)
            continue
        if said != counted[owner]:
            yield entry.finding("wrong count", f"it says {said}, and there are {counted[owner]} apps")
        if owner not in living.users:
            yield entry.finding("count without its owner", "its owner's account is gone")
    for owner in sorted(set(counted) - set(held)):
        sentence = f"there are {counted[owner]} apps, and no record counts them"
        yield Finding(name="wrong count", key=f"apps: count#{owner}", sentence=sentence)


def _check_closed(living: Living, entry: Entry, owner: str) -> Iterator[Finding]:
    if owner in living.users:
        yield entry.finding("wrong count", "its owner is there, and can make no app")
    if entry.ttl is None:
        yield entry.finding("no ttl", "count of apps: its owner is gone, but DynamoDB is not told that it ends")


def check_orphans(living: Living) -> Iterator[Finding]:
    """Check that a deleted account leaves only records that expire within the hour: links and pending requests."""
    for entry in (*living.of(Grant), *living.of(Approval), *living.of(Session)):
        assert entry.kind is not None  # noqa: S101
        if entry.record.user_id not in living.users:
            yield entry.finding(f"{entry.kind.name} without its account", "the account that it belongs to is gone")


def check_codes(living: Living) -> Iterator[Finding]:
    """Check that a redeemable code belongs to one grant, of the same app and resources, and to no other code's."""
    leading = Counter(entry.record.grant_id for entry in living.of(Code))
    for entry in living.of(Code):
        code, grant = entry.record, living.grants.get(entry.record.grant_id)
        if leading[code.grant_id] > 1:
            yield entry.finding("two codes for one grant", "another code leads to the same grant")
        if grant is None and code.grant_id.partition(".")[0] in living.users and code.expires_at > living.now + 1:
            yield entry.finding("code without its grant", "nothing can be redeemed by it")
        if grant is not None and grant.client_id != code.client_id:
            yield entry.finding("code of another app", "the grant that it leads to is another app's")
        if grant is not None and grant.resources != code.resources:
            yield entry.finding("code for other resources", "the grant that it leads to is for others")


def check_grants(living: Living) -> Iterator[Finding]:
    """Check each grant: redeemed before it was refreshed, and not used after its revocation."""
    for entry in living.of(Grant):
        grant = entry.record
        user_id, _, rest = grant.grant_id.partition(".")
        if entry.address != f"{user_id} grant#{rest}":
            yield entry.finding("record under another key", "two records may answer for one grant")
        if grant.redeem_before and not grant.redeemed_by and grant.generation > 1:
            yield entry.finding(
                "refreshed before redeemed", "its refresh token was turned, but its code never redeemed"
            )
        if (grant.generation > 1) != bool(grant.rotated_by) or grant.generation < 1:
            yield entry.finding("generation without its turn", "its generation and who turned it contradict each other")
        if grant.idle_expires_at > grant.expires_at:
            yield entry.finding("idle end after the end", "it would live on beyond its absolute end")
        if grant.revoked_at and grant.last_used_at > grant.revoked_at + SLACK:
            yield entry.finding("used after revocation", "tokens were issued from it after it was revoked")
        yield from _check_void_grant(living, entry, grant)


def _check_void_grant(living: Living, entry: Entry, grant: Grant) -> Iterator[Finding]:
    """Check that a void grant is not used after the cutoff. A request that began before it may have granted later."""
    for holder in (living.users.get(grant.user_id), living.apps.get(grant.client_id)):
        voided = holder.grants_valid_from if holder else 0
        if voided and grant.created_at + SLACK < voided and grant.last_used_at > voided + SLACK:
            yield entry.finding(
                "used after it was void", "tokens were issued from it after its account or app ended it"
            )


def check_feed(living: Living) -> Iterator[Finding]:
    """Check that every revocation is in the feed until none of its tokens can be valid."""
    for entry in living.of(Grant):
        grant = entry.record
        if not grant.revoked_at or feed_until(grant, grant.revoked_at) <= living.now or _is_unredeemed(grant):
            continue
        everything = living.revoked.get(("user", grant.user_id))
        if ("grant", grant.grant_id) not in living.revoked and not _reaches(everything, grant.revoked_at):
            yield entry.finding("revoked without the feed", "it is revoked, but the authorizers are not told")
    for kind, record in (("user", User), ("client", App)):
        for entry in living.of(record):
            voided, subject = entry.record.grants_valid_from, entry.address.partition(" ")[0]
            if entry.record.status != DEACTIVATED or not voided or voided + LONGEST_LIFETIME <= living.now:
                continue
            needed = kind == "client" or any(
                _is_voided(each.record, subject, voided, living) for each in living.of(Grant)
            )
            if needed and not _reaches(living.revoked.get((kind, subject)), voided):
                yield entry.finding("revoked without the feed", "it was stopped, but the authorizers are not told")
    yield from _check_ends(living)


def _is_unredeemed(grant: Grant) -> bool:
    """Whether the grant never had a token."""
    return bool(grant.redeem_before) and not grant.redeemed_by


def _is_voided(grant: Grant, user_id: str, voided: int, living: Living) -> bool:
    """Whether there may be tokens of the grant that the cutoff of its account voids."""
    return grant.user_id == user_id and grant.created_at <= voided and may_have_tokens(grant, living.now)


def _reaches(told: Revocation | None, date: int) -> bool:
    return told is not None and int(told.revoked_at) >= date


def _check_ends(living: Living) -> Iterator[Finding]:
    """Check that no entry expires before the tokens it revokes, and that one for a single token is stored twice."""
    singles = {entry.record.subject: entry for entry in living.of(Revocation) if entry.address.startswith("jti#")}
    for subject, entry in singles.items():
        if ("jti", subject) not in living.revoked:
            yield entry.finding("revoked without the feed", "a token is revoked, but the authorizers are not told")
    grants = {entry.record.grant_id: entry.record for entry in living.of(Grant)}
    for entry in living.of(Revocation):
        revocation = entry.record
        if revocation.expires_at < _needed_until(revocation, grants.get(revocation.subject)):
            yield entry.finding("revocation ends too soon", "a token that it names may live longer than the entry")
        if revocation.kind == "jti" and revocation.subject not in singles:
            yield entry.finding("revocation not found by its token", "introspection does not see this revocation")


def _needed_until(revocation: Revocation, grant: Grant | None) -> int:
    """Return when the last token that an entry revokes has expired, or 0 if that is in the token or not known."""
    if revocation.kind in ("jti", "key") or (revocation.kind == "grant" and grant is None):
        return 0
    if grant is None:
        return int(revocation.revoked_at) + LONGEST_LIFETIME
    return feed_until(grant, revocation.revoked_at)


def check_signing(living: Living) -> Iterator[Finding]:
    """Check that a published key may still sign, and that both copies of each key agree.

    Before its first rotation a stack has only the copies of an older release.
    """
    kept, earlier = ({entry.record.kid: entry.record for entry in living.of(PublicKey)
                      if entry.address.startswith(f"{place} ")} for place in (KEYS, FEED))  # fmt: skip
    keys = kept or earlier
    if keys and all(key.expires_at for key in keys.values()):
        sentence = "every key has an end, so what the current key signs will be refused"
        yield Finding(name="no lasting key", key=f"tokens: {KEYS if kept else FEED}", sentence=sentence)
    for kid in sorted(kept and {*kept, *earlier}):
        if kid not in kept or kid not in earlier or kept[kid].until != earlier[kid].until:
            place = KEYS if kid in kept else FEED
            sentence = "not every authorizer knows it as it stands: rotate the signing key"
            yield Finding(name="key in one place only", key=f"tokens: {place} {KEY}{kid}", sentence=sentence)


_CHECKS = (check_accounts, check_apps, check_orphans, check_codes, check_grants, check_feed, check_signing)


def findings(snapshot: Snapshot, *, now: float, secrets: Sequence[str] = ()) -> list[Finding]:
    """Return all findings in the tables; `secrets` are values that must not occur in them."""
    found = entries(snapshot)
    living = Living(found, now)
    return [*shape_findings(found, secrets), *(finding for check in _CHECKS for finding in check(living))]
