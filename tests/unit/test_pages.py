"""The pages: escaping (S19), their policy (S29, S30), what consent names (S38), forms that people can use."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import UndefinedError

from gatepost.pages import render

MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class ShownScope:
    name: str
    description: str
    is_new: bool


# With every part of the page shown.
CONTEXTS: dict[str, dict[str, Any]] = {
    "login.html": {
        "service_name": "Example",
        "app_name": "Demo web app",
        "next": "/developer/auth?client_id=demo",
        "form_token": "the-form-token",
        "user_name": "alice",
        "error": "User name or password is wrong.",
        "registration_open": True,
        "register_url": "/developer/register",
    },
    "register.html": {
        "service_name": "Example",
        "next": "/developer",
        "form_token": "the-form-token",
        "user_name": "alice",
        "email": "alice@example.test",
        "errors": {"user_name": "This name is taken.", "password": "Use at least 10 characters."},
        "password_min_length": 10,
        "login_url": "/developer/login",
    },
    "consent.html": {
        "service_name": "Example",
        "app_name": "Demo web app",
        "app_host": "client.example.test",
        "redirect_host": "callback.example.test",
        "notice": "native",
        "user_name": "alice",
        "scopes": [ShownScope("read", "Read your data", False), ShownScope("write", "Change your data", True)],
        "implicit": True,
        "token_minutes": 10,
        "form_token": "the-form-token",
        "request_id": "the-request",
        "switch_url": "/developer/login?next=%2Fdeveloper%2Fauth",
    },
    "error.html": {
        "service_name": "Example",
        "title": "This link does not work",
        "message": "The app sent you here with an address that it has not registered.",
        "advice": "Go back to the app and try again.",
        "developer_hint": "redirect_uri must equal a registered address, character by character.",
        "request_id": "the-request",
        "support_contact": "support@example.test",
    },
    "home.html": {"service_name": "Example", "user_name": "alice", "form_token": "the-form-token"},
}
VARIABLES = [(template, name) for template, context in CONTEXTS.items() for name in context]

every_page = pytest.mark.parametrize("template", CONTEXTS)


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
        if tag not in {"meta", "link", "input"}:
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


def page(template: str, **changes: object) -> Parsed:
    return Parsed(render(template, **{**CONTEXTS[template], **changes}).html)


def policy(template: str, *form_targets: str) -> dict[str, str]:
    text = render(template, form_targets=form_targets, **CONTEXTS[template]).content_security_policy
    return {name: sources for name, _, sources in (directive.partition(" ") for directive in text.split("; "))}


def hostile(value: object) -> object:
    """The same context value with markup wherever it holds a text."""
    if isinstance(value, str):
        return MARKUP
    if isinstance(value, dict):
        return dict.fromkeys([*value, MARKUP], MARKUP)
    if isinstance(value, list):
        return [ShownScope(MARKUP, MARKUP, True)]
    return value


# Escaping


@pytest.mark.parametrize(("template", "name"), VARIABLES)
def test_s19_markup_in_a_value_stays_text(template: str, name: str) -> None:
    harmless = page(template)
    value = CONTEXTS[template][name]

    attacked = page(template, **{name: hostile(value)})

    assert not attacked.all("script")
    assert not attacked.all("img")
    assert {tag for tag, _ in attacked.elements} <= {tag for tag, _ in harmless.elements}
    assert not [a for _, attributes in attacked.elements for a in attributes if a.startswith("on")]


@pytest.mark.parametrize(("template", "name"), VARIABLES)
def test_a_missing_variable_is_an_error(template: str, name: str) -> None:
    context = {key: value for key, value in CONTEXTS[template].items() if key != name}

    with pytest.raises(UndefinedError, match=name):
        render(template, **context)


@pytest.mark.parametrize("name", ["app_name", "app_host", "redirect_host", "user_name"])
def test_names_given_by_others_can_not_turn_the_direction_of_the_text_around_them(name: str) -> None:
    html = render("consent.html", **{**CONTEXTS["consent.html"], name: "\u202eevil"}).html

    assert html.count("\u202eevil") == html.count("<bdi>\u202eevil</bdi>") > 0


# The policy


@every_page
def test_s29_the_policy_holds_the_hash_of_the_style_in_the_page(template: str) -> None:
    html = render(template, **CONTEXTS[template]).html
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert html.count("<style") == 1
    assert ":root" in style
    assert policy(template)["style-src"] == f"'sha256-{digest}'"


@every_page
def test_s29_the_policy_allows_no_script_no_frame_and_nothing_from_elsewhere(template: str) -> None:
    directives = policy(template)
    del directives["style-src"]

    assert directives == {
        "default-src": "'none'",
        "img-src": "data:",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


@pytest.mark.parametrize("target", ["https:", "http:", "com.example.app:"])
def test_a_form_may_end_up_at_its_targets(target: str) -> None:
    assert policy("consent.html", target)["form-action"] == f"'self' {target}"


@pytest.mark.parametrize(
    "target",
    [
        "",
        "*",
        "https:; script-src *",
        "https: *",
        "https",
        "HTTPS:",
        ":",
        "https:\n",
        "https://a.test",
        "https://a.test, default-src *",
        "https://a.test https://b.test",
        "https://a.test\n",
        "https://*.test",
        "https://a.test/callback",
        "https://user@a.test",
        "'unsafe-inline'",
        "https://b\u00fccher.test",
    ],
)
def test_a_form_target_can_not_change_the_policy(target: str) -> None:
    with pytest.raises(ValueError, match="a form target is a scheme"):
        render("consent.html", form_targets=(target,), **CONTEXTS["consent.html"])


@every_page
def test_s30_a_page_loads_nothing(template: str) -> None:
    parsed = page(template)

    assert [link["rel"] for link in parsed.all("link")] == ["icon"]
    assert (parsed.one("link")["href"] or "").startswith("data:image/svg+xml,")
    assert not [a for _, attributes in parsed.elements for a in attributes if a in {"src", "srcset", "style"}]
    assert "url(" not in parsed.texts["style"]
    assert "@import" not in parsed.texts["style"]


# What every page keeps


@every_page
def test_a_page_is_small(template: str) -> None:
    assert len(render(template, **CONTEXTS[template]).html.encode()) < 30_000


def test_the_stylesheet_is_small() -> None:
    assert len(page("home.html").texts["style"].encode()) < 8_000


@every_page
def test_a_page_says_its_language_its_size_and_its_name(template: str) -> None:
    parsed = page(template)

    assert parsed.one("html")["lang"] == "en"
    assert parsed.one("meta", name="viewport")["content"] == "width=device-width, initial-scale=1"
    assert parsed.one("meta", name="color-scheme")["content"] == "light dark"
    assert parsed.texts["title"].endswith(" – Example")
    assert len(parsed.all("h1")) == 1
    assert len(parsed.all("main")) == 1


@every_page
def test_each_input_has_its_label_and_each_description_exists(template: str) -> None:
    parsed = page(template)
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    inputs = [i for i in parsed.all("input") if i.get("type") != "hidden"]

    assert len(ids) == len(set(ids))
    assert [label["for"] for label in parsed.all("label")] == [i["id"] for i in inputs]
    for described_by in [i["aria-describedby"] for i in inputs if "aria-describedby" in i]:
        assert set((described_by or "").split()) <= set(ids)


@every_page
def test_each_form_is_posted_with_its_proof_and_no_button_is_unlabelled(template: str) -> None:
    parsed = page(template)

    assert {form["method"] for form in parsed.all("form")} <= {"post"}
    proofs = [i["value"] for i in parsed.all("input") if i.get("name") == "form_token"]
    assert proofs == ["the-form-token"] * len(parsed.all("form"))
    assert all(svg.get("aria-hidden") == "true" for svg in parsed.all("svg"))


# Sign in


def test_sign_in_names_the_app_that_one_came_from() -> None:
    assert "to continue to Demo web app" in page("login.html").text("main")
    assert "to your Example account" in page("login.html", app_name=None).text("main")


def test_sign_in_keeps_the_name_and_lets_password_managers_help() -> None:
    parsed = page("login.html")

    assert parsed.one("form")["action"] == "/developer/login"
    assert parsed.one("input", name="next")["value"] == "/developer/auth?client_id=demo"
    assert parsed.one("input", name="user_name")["value"] == "alice"
    assert parsed.one("input", name="user_name")["autocomplete"] == "username"
    assert parsed.one("input", name="password")["autocomplete"] == "current-password"
    assert "value" not in parsed.one("input", name="password")


def test_s32_a_failed_sign_in_is_one_alert_that_belongs_to_both_fields() -> None:
    parsed = page("login.html")

    assert parsed.one("div", role="alert")["id"] == "error"
    assert [i.get("aria-describedby") for i in parsed.all("input") if "id" in i] == ["error", "error"]
    assert not [a for _, a in page("login.html", error=None).elements if "role" in a]


def test_sign_in_offers_an_account_only_while_registration_is_open() -> None:
    assert [a["href"] for a in page("login.html").all("a")] == ["/developer/register"]
    assert page("login.html", registration_open=False).all("a") == []


# Register


def test_errors_of_registration_stand_beside_their_fields_and_are_counted_at_the_top() -> None:
    parsed = page("register.html")

    assert "2 entries need another look User name: This name is taken." in parsed.text("main")
    assert [a["href"] for a in parsed.all("a")] == ["#user_name", "#password", "/developer/login"]
    assert "autofocus" in parsed.one("div", role="alert")
    assert [i["id"] for i in parsed.all("input") if i.get("aria-invalid") == "true"] == ["user_name", "password"]
    assert parsed.one("input", id="password")["aria-describedby"] == "password-hint password-error"


def test_one_error_of_registration_is_counted_as_one() -> None:
    assert "One entry needs another look" in page("register.html", errors={"email": "Taken."}).text("main")


def test_registration_asks_for_a_new_password_and_may_get_an_address() -> None:
    parsed = page("register.html", errors={})

    assert parsed.one("form")["action"] == "/developer/register"
    assert not [a for _, a in parsed.elements if "role" in a or "aria-invalid" in a]
    assert parsed.one("input", name="email")["value"] == "alice@example.test"
    assert "required" not in parsed.one("input", name="email")
    assert parsed.one("input", name="password")["autocomplete"] == "new-password"
    assert "value" not in parsed.one("input", name="password")
    assert "At least 10 characters." in parsed.text("main")


# Consent


def test_s38_consent_names_the_app_the_user_the_scopes_and_where_one_goes() -> None:
    parsed = page("consent.html")

    assert parsed.text("h1") == "Demo web app wants to use your Example account"
    assert "Website of the app client.example.test" in parsed.text("main")
    assert "Signed in as alice · use another account" in parsed.text("main")
    assert parsed.text("ul") == "Read your data already allowed read Change your data new write"
    assert "Afterwards you go to callback.example.test" in parsed.text("main")


def test_scopes_are_not_marked_when_all_are_new() -> None:
    scopes = [ShownScope("read", "Read your data", True), ShownScope("write", "Change your data", True)]

    assert page("consent.html", scopes=scopes).text("ul") == "Read your data read Change your data write"


def test_allow_and_deny_differ_by_nothing_but_the_decision() -> None:
    parsed = page("consent.html")
    decisions = [b for b in parsed.all("button") if b.get("name") == "decision"]

    assert [b["value"] for b in decisions] == ["allow", "deny"]
    assert all("button" in (b["class"] or "").split() for b in decisions)
    assert parsed.one("form", action="/developer/auth")["method"] == "post"
    assert parsed.one("input", name="request_id")["value"] == "the-request"


@pytest.mark.parametrize(
    ("notice", "sentence"),
    [
        ("loopback", "This address is on the computer in front of you."),
        ("insecure", "The way to this address is not encrypted"),
        ("native", "This opens an app on your device"),
    ],
)
def test_consent_warns_of_a_place_that_others_may_read(notice: str, sentence: str) -> None:
    assert sentence in page("consent.html", notice=notice).text("main")
    assert sentence not in page("consent.html", notice=None).text("main")


@pytest.mark.parametrize(("minutes", "sentence"), [(10, "for 10 minutes."), (1, "for 1 minute.")])
def test_consent_says_that_implicit_gives_access_directly(minutes: int, sentence: str) -> None:
    shown = page("consent.html", token_minutes=minutes).text("main")

    assert "The app gets its access directly in your browser, " + sentence in shown
    assert "directly" not in page("consent.html", implicit=False).text("main")


# Error and home


def test_s01_an_error_page_has_no_link_and_no_form() -> None:
    parsed = page("error.html", message="https://evil.example.test/", developer_hint="https://evil.example.test/")

    assert not parsed.all("a")
    assert not parsed.all("form")
    assert not [a for _, attributes in parsed.elements for a in attributes if a in {"action", "formaction"}]


def test_an_error_page_says_what_to_do_whom_to_ask_and_which_request() -> None:
    shown = page("error.html").text("main")

    assert "What you can do Go back to the app and try again." in shown
    assert "For the developer of the app redirect_uri must equal" in shown
    assert "Who can help support@example.test" in shown
    assert "Request id the-request" in shown
    bare = page("error.html", developer_hint=None, support_contact="").text("main")
    assert "developer" not in bare
    assert "help" not in bare


def test_home_says_who_is_signed_in_and_signs_out() -> None:
    parsed = page("home.html")

    assert parsed.text("h1") == "You are signed in as alice"
    assert parsed.text("button") == "Sign out"
    assert parsed.one("form")["action"] == "/developer/logout"
