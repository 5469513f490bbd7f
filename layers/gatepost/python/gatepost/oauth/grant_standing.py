"""Whether a grant stands, and how it ends: one answer for exchange, refresh, introspection, revocation and console."""

from __future__ import annotations

from gatepost.model.records import ACTIVE, App, Grant, User
from gatepost.settings import LONGEST_LEEWAY, LONGEST_LIFETIME
from gatepost.stores.ports.grants import GrantStore


def why_ended(grant: Grant, app: App | None, user: User | None) -> str:
    """Return why a grant opens nothing any more, for the log; "" if it stands, apart from its own expiry.

    None for the app or the user says that the caller answers for them: the exchange of a code for the user, because
    `GrantStore.approve` and the listing that follows a change of the account do; a list of grants for the app.
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
    """Whether the grant has reached its end, or was not used for too long."""
    return min(grant.expires_at, grant.idle_expires_at) <= now


def is_unredeemed(grant: Grant) -> bool:
    """Whether the grant's code was not redeemed, so that there are no tokens of it."""
    return bool(grant.redeem_before) and not grant.redeemed_by


def may_have_tokens(grant: Grant, now: float) -> bool:
    """Whether an access token of the grant may still be accepted somewhere, and no entry of the feed ends it."""
    return not is_unredeemed(grant) and not grant.revoked_at and grant.expires_at + LONGEST_LEEWAY > now


def is_revocable(grant: Grant, now: float) -> bool:
    """Whether the grant waits for its redemption, or there may be tokens of it."""
    return not grant.revoked_at and (grant.redeem_before > now or may_have_tokens(grant, now))


def revoke_grant(store: GrantStore, grant_id: str, *, now: float) -> None:
    """End a grant and every token of it; ending it again changes nothing."""
    store.revoke_grant(grant_id, now=now, feed_until=int(now) + LONGEST_LIFETIME)
