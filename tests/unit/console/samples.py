"""Contexts of the console's pages that show every part of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Context = dict[str, Any]

DAYS = [*(f"2026-10-{day}" for day in range(26, 32)), *(f"2026-11-{day:02}" for day in range(1, 25))]
ID = "6f1c2b7e-9a40-4d1b-8c55-0e8f3f1a2b3c"


@dataclass(frozen=True)
class Time:
    iso: str
    relative: str
    exact: str


CREATED = Time("2026-11-21T08:54:12Z", "3 days ago", "2026-11-21 08:54 UTC")
USED = Time("2026-11-24T06:02:00Z", "2 hours ago", "2026-11-24 06:02 UTC")

READ = {"name": "read", "description": "Read your data"}
WRITE = {"name": "write", "description": "Change your data"}

VISITOR: Context = {"service_name": "Example", "form_token": "the-form-token"}
FRAME: Context = {**VISITOR, "user_name": "alice", "is_admin": True, "done": "The app is deleted.", "administers": None}

_OWN = {"name": "", "url": "", "scopes": [READ, WRITE]}
CONNECTIONS: Context = {
    **FRAME,
    "connections": [
        {
            "client_id": ID,
            "name": name,
            "logo": "the-logos-digest" if used else "",
            "host": "client.example.test",
            "unchecked": None,
            "apis": apis,
            "since": CREATED,
            "last_used": used,
        }
        for name, used, apis in (
            ("Demo web app", USED, [_OWN]),
            (
                "Photo printer",
                None,
                [_OWN, {"name": "Reports", "url": "https://reports.example.test", "scopes": [READ]}],
            ),
        )
    ],
    "bound_seconds": 10,
    "next_url": "/developer/grants?after=the-cursor",
}
SESSION = {
    "session_id": "one", "browser": "Firefox on Linux", "address": "192.0.2.7", "since": USED, "last_used": USED,
    "is_current": True, "apps": ["Mail", "Notes <b>"],
}  # fmt: skip
ACCOUNT: Context = {
    **FRAME, "email": "alice@example.test", "user_id": ID, "groups": ("editors", "staff"),
    "email_state": "unconfirmed", "mail_configured": True, "password_min_length": 10,
    "sessions": [
        SESSION,
        {
            **SESSION, "session_id": "two", "browser": "Unknown browser", "address": "", "since": CREATED,
            "is_current": False, "apps": [],
        },
    ],
    "values": {"email": "alice@", "confirm_name": "alcie"},
    "errors": {
        "email": "This is not an e-mail address.", "current_password": "This is not your password.",
        "new_password": "Use at least 10 characters.", "confirm_name": "This is not your user name.",
        "delete_password": "This is not your password.",
    },
}  # fmt: skip

BY_MAIL: dict[str, Context] = {
    "forgotten.html": {
        **VISITOR, "mail_configured": True, "support_contact": "support@example.test", "sent": False,
        "account": "alice", "next": "/developer/auth?client_id=demo",
    },
    "reset_done.html": {
        "service_name": "Example", "user_name": "alice", "end_grants": True, "of_an_app": True,
        "next": "/developer/auth?client_id=demo",
    },
    "link_gone.html": {
        **VISITOR, "of_password": True, "registration_open": True, "next": "/developer/auth?client_id=demo",
    },
    "reset.html": {
        **VISITOR, "token": "the-token", "user_name": "alice", "password_min_length": 10, "end_grants": True,
        "errors": {"new_password": "Use at least 10 characters."},
    },
    "confirm.html": {
        **VISITOR, "token": "the-token", "what": "register", "user_name": "alice", "email": "alice@example.test",
        "is_theirs": False, "errors": {"password": "This is not the password."},
    },
    "leaving.html": {**VISITOR, "user_name": "alice"},
    "confirmed.html": {"service_name": "Example", "user_name": "alice", "email": "alice@example.test"},
    "check_mail.html": {"service_name": "Example", "email": "alice@example.test"},
    "waiting.html": {"service_name": "Example", "user_name": "alice"},
}  # fmt: skip
