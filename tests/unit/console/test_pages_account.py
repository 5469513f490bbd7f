"""Fields, links and buttons of the pages about signing in, connected apps, the account and forgotten passwords."""

from __future__ import annotations

import pytest

from tests.unit.console.samples import ID
from tests.unit.console.states import html, page

FORGOTTEN, NEXT = "/developer/forgotten", "?next=/developer/auth%3Fclient_id%3Ddemo"


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
    assert [i["id"] for i in parsed.all("input") if "autofocus" in i] == ["password"]
    assert not [a for _, a in page("login.html", error=None).elements if "role" in a]


def test_sign_in_offers_an_account_only_while_registration_is_open() -> None:
    assert [a["href"] for a in page("login.html").all("a")] == [f"{FORGOTTEN}{NEXT}", "/developer/register"]
    assert [a["href"] for a in page("login.html", registration_open=False).all("a")] == [f"{FORGOTTEN}{NEXT}"]


def test_errors_of_registration_stand_beside_their_fields_and_are_counted_at_the_top() -> None:
    parsed = page("register.html")

    assert [a["href"] for a in parsed.all("a")] == ["#user_name", "#password", "/developer/login"]
    assert "autofocus" in parsed.one("input", id="user_name")
    assert [i["id"] for i in parsed.all("input") if i.get("aria-invalid") == "true"] == ["user_name", "password"]
    assert parsed.one("input", id="password")["aria-describedby"] == "password-hint password-error"


def test_registration_asks_for_a_new_password_and_may_get_an_address() -> None:
    parsed = page("register.html", errors={})

    assert parsed.one("form")["action"] == "/developer/register"
    assert not [a for _, a in parsed.elements if "role" in a or "aria-invalid" in a]
    assert parsed.one("input", name="email")["value"] == "alice@example.test"
    assert "required" not in parsed.one("input", name="email")
    assert "required" in page("register.html", email_required=True).one("input", name="email")
    assert parsed.one("input", name="password")["autocomplete"] == "new-password"
    assert "value" not in parsed.one("input", name="password")


def test_s01_an_error_page_has_no_link_and_no_form() -> None:
    parsed = page("error.html", message="https://evil.example.test/", error="https://evil.example.test/")

    assert not parsed.all("a")
    assert not parsed.all("form")
    assert not [a for _, attributes in parsed.elements for a in attributes if a in {"action", "formaction"}]


def test_each_connected_app_can_be_revoked() -> None:
    revoke = [b for b in page("connections.html").all("button") if "formaction" in b]

    assert [b["aria-label"] for b in revoke] == ["Revoke Demo web app", "Revoke Photo printer"]
    assert {b["formaction"] for b in revoke} == {f"/developer/grants/{ID}/revoke"}


def test_errors_of_an_account_stand_beside_their_fields() -> None:
    parsed = page("account.html")

    invalid = [i["id"] for i in parsed.all("input") if i.get("aria-invalid") == "true"]
    assert invalid == ["email", "current_password", "new_password", "confirm_name", "delete_password"]
    led = [a["href"] for a in parsed.all("a") if (a["href"] or "").startswith("#")]
    assert led == ["#main", *(f"#{name}" for name in invalid)]
    assert parsed.one("input", id="email")["value"] == "alice@"
    assert parsed.one("input", id="confirm_name")["value"] == "alcie"


def test_passwords_are_never_written_into_the_page_and_managers_can_help() -> None:
    passwords = [i for i in page("account.html").all("input") if i.get("type") == "password"]

    asked = ["current_password", "current_password", "new_password", "current_password"]
    assert [i["name"] for i in passwords] == asked
    assert [i["autocomplete"] for i in passwords] == [name.replace("_", "-") for name in asked]
    assert not [i for i in passwords if "value" in i]
    assert {i["value"] for i in page("account.html").all("input") if i.get("autocomplete") == "username"} == {"alice"}


def test_s181_every_session_says_its_use_and_all_but_this_one_can_be_ended_alone() -> None:
    parsed = page("account.html")
    first, second = html("account.html").split('<li class="entry">')[1:3]

    assert [b["formaction"] for b in parsed.all("button") if "formaction" in b] == [
        "/developer/account/sessions/two/end",
        "/developer/account/sessions/end",
    ]
    assert 'aria-label="End session of Unknown browser since 3 days ago"' in html("account.html")
    assert parsed.text("ul").count("Signed in to") == 1
    assert "from <code>192.0.2.7</code>" in first
    assert "<code>" not in second.partition("</li>")[0]
    assert "last used" in second


def test_the_answer_to_a_forgotten_password_is_no_form() -> None:
    sent = page("a link is sent")

    assert sent.all("form") == page("an account is forgotten where no mail is sent").all("form") == []
    assert "autofocus" in sent.one("div", role="status")
    assert page("forgotten.html").one("input", name="account")["value"] == "alice"


def test_a_new_password_is_chosen_with_the_token_of_the_link() -> None:
    parsed = page("reset.html")

    assert parsed.one("input", name="token")["value"] == "the-token"
    assert parsed.one("input", name="new_password")["autocomplete"] == "new-password"


@pytest.mark.parametrize(
    ("what", "heading", "button"),
    [
        ("register", "Create this account", "Create account"),
        ("email", "Confirm this address", "Confirm address"),
    ],
)
def test_a_link_is_used_by_a_button_not_by_opening_it(what: str, heading: str, button: str) -> None:
    for is_theirs in (True, False):
        parsed = page("confirm.html", what=what, is_theirs=is_theirs)

        assert parsed.text("h1") == heading
        assert parsed.text("button") == button
        assert parsed.text("dl") == "User name alice E-mail alice@example.test"
        assert parsed.one("input", name="token")["value"] == "the-token"
        assert ("password" in [each["name"] for each in parsed.all("input")]) is not is_theirs
