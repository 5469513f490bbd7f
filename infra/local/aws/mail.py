"""The mails that functions sent, which the local AWS keeps instead of delivering them."""

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
    """Every mail of a deployment, in the order of sending."""

    def __init__(self, cloud: Cloud, sender: str, on_mail: Callable[[SentMail], None] | None) -> None:
        """Verify `sender`, so that the local AWS accepts its mails; `on_mail` receives each mail once."""
        cloud.client("sesv2").create_email_identity(EmailIdentity=sender)
        self._url = f"{cloud.endpoint}/_ministack/ses/messages"
        self._on_mail = on_mail
        self._lock = threading.Lock()
        self._mails: list[SentMail] = []

    def mails(self) -> list[SentMail]:
        """Return all mails sent so far."""
        with self._lock, urllib.request.urlopen(self._url, timeout=_SECONDS) as answer:  # noqa: S310
            sent = [_mail(each) for account in json.load(answer)["messages"].values() for each in account]
            for mail in sent[len(self._mails) :]:
                self._mails.append(mail)
                if self._on_mail:
                    self._on_mail(mail)
            return list(self._mails)


def as_block(mail: SentMail) -> str:
    """Return a mail for the terminal: set off from the log, and without control characters."""
    said = (f"From: {mail.sender}", f"To: {mail.to}", f"Subject: {mail.subject}", "", *mail.text.strip().splitlines())
    lines = ("".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line) for line in said)
    return "\n".join(("", "+- mail", *(f"| {line}".rstrip() for line in lines), "+-", ""))


def _mail(record: dict[str, str]) -> SentMail:
    return SentMail(
        sender=record["Source"], to=", ".join(record["To"]), subject=record["Subject"], text=record["BodyText"]
    )
