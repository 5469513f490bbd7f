"""The credentials of a function's role: from the environment, or, under SnapStart, from a local endpoint."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from gatepost.aws.errors import NoAnswer
from gatepost.aws.sigv4 import RoleCredentials

Source = Callable[[], RoleCredentials]


def credentials_source(environ: Mapping[str, str] = os.environ) -> Source:
    """Return the source of a function's credentials. It is read at each use, so that a snapshot never holds them."""
    if "AWS_CONTAINER_CREDENTIALS_FULL_URI" in environ:
        from gatepost.aws.container_credentials import ContainerCredentials  # with an HTTP client; only under SnapStart

        return ContainerCredentials(environ)

    def from_environment() -> RoleCredentials:
        try:
            return RoleCredentials(
                environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"], environ.get("AWS_SESSION_TOKEN", "")
            )
        except KeyError:
            raise NoAnswer("NoCredentials") from None

    return from_environment
