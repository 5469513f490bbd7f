"""Validity and revocation of a grant, shared by exchange, refresh, introspection, revocation and console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepost.model.records import ACTIVE, App, Grant, User
from gatepost.settings import LONGEST_LEEWAY, LONGEST_LIFETIME

if TYPE_CHECKING:
    from gatepost.stores.ports.grants import GrantStore


def why_ended(grant: Grant, app: App | None, user: User | None) -> str:
    """Return why a grant is no longer valid, for the log; "" if it is valid, apart from its own expiry.

    Pass None for an app or user that the caller vouches for: the exchange of a code for the user, because
    `GrantStore.approve` and the listing after a change of the account check it; a list of grants for the app.
    """
    if grant.revoked_at:
        return "revoked"
    if app is not None and not app.works:
        return "app is not active"
    if user is not None and user.status != ACTIVE:
        return "account is not active"
    if app is not None and grant.created_at <= app.grants_valid_from:
        return "voided with the app"
    if user is not None and grant.created_at <= user.grants_valid_from:
        return "voided by the account"
    return ""


def lives(grant: Grant, app: App | None, user: User, now: float) -> bool:
    """Whether a redeemed grant can still be used; `app` as in `why_ended`."""
    return not is_unredeemed(grant) and not is_expired(grant, now) and not why_ended(grant, app, user)


def is_expired(grant: Grant, now: float) -> bool:
    """Whether the grant has expired or was idle for too long."""
    return min(grant.expires_at, grant.idle_expires_at) <= now


def is_unredeemed(grant: Grant) -> bool:
    """Whether the grant's code was not redeemed, so that it has no tokens."""
    return bool(grant.redeem_before) and not grant.redeemed_by


def may_have_tokens(grant: Grant, now: float) -> bool:
    """Whether an access token of the grant may still be valid and the feed does not revoke it.

    A grant that can still be refreshed may get one at this moment.
    """
    if is_unredeemed(grant) or grant.revoked_at:
        return False
    idle = is_expired(grant, now) and grant.token_lifetime
    last = grant.last_used_at + grant.token_lifetime if idle else grant.expires_at
    return last + LONGEST_LEEWAY > now


def has_slept(grant: Grant, now: float) -> bool:
    """Whether every token of a grant has expired that was issued before it was read.

    A repeated refresh issues one without a write, within the retry window, which the leeway covers. A grant that waits
    for its redemption has not slept: the exchange of its code leaves the generation as it is.
    """
    if is_unredeemed(grant) or not grant.token_lifetime:
        return False
    return grant.last_used_at + grant.token_lifetime + LONGEST_LEEWAY <= now


def is_revocable(grant: Grant, now: float) -> bool:
    """Whether the grant awaits redemption or may have valid tokens."""
    return not grant.revoked_at and (grant.redeem_before > now or may_have_tokens(grant, now))


def revoke_grant(store: GrantStore, grant: Grant, *, now: float, part: int = 0) -> None:
    """Revoke a grant and every token of it, in a partition of the feed; idempotent."""
    store.revoke_grant(grant.grant_id, now=now, feed_until=feed_until(grant, now), part=part)


def revoke_slept(store: GrantStore, grant: Grant, *, now: float) -> bool:
    """Revoke a grant without an entry of the feed if all its tokens have expired, and return whether that was so.

    It was not if another one was issued since the grant was read.
    """
    return has_slept(grant, now) and store.mark_revoked(grant.grant_id, now=int(now), generation=grant.generation)


def feed_until(grant: Grant, now: float) -> int:
    """Return when every access token of a grant that is revoked now has expired.

    That is a lifetime from now and not from the last use, because another request, in another region too, may issue
    one at this moment. The leeway covers the clocks, and the retry window, in which a token is issued without a write.
    """
    if not grant.token_lifetime:
        return int(now) + LONGEST_LIFETIME
    return int(now) + grant.token_lifetime + LONGEST_LEEWAY
