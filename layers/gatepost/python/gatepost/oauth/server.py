"""The dependencies of the endpoints: settings, store and keys. `wiring` makes them once per container."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gatepost.settings import Settings

if TYPE_CHECKING:  # ports are types only; functions that neither sign nor verify have no cryptography in their layers
    from gatepost.oauth.client_authentication import Requester
    from gatepost.stores.ports.store import Store
    from gatepost.tokens.access_token import Signer
    from gatepost.tokens.signing_keys import RefreshKey


class Keys(Protocol):
    """The secret keys. Each method raises TemporarilyUnavailable if there are none or they can't be read."""

    def signer(self, now: float, alg: str = "") -> Signer:
        """Return the private key that signs access tokens, or with `alg` the one for that algorithm."""

    def refresh(self, now: float) -> Sequence[RefreshKey]:
        """Return every key that a valid refresh token may be made with, and the one for new tokens."""


class Server(NamedTuple):
    """A deployment, as its functions use it."""

    settings: Settings
    store: Store
    keys: Keys
    app_read_at: float | None = None  # when an earlier request read the app of this one; None: this one reads it
    requester: Requester | None = None  # the sender of this request, if its app was kept; it is authenticated

    def issued_at(self, now: float, *, granted_at: int = 0) -> int:
        """Return `iat` of an access token, and not before its grant: when the app was read.

        A cutoff of the app that was set since then is not before that, so it voids the token.
        """
        return int(now) if self.app_read_at is None else min(int(now), max(int(self.app_read_at), granted_at))
