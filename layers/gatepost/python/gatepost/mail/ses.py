"""The mail port on Amazon SES."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from gatepost.errors import TemporarilyUnavailable
from gatepost.mail.messages import Mail

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


class SesMailer:
    """See mail.Mailer."""

    def __init__(self, client: SESV2Client, sender: str, configuration_set: str = "") -> None:
        """`sender` is an address that SES may send from."""
        self._client = client
        self._sender = sender
        self._more: dict[str, str] = {"ConfigurationSetName": configuration_set} if configuration_set else {}

    def send(self, mail: Mail) -> None:
        """One call."""
        content = {
            "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
            "Body": {"Text": {"Data": mail.text, "Charset": "UTF-8"}},
        }
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [mail.to]},
                Content={"Simple": content},  # type: ignore[typeddict-item]
                **self._more,  # type: ignore[arg-type]
            )
        except ClientError as error:
            raise _not_sent(error.response.get("Error", {}).get("Code", "")) from None
        except BotoCoreError as error:
            raise _not_sent(type(error).__name__) from None


def mailer_as(sender: str, configuration_set: str = "") -> SesMailer:
    """A mailer in the function's region. A request must not hang: three short tries within the function's time."""
    config = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})
    return SesMailer(boto3.client("sesv2", config=config), sender, configuration_set)


def _not_sent(reason: str) -> TemporarilyUnavailable:
    return TemporarilyUnavailable("the mail could not be sent", reason=f"SES: {reason}")
