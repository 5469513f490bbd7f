"""How a secret of keys is replaced by its successor, without a moment in which a good token is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gatepost.model.feed import PublicKey, Revocation
from gatepost.settings import Settings
from gatepost.stores.ports.feed import FeedStore
from gatepost.tokens.signing_keys import (
    RefreshKey,
    key_ids,
    new_refresh_key,
    new_signing_key,
    refresh_keys,
    signing_keys,
    written,
)

_SLACK = 60  # seconds, for clocks that differ
_FOREVER = 3650 * 86400  # whoever has a private key signs with it when they like


def next_signing_secret(text: str, settings: Settings, now: float) -> str:
    """The secret after `text`: the key in use, those to come, and a new one; the first key is usable at once."""
    keys = signing_keys(text)
    active_from = int(now) + (settings.key_activation_delay if keys else 0)
    in_use = max((key.active_from for key in keys if key.active_from <= now), default=0)
    kept = [key for key in keys if key.active_from >= in_use]
    return written([*kept, new_signing_key(settings.signing_algorithm, active_from=active_from)])


def next_refresh_secret(text: str, settings: Settings, now: float) -> str:
    """The secret after `text`: every key that a living refresh token may carry, and a new one."""
    keys = refresh_keys(text)
    active_from = int(now) + (settings.key_activation_delay if keys else 0)
    ends = [successor.active_from + settings.refresh_token_lifetime + _SLACK for successor in keys[1:]]
    kept: list[RefreshKey] = [key for key, end in zip(keys, [*ends, int(now) + 1], strict=False) if end > now]
    return written([*kept, new_refresh_key(active_from=active_from)])


def public_keys(text: str, settings: Settings) -> Sequence[PublicKey]:
    """What the JWK Set must hold for a signing secret: each key until the last token it signed has expired."""
    keys = signing_keys(text)
    ends = [successor.active_from + settings.longest_access_token + _SLACK for successor in keys[1:]]
    return [replace(key.public(), expires_at=end) for key, end in zip(keys, [*ends, 0], strict=False)]


def follows(text: str, current: str) -> bool:
    """Whether a secret `text` was made as the successor of `current`: it holds the newest key of that.

    If not, `current` was replaced meanwhile because a key leaked, and `text` must never be used.
    """
    before = key_ids(current)
    return not before or before[-1] in key_ids(text)


def end_keys(store: FeedStore, keys: Sequence[PublicKey], *, keep: str, now: float) -> Sequence[str]:
    """End every key that the signing secret `keep` does not hold and that was not ended before; returns their ids.

    JWK Set and cold verifiers know nothing of them from then on, warm ones refuse their tokens within the stated bound.
    """
    spared = {*key_ids(keep), *(key.kid for key in keys if key.ended_at)}
    leaked = {key.kid: key for key in keys if key.kid not in spared}
    for key in leaked.values():
        entry = Revocation(kind="key", subject=key.kid, revoked_at=now, expires_at=int(now) + _FOREVER)
        store.end_key(replace(key, expires_at=int(now), ended_at=int(now)), revocation=entry)
    return sorted(leaked)
