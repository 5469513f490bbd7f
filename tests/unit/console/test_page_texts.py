"""Texts and fields of the pages: sign-in (S32), registration, consent (S38), errors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.console.consent_claims import Learned, learned
from gatepost.model.subject import Subject
from gatepost.scope import Scope
from tests.unit.console.rendered import ShownScope, page
from tests.unit.world import ALICE, SETTINGS

# Sign in

TELLING = replace(SETTINGS, openid=True)


def test_sign_in_names_the_app_that_one_came_from() -> None:
    assert "to continue to Demo web app" in page("login.html").text("main")
    assert "to continue to an app" in page("login.html", app_name=None).text("main")
    assert "to your Example account" in page("login.html", of_an_app=False).text("main")


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
    forgotten = "/developer/forgotten"

    assert [a["href"] for a in page("login.html").all("a")] == [forgotten, "/developer/register"]
    assert [a["href"] for a in page("login.html", registration_open=False).all("a")] == [forgotten]


# Register


def test_errors_of_registration_stand_beside_their_fields_and_are_counted_at_the_top() -> None:
    parsed = page("register.html")

    assert "2 fields need your attention User name: This name is taken." in parsed.text("main")
    assert [a["href"] for a in parsed.all("a")] == ["#user_name", "#password", "/developer/login"]
    assert "autofocus" in parsed.one("div", role="alert")
    assert [i["id"] for i in parsed.all("input") if i.get("aria-invalid") == "true"] == ["user_name", "password"]
    assert parsed.one("input", id="password")["aria-describedby"] == "password-hint password-error"


def test_one_error_of_registration_is_counted_as_one() -> None:
    assert "One field needs your attention" in page("register.html", errors={"email": "Taken."}).text("main")


def test_registration_asks_for_a_new_password_and_may_get_an_address() -> None:
    parsed = page("register.html", errors={})

    assert parsed.one("form")["action"] == "/developer/register"
    assert not [a for _, a in parsed.elements if "role" in a or "aria-invalid" in a]
    assert parsed.one("input", name="email")["value"] == "alice@example.test"
    assert "required" not in parsed.one("input", name="email")
    assert "required" in page("register.html", email_required=True).one("input", name="email")
    assert parsed.one("input", name="password")["autocomplete"] == "new-password"
    assert "value" not in parsed.one("input", name="password")
    assert "At least 10 characters." in parsed.text("main")


# Consent


def test_s38_consent_names_the_app_the_user_the_scopes_and_where_one_goes() -> None:
    parsed = page("consent.html")

    assert parsed.text("h1") == "Demo web app wants to use your Example account"
    assert "App website client.example.test" in parsed.text("main")
    assert "Signed in as alice · use another account" in parsed.text("main")
    assert parsed.text("ul") == "Read your data already allowed read Change your data new write"
    assert "You’ll be sent to callback.example.test" in parsed.text("main")


def test_scopes_are_not_marked_when_all_are_new() -> None:
    scopes = [ShownScope("read", "Read your data", True), ShownScope("write", "Change your data", True)]

    apis = [{"name": "", "url": "", "scopes": scopes}]
    assert page("consent.html", apis=apis).text("ul") == "Read your data read Change your data write"


def test_consent_says_what_the_app_will_learn_and_by_which_claim() -> None:
    user = replace(ALICE, email="alice@example.test", email_confirmed=True)
    facts = learned(Subject.of(user), Scope.of("openid", "profile", "email"), TELLING)
    shown = page("consent.html", learned=facts).text("main")

    for sentence in (
        "Your user ID here, the same for every app alice-id sub",
        "When you signed in, and how auth_time, amr, acr, sid",
        "Your user name alice name, preferred_username",
        "Your e-mail address alice@example.test email Whether you have confirmed it yes email_verified",
    ):
        assert sentence in shown
    assert "It will see" not in page("consent.html", learned=[]).text("main")


def test_an_app_learns_what_its_scope_tells_and_of_no_address_that_there_is_not() -> None:
    said = [fact.value for fact in learned(Subject.of(ALICE), Scope.of("openid", "email"), TELLING)]

    assert said == ["alice-id", "", "nothing, since you gave none"]
    assert learned(Subject.of(ALICE), Scope.of("profile", "email"), TELLING) == []
    assert learned(Subject.of(ALICE), Scope.of("openid"), SETTINGS) == []


def test_an_app_learns_the_groups_where_tokens_have_them() -> None:
    member = Subject.of(replace(ALICE, groups=("ops", "staff")))
    settings = replace(TELLING, groups_claim="groups")

    assert learned(member, Scope.of("read"), settings) == [Learned("Your groups", ("groups",), "ops, staff")]
    assert learned(member, Scope.of("openid"), settings)[-1].value == "ops, staff"
    assert learned(member, Scope.of("read"), TELLING) == []


def test_consent_names_each_api_that_tokens_are_for() -> None:
    apis = [
        {
            "name": "Reports",
            "url": "https://reports.example.test",
            "scopes": [ShownScope("read", "Read your reports", True)],
        },
        {"name": "Example", "url": "", "scopes": [ShownScope("read", "Read your data", False)]},
    ]
    shown = page("consent.html", apis=apis).text("main")

    assert (
        "In Reports, it will be able to https://reports.example.test Read your reports new read "
        "In Example, it will be able to Read your data already allowed read You’ll" in shown
    )


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
        ("loopback", "This address is on your own computer."),
        ("insecure", "The connection to this address is not encrypted"),
        ("native", "This opens an app on your device"),
    ],
)
def test_consent_warns_of_a_place_that_others_may_read(notice: str, sentence: str) -> None:
    assert sentence in page("consent.html", notice=notice).text("main")
    assert sentence not in page("consent.html", notice=None).text("main")


@pytest.mark.parametrize(("minutes", "sentence"), [(10, "for 10 minutes."), (1, "for 1 minute.")])
def test_consent_says_that_implicit_gives_access_directly(minutes: int, sentence: str) -> None:
    shown = page("consent.html", token_minutes=minutes).text("main")

    assert "The app gets access directly in your browser, " + sentence in shown
    assert "directly" not in page("consent.html", implicit=False).text("main")


# Error


def test_s01_an_error_page_has_no_link_and_no_form() -> None:
    parsed = page("error.html", message="https://evil.example.test/", error="https://evil.example.test/")

    assert not parsed.all("a")
    assert not parsed.all("form")
    assert not [a for _, attributes in parsed.elements for a in attributes if a in {"action", "formaction"}]


def test_an_error_page_says_what_to_do_whom_to_ask_and_which_request() -> None:
    shown = page("error.html").text("main")

    assert "What you can do Go back to the app and try again." in shown
    assert "Error invalid_request" in shown
    assert "Contact for help support@example.test" in shown
    assert "Request ID the-request" in shown
    bare = page("error.html", error=None, support_contact="").text("main")
    assert "Error" not in bare
    assert "help" not in bare
