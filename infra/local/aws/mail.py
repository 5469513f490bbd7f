"""The mails that the functions sent: nobody gets them, the local AWS keeps them and this reads them there."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from infra.local.aws.cloud import Cloud

_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """A mail that Amazon SES would have delivered."""

    sender: str
    to: str
    subject: str
    text: str


class Mailbox:
    """Every mail of a deployment, in the order in which they were sent."""

    def __init__(self, cloud: Cloud, sender: str, on_mail: Callable[[SentMail], None] | None) -> None:
        """Verify `sender`, so that the local AWS takes its mails; `on_mail` gets each of them once."""
        cloud.client("sesv2").create_email_identity(EmailIdentity=sender)
        self._url = f"{cloud.endpoint}/_ministack/ses/messages"
        self._on_mail = on_mail
        self._lock = threading.Lock()
        self._mails: list[SentMail] = []

    def mails(self) -> list[SentMail]:
        """Everything that was sent until now."""
        with self._lock, urllib.request.urlopen(self._url, timeout=_SECONDS) as answer:  # noqa: S310
            sent = [_mail(each) for account in json.load(answer)["messages"].values() for each in account]
            for mail in sent[len(self._mails) :]:
                self._mails.append(mail)
                if self._on_mail:
                    self._on_mail(mail)
            return list(self._mails)


def as_block(mail: SentMail) -> str:
    """A mail for the terminal: apart from the lines of the log, and without what could steer the terminal."""
    said = (f"From: {mail.sender}", f"To: {mail.to}", f"Subject: {mail.subject}", "", *mail.text.strip().splitlines())
    lines = ("".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line) for line in said)
    return "\n".join(("", "+- mail", *(f"| {line}".rstrip() for line in lines), "+-", ""))


def _mail(record: dict[str, str]) -> SentMail:
    return SentMail(
        sender=record["Source"], to=", ".join(record["To"]), subject=record["Subject"], text=record["BodyText"]
    )
