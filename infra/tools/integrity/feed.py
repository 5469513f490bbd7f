"""Invariants of what authorizers are told: revocations and public keys."""

from __future__ import annotations

from collections.abc import Iterator

from gatepost.model.feed import PublicKey, Revocation
from gatepost.model.records import DEACTIVATED, App, Grant, User
from gatepost.oauth.grant_standing import feed_until, has_slept, may_have_tokens
from gatepost.settings import LONGEST_LIFETIME
from gatepost.stores.dynamodb.feed import KEY
from gatepost.stores.schema import FEED, KEYS
from infra.tools.integrity.kinds import Finding
from infra.tools.integrity.living import Living


def check_feed(living: Living) -> Iterator[Finding]:
    """Check that every revocation is in the feed until none of its tokens can be valid."""
    for entry in living.of(Grant):
        grant = entry.record
        if not grant.revoked_at or feed_until(grant, grant.revoked_at) <= living.now or _is_unredeemed(grant):
            continue
        if has_slept(grant, grant.revoked_at):
            continue
        everything = living.revoked.get(("user", grant.user_id))
        if not living.is_published("grant", grant.grant_id) and not _reaches(everything, grant.revoked_at):
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
        if not living.is_published("jti", subject):
            yield entry.finding("revoked without the feed", "a token is revoked, but the authorizers are not told")
    grants = {entry.record.grant_id: entry.record for entry in living.of(Grant)}
    for entry in living.of(Revocation):
        revocation = entry.record
        if revocation.expires_at < _needed_until(revocation, grants.get(revocation.subject)):
            yield entry.finding("revocation ends too soon", "a token that it names may live longer than the entry")
        if revocation.kind == "jti" and revocation.subject not in singles:
            yield entry.finding("revocation not found by its token", "introspection does not see this revocation")


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


def _needed_until(revocation: Revocation, grant: Grant | None) -> int:
    """Return when the last token that an entry revokes has expired, or 0 if that is in the token or not known."""
    if revocation.kind in ("jti", "key") or (revocation.kind == "grant" and grant is None):
        return 0
    if grant is None:
        return int(revocation.revoked_at) + LONGEST_LIFETIME
    return feed_until(grant, revocation.revoked_at)
