"""What the endpoints work with: the settings, the store and the keys. Made once a container by `wiring`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gatepost.stores.ports.store import Store

from gatepost.settings import Settings

if TYPE_CHECKING:  # a function that neither signs nor verifies has no cryptography in its layers
    from gatepost.tokens.access_token import Signer
    from gatepost.tokens.signing_keys import RefreshKey


class Keys(Protocol):
    """The secret keys. Each raises TemporarilyUnavailable while there are none or they can't be read."""

    def signer(self, now: float) -> Signer:
        """The private key to sign access tokens with."""

    def refresh(self, now: float) -> Sequence[RefreshKey]:
        """Every key that a living refresh token may be made with, and the one to use."""


class Server(NamedTuple):
    """One deployment, as a function sees it."""

    settings: Settings
    store: Store
    keys: Keys
