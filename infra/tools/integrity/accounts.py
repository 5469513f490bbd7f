"""Invariants of accounts and apps, and of what is kept beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase

from gatepost.accounts.groups import are_groups
from gatepost.identifiers import app_id, digest
from gatepost.model.links import EmailOwner
from gatepost.model.logo import Logo
from gatepost.model.records import ACTIVE, DOCUMENTS, LEAVING, REGISTERED, App, Login, User
from gatepost.stores.dynamodb.app_owners import CLOSED
from infra.stack.access import REGISTERED_IDS
from infra.tools.integrity.kinds import Entry, Finding
from infra.tools.integrity.living import Living

MOST_SECRETS = 2


def check_accounts(living: Living) -> Iterator[Finding]:
    """Check that an account, its name and its confirmed address exist together, and that its groups are well formed."""
    logins = {entry.address: entry for entry in living.of(Login)}
    emails = {entry.address: entry for entry in living.of(EmailOwner)}
    names: set[tuple[str, str]] = set()  # two accounts may claim one, and then one of them is wrong
    addresses: set[tuple[str, str]] = set()
    for entry in living.of(User):
        user = entry.record
        if entry.address != f"{user.user_id} account":
            yield entry.finding("record under another key", "an account lies under another id than its own")
        if not are_groups(user.groups):
            yield entry.finding("malformed groups", "an account is in groups that no administrator could give it")
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


def check_leaving(living: Living) -> Iterator[Finding]:
    """Check that no deletion of an account stopped halfway."""
    for entry in living.of(User):
        if entry.record.status == LEAVING:
            yield entry.finding("deletion that stopped", "its owner can finish it by signing in, or `make erase-user`")


def check_apps(living: Living) -> Iterator[Finding]:
    """Check that an app has an owner, its name, its place in the count, and one or two secrets if confidential."""
    counted, names = Counter[str](), set()
    for entry in living.of(App):
        app = entry.record
        if app.is_stranger:
            yield from _check_stranger(entry)
            continue
        if entry.ttl is not None:
            yield entry.finding("ttl of what stays", "app: DynamoDB would remove it, but it has an owner")
        counted[app.owner] += 1
        names.add(f"name#{app.owner}#{digest(app.name.casefold())}")
        if app.owner not in living.users:
            yield entry.finding("app without its owner", "its owner's account is gone")
        elif not _is_told(app, living.users[app.owner]):
            yield entry.finding(
                "app told otherwise than its owner stands", "deactivate, activate or limit it once more"
            )
        yield from _check_secrets(entry)
    held = living.named("name of an app")
    for address in sorted(names - set(held)):
        yield Finding(name="app without its name", key=f"apps: {address}", sentence="an app's name is not kept for it")
    for address in sorted(set(held) - names):
        yield held[address].finding("name without its app", "its owner has no app of this name, and can't make one")
    yield from _check_counts(living, counted)
    yield from _check_logos(living)


def _check_logos(living: Living) -> Iterator[Finding]:
    """Check that an app and its logo exist together; the logo of a document may go a little later."""
    held = {entry.address.removeprefix("logo#"): entry for entry in living.of(Logo)}
    for client_id, app in living.apps.items():
        if app.logo and (client_id not in held or held[client_id].record.digest != app.logo):
            sentence = "people see a broken image: upload the logo again, or remove it"
            yield Finding(name="app without its logo", key=f"apps: {client_id}", sentence=sentence)
    for client_id, entry in held.items():
        if entry.ttl is None and client_id not in living.apps:
            yield entry.finding("logo without its app", "nothing shows it; delete the item")


def _check_secrets(entry: Entry) -> Iterator[Finding]:
    app = entry.record
    if not (1 <= len(app.secrets) <= MOST_SECRETS if app.confidential else not app.secrets):
        yield entry.finding("wrong number of secrets", "a confidential app has one or two, a public one none")
    if len({secret.secret_id for secret in app.secrets}) != len(app.secrets):
        yield entry.finding("wrong number of secrets", "two secrets of an app have one id")


def _check_stranger(entry: Entry) -> Iterator[Finding]:
    """Check an app that nobody owns: it has no name and no count of its own."""
    app = entry.record
    if app.owner not in (DOCUMENTS, REGISTERED):
        yield entry.finding("id of another kind", "an app has an owner, and the id of one that nobody owns")
    if app.owner == DOCUMENTS and (not app.document_url or app_id(app.document_url) != app.client_id):
        yield entry.finding("record under another key", "an app lies under another id than that of its document")
    if app.owner == DOCUMENTS and (app.confidential or app.secrets):
        yield entry.finding("wrong number of secrets", "an app of a metadata document has none")
    if app.owner == REGISTERED and not fnmatchcase(app.client_id, REGISTERED_IDS):
        yield entry.finding("id of another kind", "no role lets the app change or delete its registration")
    if app.owner == REGISTERED and not (app.registration_token_hash and app.kept_unused):
        yield entry.finding("registered without its token", "nobody can manage its registration, or it never expires")
    if app.owner_scope is not None or app.owner_stopped:
        yield entry.finding("app told otherwise than its owner stands", "nobody owns it")
    yield from _check_secrets(entry)


def _is_told(app: App, owner: User) -> bool:
    """Whether an app has its owner's current status; one of an older release is completed at its first request.

    An owner who is leaving has a finding already, and the apps go with the account.
    """
    if owner.status == LEAVING or (not app.is_complete and not app.owner_stopped):
        return True
    return app.owner_stopped == (owner.status != ACTIVE) and (not app.is_complete or app.owner_scope == owner.scope)


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
