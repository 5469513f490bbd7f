"""AWS in this process behind clients that count their calls, and fail one of them on demand."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from io import BytesIO
from typing import Any

import boto3
from botocore import UNSIGNED, xform_name
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID, botocore_stubber
from urllib3 import HTTPResponse

from tests import dynamodb
from tests.contract.cloud import REGION, create_tables
from tests.dynamodb import InProcess
from tests.security.faults.kinds import Kind


class Faults:
    """The faults of a deployment's clients: they count calls, and one fails as set by `arm`."""

    def __init__(self) -> None:
        """Nothing fails."""
        self.calls: list[tuple[str, str]] = []
        self.requests: list[tuple[str, str, dict[str, Any]]] = []  # the same calls of boto3, with their parameters
        self.struck = False
        self._armed: tuple[int, Kind] | None = None
        self._lost = False

    @property
    def needs_wire(self) -> bool:
        """Whether requests must go through botocore, which retries those whose response is lost."""
        return self._armed is not None and self._armed[1].strike is None

    def arm(self, position: int, kind: Kind) -> None:
        """Let the call at `position` fail, counted from 0."""
        self.calls, self.requests, self.struck, self._armed = [], [], False, (position, kind)

    def disarm(self) -> None:
        """Let nothing fail any more, and reset the count."""
        self.calls, self.requests, self._armed, self._lost = [], [], None, False

    def carry_out(self, service: str, operation: str, call: Callable[[], Any], request: dict[str, Any]) -> Any:
        """Perform the call, or the fault in its place."""
        self.requests.append((service, operation, request))
        kind = self.struck_by(service, operation)
        if kind is None:
            return call()
        if kind.strike is not None:
            return kind.strike(call, request)
        self._lost = True
        return call()

    def struck_by(self, service: str, operation: str) -> Kind | None:
        """Count a call; return its fault, None if there is none."""
        position = len(self.calls)
        self.calls.append((service, operation))
        if self._armed is None:
            return None
        at, kind = self._armed
        if position != at and not (kind.lasts and position > at and kind.fits(service, operation)):
            return None
        self.struck = True
        return kind

    def loses(self) -> bool:
        """Whether the response on the wire is to be lost; it is lost once."""
        lost, self._lost = self._lost, False
        return lost


class Wire:
    """The transport of botocore for DynamoDB: to the engine in this process."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(self, *, request: Any, **_: Any) -> AWSResponse:
        """Return the response; a lost response is a timeout for the SDK, after the request took effect."""
        operation = request.headers["X-Amz-Target"].decode().partition(".")[2]
        status, headers, body = dynamodb.answered(xform_name(operation), request.body)
        if self._faults.loses():
            raise ReadTimeoutError(endpoint_url=request.url)
        raw = HTTPResponse(BytesIO(body), preload_content=False)
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), raw)


class FaultyClient:
    """A client of boto3 whose calls go through `Faults`."""

    def __init__(self, service: str, client: Any, faults: Faults, direct: Any = None) -> None:
        """`client` carries the calls out, `direct` those that need no wire."""
        self._service, self._client, self._faults, self._direct = service, client, faults, direct or client

    def __getattr__(self, name: str) -> Any:
        """Return an operation, or any other attribute of the client."""
        found = getattr(self._client if self._faults.needs_wire else self._direct, name)
        if not callable(found) or name == "exceptions":
            return found

        def call(**request: Any) -> Any:
            return self._faults.carry_out(self._service, name, lambda: found(**request), request)

        return call


class Mailbox:
    """The SES client: it keeps the mails."""

    def __init__(self) -> None:
        """Nothing was sent."""
        self.sent: list[dict[str, Any]] = []

    def send_email(self, **request: Any) -> dict[str, str]:
        """Keep a mail."""
        self.sent.append(request)
        return {"MessageId": "1"}

    def last_link(self) -> str:
        """The token in the last mail that has one, "" if none has."""
        texts = [mail["Content"]["Simple"]["Body"]["Text"]["Data"] for mail in self.sent]
        found = [text.partition("?token=")[2].split()[0] for text in texts if "?token=" in text]
        return found[-1] if found else ""


class Queue:
    """The SQS client: it keeps the messages."""

    def __init__(self) -> None:
        """Nothing was sent."""
        self.sent: list[str] = []

    def send_message(self, **request: Any) -> dict[str, str]:
        """Keep a message."""
        self.sent.append(request["MessageBody"])
        return {"MessageId": "1"}


class Cloud:
    """Tables, secrets, mailbox and queue, with `clients` that fail and `dynamodb`, `secrets` that never do."""

    def __init__(self) -> None:
        """Inside moto's mock_aws, which keeps the secrets."""
        self.faults, self.mailbox, self.queue = Faults(), Mailbox(), Queue()
        config = Config(
            signature_version=UNSIGNED,
            parameter_validation=False,
            retries={"mode": "standard", "total_max_attempts": 3},
        )
        self.dynamodb = boto3.client("dynamodb", region_name=REGION, config=config)
        self.secrets = boto3.client("secretsmanager", region_name=REGION, config=config)
        events: Any = self.dynamodb.meta.events
        events.unregister("before-send", botocore_stubber)
        events.register("before-send.dynamodb", Wire(self.faults))
        self.tables = create_tables(self.dynamodb)
        self.carriers: dict[str, Any] = {"dynamodb": InProcess(), "secretsmanager": self.secrets, "sqs": self.queue}
        self.clients: dict[str, FaultyClient] = {
            "dynamodb": FaultyClient("dynamodb", self.dynamodb, self.faults, InProcess()),
            "secretsmanager": FaultyClient("secretsmanager", self.secrets, self.faults),
            "sesv2": FaultyClient("sesv2", self.mailbox, self.faults),
            "sqs": FaultyClient("sqs", self.queue, self.faults),
        }

    def items(self) -> dict[str, list[dict[str, Any]]]:
        """Every item of every table, by the table's logical name."""
        return {name: dynamodb.items(real) for name, real in self.tables.items()}

    def snapshot(self) -> bytes:
        """Everything that is stored."""
        sent = self.mailbox.sent, self.queue.sent
        return pickle.dumps((dynamodb.snapshot(self.tables.values()), dict(self._secrets()), *sent))

    def restore(self, snapshot: bytes) -> None:
        """Make everything as it was."""
        tables, secrets, mails, messages = pickle.loads(snapshot)
        dynamodb.restore(tables)
        stored = self._secrets()
        stored.clear()
        stored.update(secrets)
        self.mailbox.sent, self.queue.sent = mails, messages
        self.faults.disarm()

    def _secrets(self) -> Any:
        return get_backend("secretsmanager")[DEFAULT_ACCOUNT_ID][REGION].secrets
