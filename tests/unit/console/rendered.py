"""Contexts of the pages without a session that show every part of them, and a page parsed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from gatepost.console.consent_lines import Line
from gatepost.consumer.api import document
from gatepost.consumer.reference import reference_of

MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class ShownScope:
    name: str
    description: str
    is_new: bool


@dataclass(frozen=True)
class ShownDifference:
    part: str
    sent: str | None
    registered: str | None
    hint: str


SCOPES = [ShownScope("read", "Read your data", False), ShownScope("write", "Change your data", True)]
LINES = [Line("Read your data", ("alice",), is_new=False), Line("Change your data", (), is_new=True)]
# With every part of the page shown.
_CONTEXTS: dict[str, dict[str, Any]] = {
    "login.html": {
        "app_name": "Demo web app", "of_an_app": True, "next": "/developer/auth?client_id=demo",
        "form_token": "the-form-token", "user_name": "alice", "error": "User name or password is wrong.",
        "registration_open": True, "register_url": "/developer/register",
    },
    "register.html": {
        "next": "/developer", "form_token": "the-form-token", "user_name": "alice", "email": "alice@example.test",
        "email_required": False,
        "errors": {"user_name": "This name is taken.", "password": "Use at least 10 characters."},
        "password_min_length": 10, "login_url": "/developer/login",
    },
    "form_post.html": {
        "url": "https://client.example.test/cb", "host": "client.example.test",
        "fields": {"code": "abc", "state": "s-1", "iss": "https://id.example.test"},
    },
    "consent.html": {
        "app_name": "Demo web app", "app_host": "client.example.test", "redirect_host": "callback.example.test",
        "notice": "native", "stranger": None, "learned": [], "user_name": "alice",
        "apis": [{"name": "", "url": "", "scopes": SCOPES, "lines": LINES}], "implicit": True, "token_minutes": 10,
        "client_id": "6f1c2b7e-9a40-4d1b-8c55-0e8f3f1a2b3c",
        "app": {"client_id": "6f1c2b7e-9a40-4d1b-8c55-0e8f3f1a2b3c", "logo": "the-logos-digest"}, "checked": False,
        "form_token": "the-form-token", "request_id": "the-request",
        "switch_url": "/developer/login?next=%2Fdeveloper%2Fauth",
    },
    "refused_redirect.html": {
        "app_name": "Demo web app", "app_url": "https://client.example.test", "app_host": "client.example.test",
        "sent": "https://client.example.test/cb/", "sign_in_url": "/developer/login?next=%2Fdeveloper%2Fauth",
        "request_id": "the-request", "support_contact": "support@example.test",
    },
    "refused_app_owner.html": {
        "app_name": "Demo web app", "client_id": "6f1c2b7e-9a40-4d1b-8c55-0e8f3f1a2b3c", "status": "pending",
        "status_reason": "", "request_id": "the-request", "support_contact": "support@example.test",
    },
    "refused_redirect_owner.html": {
        "app_name": "Demo web app", "client_id": "6f1c2b7e-9a40-4d1b-8c55-0e8f3f1a2b3c",
        "sent": "https://client.example.test/cb/", "nearest": "https://client.example.test/cb", "by_origin": False,
        "differences": [ShownDifference("path", "/cb/", "/cb", "Only the slash at the end.")],
        "fault": "must not have a fragment", "request_id": "the-request",
    },
    "error.html": {
        "title": "This link does not work",
        "message": "The app sent you here with an address that it has not registered.",
        "advice": "Go back to the app and try again.", "error": "invalid_request", "request_id": "the-request",
        "support_contact": "support@example.test",
    },
    "sign_out.html": {
        "user_name": "alice", "app_name": "Demo web app", "host": "client.example.test", "unchecked": False,
        "fields": {"form_token": "the-form-token", "id_token_hint": "an.id.token"},
    },
    "signed_out.html": {"url": "https://bye.example.test/out", "host": "bye.example.test"},
    "by_press.html": {
        "url": "https://elsewhere.example.test/cb?error=invalid_scope&state=s-1", "host": "elsewhere.example.test",
        "fields": None, "error": "invalid_scope: the scope is not known",
    },
    "before_fetch.html": {
        "host": "app.example.test", "url": "/developer/auth?client_id=https%3A%2F%2Fapp.example.test%2Fclient.json",
    },
    "unknown.html": {"home": "/developer", "methods": (), "meant": "/developer"},
    "goodbye.html": {"bound_seconds": 10, "mail_configured": True, "audit_days": 90},
    "api_reference.html": {
        "issuer": "https://auth.example.test",
        "reference": reference_of(json.loads(document("https://auth.example.test", "Example"))),
    },
}  # fmt: skip
CONTEXTS = {template: {"service_name": "Example", **context} for template, context in _CONTEXTS.items()}


@dataclass
class Parsed(HTMLParser):
    """The elements of a page, in order, and the text inside each kind of them."""

    html: str
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "input", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag] = self.texts.get(tag, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def one(self, tag: str, **wanted: str) -> dict[str, str | None]:
        (found,) = [a for a in self.all(tag) if all(a.get(name) == value for name, value in wanted.items())]
        return found

    def text(self, tag: str) -> str:
        return " ".join(self.texts[tag].split())
