"""A user and their app as a value for another process, and the requests that they send."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from gatepost.authentication.sessions import SESSION_COOKIE, VISITOR_COOKIE, form_token
from gatepost.identifiers import new_secret
from gatepost.routes import TOKEN
from tests.people import CALLBACK, PASSWORD
from tests.security.sending import Answer, Call


@dataclass(frozen=True, kw_only=True)
class Party:
    """A user and their app, and what they send."""

    base_url: str
    user_name: str
    client_id: str
    client_secret: str

    @property
    def auth(self) -> dict[str, str]:
        """The app proves itself."""
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        return {"Authorization": f"Basic {basic}"}

    def by_app(self, path: str, /, **fields: str) -> Call:
        return Call(path=path, form=fields, headers=self.auth)

    def token(self, **fields: str) -> Call:
        return self.by_app(TOKEN.path, **fields)

    def redeem(self, code: str, verifier: str = "") -> Call:
        sent = {"code_verifier": verifier} if verifier else {}
        return self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **sent)

    def by_password(self) -> Call:
        return self.token(grant_type="password", username=self.user_name, password=PASSWORD)

    def posted(self, path: str, cookie: str, cookie_name: str = SESSION_COOKIE, /, **fields: Any) -> Call:
        """Post a form that the browser with this cookie was shown."""
        headers = {"Cookie": f"{cookie_name}={cookie}", "Origin": self.base_url}
        return Call(path=path, form={"form_token": form_token(cookie), **fields}, headers=headers)

    def visit(self, path: str, /, **fields: str) -> Call:
        """Post a form of a page for browsers without a session."""
        return self.posted(path, new_secret(), VISITOR_COOKIE, **fields)


def seen(path: str, cookie: str) -> Call:
    """A page, in a browser that is signed in."""
    return Call(method="GET", path=path, headers={"Cookie": f"{SESSION_COOKIE}={cookie}"})


def bearing(path: str, token: str) -> Call:
    return Call(method="GET", path=path, headers={"Authorization": f"Bearer {token}"})


def app_form(name: str, **changes: Any) -> dict[str, Any]:
    """A form with the details of an app."""
    known = {"name": name, "url": CALLBACK, "redirect_uris": CALLBACK, "kind": "confidential"}
    grant_types = ["authorization_code", "refresh_token", "password"]
    return {**known, "scope": ["read", "write"], "grant_types": grant_types, **changes}


def session_of(answer: Answer) -> str:
    """Return the session that a response begins, "" if there is none."""
    for line in answer.cookies:
        cookie = SimpleCookie(line)
        if SESSION_COOKIE in cookie and cookie[SESSION_COOKIE].value:
            return cookie[SESSION_COOKIE].value
    return ""
