"""Signature Version 4 for JSON requests: POST with a body and, mostly, a target (AWS, Signature Version 4)."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import NamedTuple

_ALGORITHM = "AWS4-HMAC-SHA256"


class RoleCredentials(NamedTuple):
    """Temporary credentials. `expires_at` is in epoch seconds, None if unknown."""

    key_id: str
    secret: str
    token: str
    expires_at: float | None = None


class RequestSigner:
    """Signs requests to one service in one region. The key of a day is derived once."""

    def __init__(self, *, service: str, region: str, host: str) -> None:
        """Take the `host` of the request's Host header, with the port unless it is the scheme's default."""
        self._scope_end = f"{region}/{service}/aws4_request"
        self._region = region
        self._service = service
        self._host = host
        self._derived: tuple[str, str, bytes] = ("", "", b"")

    def headers(
        self,
        body: bytes,
        credentials: RoleCredentials,
        *,
        target: str,
        content_type: str,
        now: float,
        path: str = "/",
    ) -> Mapping[str, str]:
        """Return every header of the request but its length; `target` may be "". `path` is encoded as it is sent."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        headers = {"content-type": content_type, "host": self._host, "x-amz-date": stamp}
        if credentials.token:
            headers["x-amz-security-token"] = credentials.token
        if target:
            headers["x-amz-target"] = target  # last, so that the names are in alphabetical order
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        encoded = path.replace("%", "%25")  # once more than it is sent
        request = f"POST\n{encoded}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{stamp[:8]}/{self._scope_end}"
        to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(self._key(credentials.secret, stamp[:8]), to_sign.encode(), "sha256").hex()
        headers["authorization"] = (
            f"{_ALGORITHM} Credential={credentials.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
        return headers

    def _key(self, secret: str, day: str) -> bytes:
        known_secret, known_day, key = self._derived
        if known_day != day or not hmac.compare_digest(known_secret.encode(), secret.encode()):
            key = f"AWS4{secret}".encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._derived = (secret, day, key)
        return key
