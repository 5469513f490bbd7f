"""`make mail-test`: what SES asks of the functions, before somebody waits for a mail; and mails on this machine."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.aws.mail import Mailbox, SentMail, as_block
from infra.local.deployment import Deployment
from infra.tools.operator.mail_test import try_mail
from infra.tools.operator.target import NotPossible, Target
from tests.infra.rendered import Grant, grants
from tests.infra.synthesized import SENDER, synthesized
from tests.operating import operate, stage_prod

TO = "maria@example.org"
PLACE = "arn:aws:ses:eu-west-1:111122223333:"
OWN = [f"{PLACE}identity/{SENDER}", f"{PLACE}identity/auth.example.com"]


class Account:
    """The services that the command asks."""

    def __init__(
        self,
        verified: dict[str, str],
        *,
        granted: list[str] | str = OWN,
        sandbox: bool = False,
        sending: bool = True,
        told: dict[str, str] | None = None,
    ) -> None:
        """`verified` holds identities with their configuration sets."""
        self._verified, self._granted = verified, granted
        self._account = {"ProductionAccessEnabled": not sandbox, "SendingEnabled": sending}
        self._told = {"GATEPOST_ISSUER": "https://id.example.test", "GATEPOST_MAIL_SENDER": SENDER, **(told or {})}
        self.sent: list[dict[str, Any]] = []

    def target(self) -> Target:
        return stage_prod(lambda _: self, "registration")

    def get_function_configuration(self, **_: str) -> dict[str, Any]:
        return {"Environment": {"Variables": self._told}, "Role": "arn:aws:iam::111122223333:role/sends"}

    def get_role_policy(self, **named: str) -> dict[str, Any]:
        assert named == {"RoleName": "sends", "PolicyName": "access"}
        statements = [
            {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": "arn:aws:dynamodb:::table/x"},
            {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": self._granted},
        ]
        return {"PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}

    def get_email_identity(self, EmailIdentity: str) -> dict[str, Any]:  # noqa: N803
        if EmailIdentity not in self._verified:
            raise ClientError({"Error": {"Code": "NotFoundException", "Message": "x"}}, "GetEmailIdentity")
        return {"VerifiedForSendingStatus": True, "ConfigurationSetName": self._verified[EmailIdentity]}

    def get_account(self) -> dict[str, Any]:
        return self._account

    def send_email(self, **mail: Any) -> None:
        self.sent.append(mail)


@pytest.mark.parametrize("identity", [SENDER, "auth.example.com"])
def test_a_mail_is_sent_where_nothing_is_missing(identity: str) -> None:
    account = Account({identity: ""})

    assert try_mail(account.target(), TO) == (
        f"A mail from {SENDER} is on its way to {TO}, and the functions may send the like."
    )
    (mail,) = account.sent
    assert (mail["FromEmailAddress"], mail["Destination"]) == (SENDER, {"ToAddresses": [TO]})
    assert "ConfigurationSetName" not in mail


SENDS_NONE = "the stage prod sends no mail: mail_sender is not set."
SANDBOX = "The account is in the SES sandbox,"
MAY_NOT = "which the functions may not use: set gatepost."


@pytest.mark.parametrize(
    ("account", "sentence"),
    [
        (
            Account({SENDER: ""}, told={"GATEPOST_MAIL_SENDER": ""}),
            "the stage prod sends no mail: mail_sender is not set.",
        ),
        (Account({}), f"SES has verified none of {SENDER}, auth.example.com, example.com in this region."),
        (
            Account({"example.com": ""}),
            (
                f"SES sends as {SENDER} by the identity example.com, {MAY_NOT}"
                'mail_identities to ["example.com"], and deploy.'
            ),
        ),
        (
            Account({SENDER: "mails"}),
            (
                f"The identity {SENDER} has the configuration set mails, {MAY_NOT}"
                'mail_configuration_set to "mails", and deploy.'
            ),
        ),
        (
            Account({SENDER: ""}, sending=False),
            "SES has paused sending for this account (`aws sesv2 get-account` says why).",
        ),
        (
            Account({SENDER: ""}, sandbox=True),
            f"{SANDBOX} and {TO} is not verified: move it out, or verify {TO}.",
        ),
        (
            Account({SENDER: "", TO: ""}, sandbox=True),
            (
                f"{SANDBOX} where the functions need a right on the recipient too: move it out, or "
                f'add "{TO}" to gatepost.mail_identities, and deploy.'
            ),
        ),
    ],
)
def test_what_is_missing_is_said_with_the_setting_that_mends_it(account: Account, sentence: str) -> None:
    with pytest.raises(NotPossible) as refused:
        try_mail(account.target(), TO)

    assert str(refused.value) == sentence
    assert account.sent == []


def test_with_these_settings_it_is_sent() -> None:
    granted = [f"{PLACE}identity/example.com", f"{PLACE}identity/{TO}", f"{PLACE}configuration-set/mails"]
    account = Account({"example.com": "mails", TO: ""}, granted=granted, sandbox=True)

    said = try_mail(account.target(), TO)
    assert said.endswith("The account is in the SES sandbox: only verified addresses get mail.")
    assert account.sent[0]["ConfigurationSetName"] == "mails"


def test_the_settings_reach_the_role_and_the_functions() -> None:
    template = synthesized("asked").main
    place = "arn:<Partition>:ses:<Region>:<AccountId>:"

    assert {each for each in grants(template, "registration") if each.action.startswith("ses:")} == {
        Grant("ses:SendEmail", f"{place}identity/example.com", sender=SENDER),
        Grant("ses:SendEmail", f"{place}identity/{TO}", sender=SENDER),
        Grant("ses:SendEmail", f"{place}configuration-set/mails", sender=SENDER),
    }
    assert not {each for each in grants(template, "token") if each.action.startswith("ses:")}


def test_make_mail_test_works_with_what_make_run_runs(whole: Deployment) -> None:
    sent, shown = len(whole.mails), list[SentMail]()
    mailbox = Mailbox(whole.cloud, SENDER, shown.append)

    status, said = operate("mail_test", "--port", str(whole.running.port), "--", TO)

    assert status == 0, said
    assert [(mail.sender, mail.to) for mail in whole.mails[sent:]] == [(SENDER, TO)]
    assert mailbox.mails() == mailbox.mails() == shown == whole.mails  # once each
    assert operate("mail_test", "--port", str(whole.running.port), "--", "maria") == (
        2,
        "Who gets the mail? For example: make mail-test TO=maria@example.com STAGE=prod\n",
    )


def test_without_a_sender_there_is_no_mail(deployment: Deployment) -> None:
    assert (deployment.settings.mail_sender, deployment.mails) == ("", [])


def test_a_mail_stands_apart_on_the_terminal_and_can_not_steer_it() -> None:
    mail = SentMail(sender=SENDER, to=TO, subject="A\x1b[2J", text="First\n\n\x9b31mLast\n")

    assert as_block(mail) == (
        "\n+- mail\n| From: id@auth.example.com\n| To: maria@example.org\n| Subject: A\N{REPLACEMENT CHARACTER}[2J\n"
        "|\n| First\n|\n| \N{REPLACEMENT CHARACTER}31mLast\n+-\n"
    )
