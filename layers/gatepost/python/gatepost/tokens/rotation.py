"""How a secret of keys is replaced by its successor, without a moment in which a good token is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gatepost.model import PublicKey
from gatepost.settings import Settings
from gatepost.tokens.keys import (
    RefreshKey,
    new_refresh_key,
    new_signing_key,
    refresh_keys,
    signing_keys,
    written,
)

_SLACK = 60  # seconds, for clocks that differ


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
