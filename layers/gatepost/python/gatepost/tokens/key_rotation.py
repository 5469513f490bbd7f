"""The successors of the key secrets: no valid token is rejected during a rotation."""

from __future__ import annotations

import os
from collections.abc import Sequence

from gatepost.model.feed import PublicKey, Revocation
from gatepost.settings import LONGEST_LIFETIME, Settings
from gatepost.stores.ports.feed import FeedStore
from gatepost.tokens import handles
from gatepost.tokens.signing_keys import (
    RefreshKey,
    SigningKey,
    handle_key,
    key_ids,
    new_refresh_key,
    new_signing_key,
    refresh_keys,
    signing_keys,
    written,
)

_SLACK = 60  # seconds, for clocks that differ
# seconds for which refresh tokens may have been made, whatever is set now: a lifetime that is lowered ends none of them
_REMEMBERED = 366 * 86400
_FOREVER = 3650 * 86400  # the holder of a leaked private key can sign with it at any time


def next_signing_secret(text: str, settings: Settings, now: float) -> str:
    """Return the secret after `text`: the keys in use, later keys, and new ones; the first keys are usable at once.

    The key of the handles stays; without one there is a new one.
    """
    keys = signing_keys(text)
    active_from = int(now) + (settings.key_activation_delay if keys else 0)
    kept = [key for key in keys if all(later.active_from > now for later in _successors(key, keys, settings))]
    # That of access tokens last, and a second after the other: a release that knows one key at a time signs with the
    # last one and publishes an end of the others.
    signing, *others = settings.signing_algorithms
    new = [new_signing_key(alg, active_from=active_from - 1) for alg in others]
    new.append(new_signing_key(signing, active_from=active_from))
    return written([*kept, *new], handle_key(text) or os.urandom(handles.KEY))


def _successors(key: SigningKey, keys: Sequence[SigningKey], settings: Settings) -> Sequence[SigningKey]:
    """Return the later keys that take a key's place: of its algorithm, where there are keys for several."""
    several = len(settings.signing_algorithms) > 1
    return [later for later in keys if later.active_from > key.active_from and (later.alg == key.alg or not several)]


def next_refresh_secret(text: str, settings: Settings, now: float) -> str:
    """Return the secret after `text`: every key that a valid refresh token may be made with, and a new one."""
    keys = refresh_keys(text)
    active_from = int(now) + (settings.key_activation_delay if keys else 0)
    lifetime = max(settings.refresh_token_lifetime, _REMEMBERED)
    ends = [successor.active_from + lifetime + _SLACK for successor in keys[1:]]
    kept: list[RefreshKey] = [key for key, end in zip(keys, [*ends, int(now) + 1], strict=False) if end > now]
    return written([*kept, new_refresh_key(active_from=active_from)])


def public_keys(text: str, settings: Settings) -> Sequence[PublicKey]:
    """Return the JWK Set's keys for a signing secret, each until the last token it signed has expired.

    That is the longest lifetime that can be set: what was set when the token was issued, nobody knows any more.
    """
    keys = signing_keys(text)
    return [key.public()._replace(expires_at=_end(key, keys, settings)) for key in keys]


def _end(key: SigningKey, keys: Sequence[SigningKey], settings: Settings) -> int:
    """Return that end, 0 as long as no key takes the key's place."""
    successors = _successors(key, keys, settings)
    if not successors:
        return 0
    return min(each.active_from for each in successors) + LONGEST_LIFETIME + _SLACK


def follows(text: str, current: str) -> bool:
    """Whether the secret `text` was made as a successor of `current`, that is, holds its newest key.

    If not, `current` was replaced meanwhile because a key leaked, and `text` must never be used.
    """
    before = key_ids(current)
    return not before or before[-1] in key_ids(text)


def end_keys(store: FeedStore, keys: Sequence[PublicKey], *, keep: str, now: float) -> Sequence[str]:
    """Withdraw every key that the signing secret `keep` does not hold; return the ids of those not withdrawn before.

    From then on the JWK Set and cold verifiers omit them, and warm verifiers reject their tokens within the documented
    bound.
    """
    spared = {*key_ids(keep), *(key.kid for key in keys if key.ended_at)}
    leaked = {key.kid: key for key in keys if key.kid not in spared}
    for key in leaked.values():
        entry = Revocation(kind="key", subject=key.kid, revoked_at=now, expires_at=int(now) + _FOREVER)
        store.end_key(key._replace(expires_at=int(now), ended_at=int(now)), revocation=entry)
    return sorted(leaked)
