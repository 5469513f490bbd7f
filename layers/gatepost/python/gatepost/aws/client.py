"""A client for one of AWS's JSON services: signed and retried requests over kept-alive connections."""

from __future__ import annotations

import json
import os
import re
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from gatepost.aws.connection import Connection, Place, Reply
from gatepost.aws.credentials import Source, credentials_source
from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.aws.retries import SKEWED, TRIES, Quota, is_passing, pause
from gatepost.aws.sigv4 import RequestSigner
from gatepost.compact_json import compact

_SKEW = 240  # seconds; AWS allows 300
_MOST_KEPT = 8
_ENDPOINTS = {
    "dynamodb": "AWS_ENDPOINT_URL_DYNAMODB",
    "lambda": "AWS_ENDPOINT_URL_LAMBDA",
    "secretsmanager": "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "sqs": "AWS_ENDPOINT_URL_SQS",
}
_ELSEWHERE = re.compile(r"cn-|eusc-|[a-z]+-iso")  # regions of other partitions than `aws` and `aws-us-gov`


class Client:
    """A client with the single method `call`. Created without I/O; thread-safe."""

    _repeats = True  # a request without a readable response, as the services know a repeated one

    def __init__(
        self,
        service: str,
        *,
        target: str,
        version: str,
        region: str | None = None,
        environ: Mapping[str, str] = os.environ,
        credentials: Source | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        read_seconds: float = 2.0,
    ) -> None:
        """Take the `service` of endpoint and signature, the `target` prefix of operations and the JSON `version`.

        A request must not hang: three attempts of `read_seconds` fit into a function's timeout.
        """
        region = region or environ.get("AWS_REGION") or environ["AWS_DEFAULT_REGION"]
        url = urlsplit(_endpoint(service, region, environ))
        secure = url.scheme == "https"
        port = url.port or (443 if secure else 80)
        host = url.hostname or ""
        self._place: Place | None = None
        self._server = host, port, secure
        self._environ = environ
        self._read_seconds = read_seconds
        self.host = host if port == (443 if secure else 80) else f"{host}:{port}"
        self._signer = RequestSigner(service=service, region=region, host=self.host)
        self._target = f"{target}."
        self._content_type = f"application/x-amz-json-{version}"
        self._credentials = credentials or credentials_source(environ)
        self._clock = clock
        self._sleep = sleep
        self._offset = 0.0  # seconds by which the service's clock is ahead of ours
        self._quota = Quota()
        self._kept: list[Connection] = []
        self._lock = threading.Lock()

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response to `operation`, with up to three attempts if a retry may help.

        Raises Refusal with the service's error, NoAnswer without a readable response.
        """
        body = compact(request).encode()
        failures = 0
        while True:
            try:
                reply = self._send(operation, body)
                if 200 <= reply.status < 300:
                    answer = self._answer(reply)
                    self._quota.give_back(failures)
                    return answer
            except NoAnswer:
                failures += 1
                if not self._repeats or failures >= TRIES or not self._quota.take():
                    raise
            else:
                refusal = self._refusal(reply)
                failures += 1
                passing = is_passing(reply.status, refusal.code) or self._corrects_clock(refusal.code, reply)
                if not passing or failures >= TRIES or not self._quota.take():
                    raise refusal
            self._sleep(pause(failures))

    def close(self) -> None:
        """Close the idle connections; the next call opens another."""
        with self._lock:
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.close()

    def _address_of(self, operation: str) -> tuple[str, str]:
        """Return the path and the target of an operation."""
        return "/", self._target + operation

    def _answer(self, reply: Reply) -> dict[str, Any]:
        return document_in(reply)

    def _refusal(self, reply: Reply) -> Refusal:
        return _refusal(reply)

    def _send(self, operation: str, body: bytes) -> Reply:
        path, target = self._address_of(operation)
        headers = self._signer.headers(
            body,
            self._credentials(),
            target=target,
            path=path,
            content_type=self._content_type,
            now=self._clock() + self._offset,
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        connection = self._connection()
        request = f"POST {path} HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n".encode() + body
        reply = connection.exchange(request)
        self._keep(connection)
        checksum = reply.headers.get("x-amz-crc32")
        if checksum is not None and checksum != str(zlib.crc32(reply.body)):
            raise NoAnswer("ChecksumError")
        return reply

    def _connection(self) -> Connection:
        while True:
            with self._lock:
                connection = self._kept.pop() if self._kept else None
            if connection is None:
                return Connection(self._place or self._located())
            if connection.is_idle():
                return connection
            connection.close()

    def _keep(self, connection: Connection) -> None:
        if not connection.usable:
            return
        with self._lock:
            if len(self._kept) < _MOST_KEPT:
                self._kept.append(connection)
                return
        connection.close()

    def _located(self) -> Place:
        host, port, secure = self._server
        bundle = self._environ.get("AWS_CA_BUNDLE")
        tls = ssl.create_default_context(cafile=bundle) if secure else None
        self._place = Place(host=host, port=port, tls=tls, read_seconds=self._read_seconds)
        return self._place

    def _corrects_clock(self, code: str, reply: Reply) -> bool:
        """Correct the clock offset and return True if our clock caused the error."""
        if code not in SKEWED:
            return False
        from email.utils import parsedate_to_datetime  # 5 ms of a cold start, for a rare case

        try:
            theirs = parsedate_to_datetime(reply.headers["date"]).timestamp()
        except (KeyError, ValueError):
            return False
        offset = theirs - self._clock()
        if abs(offset - self._offset) < _SKEW:
            return False
        self._offset = offset
        return True


def _endpoint(service: str, region: str, environ: Mapping[str, str]) -> str:
    """Return the endpoint that botocore would use, from the same variables."""
    given = environ.get(_ENDPOINTS.get(service, "")) or environ.get("AWS_ENDPOINT_URL")
    if given and not _is_set(environ, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        return given
    fips, dual_stack = _is_set(environ, "AWS_USE_FIPS_ENDPOINT"), _is_set(environ, "AWS_USE_DUALSTACK_ENDPOINT")
    if not fips and not dual_stack and not _ELSEWHERE.match(region):
        return f"https://{service}.{region}.amazonaws.com"
    from gatepost.aws.endpoints import address  # for few regions

    return address(service, region, fips=fips, dual_stack=dual_stack)


def _is_set(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() == "true"


def document_in(reply: Reply) -> dict[str, Any]:
    """Return the object that a response holds. Raises NoAnswer."""
    try:
        document = json.loads(reply.body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise NoAnswer("NotJSON")
    return document


def _refusal(reply: Reply) -> Refusal:
    """Return the error as botocore parses it: from the body only, ignoring the header `x-amzn-errortype`."""
    status, body = str(reply.status), reply.body.strip()
    if reply.status >= 500 and (not body or body.startswith(b"<html>")):  # from a proxy in front of it
        return Refusal(status, message=_phrase(reply.status))
    try:
        said = document_in(reply)
    except NoAnswer:
        return Refusal(status, message=reply.body.decode(errors="replace"))
    kind = said.get("__type", status)
    code = kind.partition(":")[0].rpartition("#")[2] if isinstance(kind, str) else "" if kind is None else status
    old_code, *kinds = reply.headers.get("x-amzn-query-error", "").split(";")
    if old_code and len(kinds) == 1 and kind is not None:
        code = old_code
    return Refusal(code, said, message=said.get("message", said.get("Message", "")))


def _phrase(status: int) -> str:
    from http import HTTPStatus  # for a rare case

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
