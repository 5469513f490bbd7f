"""Mail of a local deployment: who may send it, and where it is seen."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.configuration.context import ROOT
from infra.local.aws.mail import SentMail, as_block
from infra.local.deployment import Deployment
from infra.local.lambda_runtime.process import InvocationFailed
from tests.conftest import Deploy

SENDER = "gatepost@example.com"
SENDING = """
from gatepost.mail.messages import Mail
from gatepost.runtime.wiring import mailer

def handler(event, context):
    mailer().send(Mail(to="maria@example.com", subject=event["subject"], text="Grüße\\n"))
"""


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    """The functions, of which two do nothing but send a mail: one that may, and one that may not."""
    folder = tmp_path / "functions"
    shutil.copytree(ROOT / "functions", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("registration", "whoami"):
        (folder / name / "handler.py").write_text(SENDING)
    return folder


def test_a_mail_is_shown_and_kept_and_only_some_functions_may_send_one(deploy: Deploy, functions: Path) -> None:
    shown: list[SentMail] = []
    options: dict[str, Any] = {"overrides": {"mail_sender": SENDER}, "functions_folder": functions, "seeded": False}
    deployed = deploy(on_mail=shown.append, **options)

    deployed.invoke("registration", {"subject": "One"})
    deployed.invoke("registration", {"subject": "Two"})
    with pytest.raises(InvocationFailed):
        deployed.invoke("whoami", {"subject": "Three"})

    assert deployed.mails == [
        SentMail(sender=SENDER, to="maria@example.com", subject="One", text="Grüße\n"),
        SentMail(sender=SENDER, to="maria@example.com", subject="Two", text="Grüße\n"),
    ]
    assert deployed.mails == shown  # once each


def test_without_a_sender_there_is_no_mail(deployment: Deployment) -> None:
    assert deployment.settings.mail_sender == ""
    assert deployment.mails == []


def test_a_mail_stands_apart_on_the_terminal_and_can_not_steer_it() -> None:
    mail = SentMail(sender=SENDER, to="maria@example.com", subject="A\x1b[2J", text="First\n\n\x9b31mLast\n")

    assert as_block(mail) == (
        "\n"
        "+- mail\n"
        "| From: gatepost@example.com\n"
        "| To: maria@example.com\n"
        "| Subject: A\N{REPLACEMENT CHARACTER}[2J\n"
        "|\n"
        "| First\n"
        "|\n"
        "| \N{REPLACEMENT CHARACTER}31mLast\n"
        "+-\n"
    )
