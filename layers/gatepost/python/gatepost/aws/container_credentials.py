"""Credentials from a local endpoint, as provided by Lambda under SnapStart, and by ECS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from gatepost.aws.errors import NoAnswer
from gatepost.aws.sigv4 import RoleCredentials

_SECONDS = 2
_REFRESH_BEFORE = 600  # seconds before their expiry at which credentials are fetched again
_LOOPBACK = {"localhost", "127.0.0.1", "::1", "169.254.170.2", "169.254.170.23"}  # as the SDKs allow over http


class ContainerCredentials:
    """Credentials that Lambda's SnapStart (and ECS) provide over HTTP, fetched again before they expire."""

    def __init__(self, environ: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        """Start without fetching anything."""
        self._environ = environ
        self._clock = clock
        self._known: RoleCredentials | None = None

    def __call__(self) -> RoleCredentials:
        """Return unexpired credentials. Raises NoAnswer if there are none."""
        known, now = self._known, self._clock()
        if known is not None and (known.expires_at is None or known.expires_at - _REFRESH_BEFORE > now):
            return known
        try:
            self._known = self._fetched()
        except (OSError, HTTPException, ValueError, KeyError, TypeError):
            if known is None or (known.expires_at or 0) <= now:
                raise NoAnswer("NoCredentials") from None
        assert self._known is not None  # noqa: S101
        return self._known

    def _fetched(self) -> RoleCredentials:
        parts = urlsplit(self._environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
        if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
            raise ValueError("credentials come from this machine only")
        connection = HTTPConnection(parts.hostname, parts.port or 80, timeout=_SECONDS)
        try:
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            connection.request("GET", path or "/", headers=self._authorization())
            answer = connection.getresponse()
            if answer.status != 200:
                raise ValueError(f"credentials: {answer.status}")
            found = json.loads(answer.read())
        finally:
            connection.close()
        ends = datetime.fromisoformat(found["Expiration"]).timestamp() if found.get("Expiration") else None
        return RoleCredentials(found["AccessKeyId"], found["SecretAccessKey"], found["Token"], ends)

    def _authorization(self) -> dict[str, str]:
        file = self._environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        token = Path(file).read_text() if file else self._environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
        return {"Authorization": token} if token else {}
