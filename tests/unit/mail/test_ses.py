"""Amazon SES: one call per mail, and mails that it does not accept (S106)."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError
from botocore.stub import Stubber

from gatepost.errors import TemporarilyUnavailable
from gatepost.mail.messages import Mail
from gatepost.mail.ses import SesMailer
from tests.raising import raised

MAIL = Mail(to="bob@example.test", subject="Gatepost: Grüße", text="https://id.example.test/?token=a-private-token\n")
REQUEST = {
    "FromEmailAddress": "id@example.test",
    "Destination": {"ToAddresses": ["bob@example.test"]},
    "Content": {
        "Simple": {
            "Subject": {"Data": "Gatepost: Grüße", "Charset": "UTF-8"},
            "Body": {"Text": {"Data": MAIL.text, "Charset": "UTF-8"}},
        }
    },
}


@pytest.fixture
def mailer(monkeypatch: pytest.MonkeyPatch) -> tuple[SesMailer, Stubber]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    client = boto3.client("sesv2", region_name="eu-central-1")
    return SesMailer(client, "id@example.test"), Stubber(client)


def test_a_mail_is_one_call_with_text_only_and_its_configuration_set(mailer: tuple[SesMailer, Stubber]) -> None:
    ses, stubber = mailer
    stubber.add_response("send_email", {"MessageId": "m1"}, REQUEST)
    stubber.add_response("send_email", {"MessageId": "m2"}, {**REQUEST, "ConfigurationSetName": "mails"})

    with stubber:
        ses.send(MAIL)
        SesMailer(ses._client, "id@example.test", "mails").send(MAIL)
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    "code", ["MessageRejected", "TooManyRequestsException", "AccessDeniedException", "NotFoundException"]
)
def test_s106_a_mail_that_is_not_taken_can_be_tried_again(mailer: tuple[SesMailer, Stubber], code: str) -> None:
    ses, stubber = mailer
    stubber.add_client_error("send_email", code, "bob@example.test is not verified", 400)

    with stubber, pytest.raises(TemporarilyUnavailable) as caught:
        ses.send(MAIL)
    assert caught.value.description == "the mail could not be sent"
    assert caught.value.reason == f"SES: {code}"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("error", [ConnectTimeoutError, EndpointConnectionError])
def test_s106_nor_does_a_network_that_fails_tell_more(
    mailer: tuple[SesMailer, Stubber], error: type[ConnectTimeoutError], monkeypatch: pytest.MonkeyPatch
) -> None:
    ses, _ = mailer

    def fail(**_: object) -> None:
        raise error(endpoint_url="https://a-very-private-value")

    monkeypatch.setattr(ses._client, "send_email", fail)
    caught = raised(TemporarilyUnavailable, ses.send, MAIL)
    assert caught.reason == f"SES: {error.__name__}"
    assert "private" not in caught.description + caught.reason
