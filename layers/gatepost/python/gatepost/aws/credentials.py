"""The credentials of a function's role: in the environment, or, under SnapStart, behind a local endpoint."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from gatepost.aws.errors import NoAnswer


class Credentials(NamedTuple):
    """Temporary credentials. `expires_at` is in epoch seconds, None where nothing says so."""

    key_id: str
    secret: str
    token: str
    expires_at: float | None = None


Source = Callable[[], Credentials]


def credentials_source(environ: Mapping[str, str] = os.environ) -> Source:
    """Where a function finds its credentials. They are looked up at each use: a snapshot never holds them."""
    if "AWS_CONTAINER_CREDENTIALS_FULL_URI" in environ:
        from gatepost.aws.container_credentials import ContainerCredentials  # with an HTTP client; only under SnapStart

        return ContainerCredentials(environ)

    def from_environment() -> Credentials:
        try:
            return Credentials(
                environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"], environ.get("AWS_SESSION_TOKEN", "")
            )
        except KeyError:
            raise NoAnswer("NoCredentials") from None

    return from_environment
