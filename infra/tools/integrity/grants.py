"""Invariants of grants and codes, and of whom they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gatepost.model.records import Approval, Code, Grant
from gatepost.model.sessions import Session
from infra.tools.integrity.kinds import Entry, Finding
from infra.tools.integrity.living import Living

# Maximum difference in seconds between the dates of concurrent requests: no function runs longer.
SLACK = 30


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
