"""A browser without a screen: it keeps cookies itself (they are `Secure`, and this is http) and parses forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from gatepost.routes import CONSENT, LOGIN_PAGE


@dataclass
class Form:
    """A form of a page with the fields that it would send."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


def _is_sent(attributes: dict[str, str]) -> bool:
    """Whether a browser sends the field: an unchecked box is not sent."""
    return attributes.get("type") not in ("checkbox", "radio") or "checked" in attributes


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(action=values.get("action", "")))
        elif tag == "input" and self.forms and "name" in values and _is_sent(values):
            self.forms[-1].fields[values["name"]] = values.get("value", "")


class Browser:
    """A person's browser; it never follows a redirect by itself."""

    def __init__(self, base_url: str, *, user_agent: str = "") -> None:
        self.base_url = base_url
        self.cookies: dict[str, str] = {}
        self._known_by = {"User-Agent": user_agent} if user_agent else {}

    def get(self, path: str, **options: Any) -> requests.Response:
        return self._send("GET", path, **options)

    def post(self, path: str, fields: Any, **options: Any) -> requests.Response:
        return self._send("POST", path, data=fields, **options)

    def submit(self, page: requests.Response, action: str, **typed: str) -> requests.Response:
        """Fill in and send the form of `page` that goes to `action`."""
        form = form_of(page, action)
        return self.post(form.action, {**form.fields, **typed}, headers={"Origin": self.base_url})

    def sign_in(self, user_name: str, password: str, path: str = LOGIN_PAGE.path) -> requests.Response:
        """Sign in through the sign-in page; return the response."""
        page = self.get(path)
        if page.is_redirect:
            page = self.get(page.headers["Location"])
        return self.submit(page, LOGIN_PAGE.path, user_name=user_name, password=password)

    def decide(self, page: requests.Response, decision: str) -> requests.Response:
        """Press a button of the consent page."""
        return self.submit(page, CONSENT.path, decision=decision)

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = self._known_by | dict(options.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        url = urljoin(self.base_url, path)
        answer = requests.request(method, url, headers=headers, allow_redirects=False, timeout=30, **options)
        for line in answer.raw.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer


def post(browser: Browser, page: str, path: str, **fields: object) -> requests.Response:
    """Post to `path` with the form token of `page`."""
    return post_with(browser, form_token_of(browser, page), path, **fields)


def form_token_of(browser: Browser, page: str) -> str:
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get(page).text)
    assert token
    return token[1]


def post_with(browser: Browser, form_token: str, path: str, **fields: object) -> requests.Response:
    return browser.post(path, {"form_token": form_token, **fields}, headers={"Origin": browser.base_url})


def form_of(page: requests.Response, action: str) -> Form:
    """The form of a page that goes to `action`."""
    parser = _Forms()
    parser.feed(page.text)
    found = [form for form in parser.forms if urlsplit(form.action).path == action]
    assert len(found) == 1, f"{page.status_code}: {len(found)} forms to {action} in {page.text[:2000]}"
    return found[0]


def answer_of(response: requests.Response) -> dict[str, str]:
    """Return the parameters of a response to the app: in the query, the fragment, or the form of a page."""
    if is_posted_answer(response):
        parser = _Forms()
        parser.feed(response.text)
        (form,) = parser.forms
        return form.fields
    assert response.is_redirect, f"{response.status_code} {response.text[:2000]}"
    return answer_in(response.headers["Location"])


def is_posted_answer(response: requests.Response) -> bool:
    """Whether a page posts a response to the app (`response_mode=form_post`)."""
    return response.ok and "<h1>Returning to the app</h1>" in response.text


def answer_in(location: str) -> dict[str, str]:
    """The same, from the URL."""
    parts = urlsplit(location)
    pairs = parse_qsl(parts.fragment or parts.query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)
