"""Texts and fields of the pages about connected apps, the account and forgotten passwords."""

from __future__ import annotations

import pytest

from tests.unit.console.samples import CONNECTIONS, ID
from tests.unit.console.states import html, page

# Connected apps


def test_each_connected_app_says_what_it_may_do_and_can_be_revoked() -> None:
    parsed = page("connections.html")

    assert "Demo web app client.example.test Read your data read Change your data write" in parsed.text("ul")
    assert "Connected 3 days ago · last used: never" in parsed.text("ul")
    revoke = [b for b in parsed.all("button") if "formaction" in b]
    assert [b["aria-label"] for b in revoke] == ["Revoke Demo web app", "Revoke Photo printer"]
    assert {b["formaction"] for b in revoke} == {f"/developer/grants/{ID}/revoke"}


def test_the_bound_is_said_before_one_revokes() -> None:
    assert "its tokens stop working within 10 seconds." in page("connections.html").text("main")


def test_all_are_revoked_where_there_is_more_than_one() -> None:
    alone = page("connections.html", connections=CONNECTIONS["connections"][:1], next_url=None)

    assert "Revoke all" in page("connections.html").text("button")
    assert "Revoke all" not in alone.text("button")


def test_without_connected_apps_the_page_says_what_will_stand_here() -> None:
    assert "No app is connected to your account. Apps that you allow appear here" in page("no connected apps").text(
        "main"
    )


# Account


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("account.html", "alice@example.test is not confirmed yet. Open the link that we sent to it"),
        ("an account with a confirmed address", "alice@example.test is confirmed. You can sign in with it."),
        ("an account without an address", "You have not added an address yet. With one, you can reset your password"),
        ("an account where no mail is sent", "is not confirmed because this server does not send mail."),
    ],
)
def test_an_account_says_what_its_address_is_good_for(state: str, sentence: str) -> None:
    assert sentence in page(state).text("main")


def test_errors_of_an_account_stand_beside_their_fields() -> None:
    parsed = page("account.html")

    invalid = [i["id"] for i in parsed.all("input") if i.get("aria-invalid") == "true"]
    assert invalid == ["email", "current_password", "new_password", "confirm_name", "delete_password"]
    assert [a["href"] for a in parsed.all("a") if (a["href"] or "").startswith("#")] == [
        "#main",
        *(f"#{name}" for name in invalid),
    ]
    assert parsed.one("input", id="email")["value"] == "alice@"
    assert parsed.one("input", id="confirm_name")["value"] == "alcie"


def test_passwords_are_never_written_into_the_page_and_managers_can_help() -> None:
    passwords = [i for i in page("account.html").all("input") if i.get("type") == "password"]

    assert [i["name"] for i in passwords] == [
        "current_password",
        "current_password",
        "new_password",
        "current_password",
    ]
    assert [i["autocomplete"] for i in passwords] == [
        "current-password",
        "current-password",
        "new-password",
        "current-password",
    ]
    assert not [i for i in passwords if "value" in i]
    assert {i["value"] for i in page("account.html").all("input") if i.get("autocomplete") == "username"} == {"alice"}


def test_every_session_but_this_one_can_be_ended_alone() -> None:
    parsed = page("account.html")

    assert "Firefox on Linux this one Signed in 2 hours ago" in parsed.text("ul")
    assert [b["formaction"] for b in parsed.all("button") if "formaction" in b] == [
        "/developer/account/sessions/two/end",
        "/developer/account/sessions/end",
    ]
    assert 'aria-label="End session of Unknown browser since 3 days ago"' in html("account.html")


def test_a_session_says_which_apps_it_signed_in_to() -> None:
    parsed = page("account.html")

    assert "from 192.0.2.7 Signed in to: Mail, Notes <b>" in parsed.text("ul")
    assert parsed.text("ul").count("Signed in to") == 1


def test_s181_a_session_says_the_browser_the_address_and_the_last_use() -> None:
    first, second = html("account.html").split('<li class="entry">')[1:3]

    assert "from <code>192.0.2.7</code>" in first
    assert "<code>" not in second.partition("</li>")[0]
    assert "last used" in second


def test_a_logout_that_no_app_proves_names_none() -> None:
    named, nobodys = page("sign_out.html").text("main"), page("a logout that no app proves").text("main")

    assert "Demo web app sent you here to sign out, but for a different account" in named
    assert "client.example.test" in named
    assert "Demo web app" not in nobodys
    assert "You’ll then be sent to" not in nobodys
    assert all("alice" in each and "Sign out of Example?" in each for each in (named, nobodys))


def test_a_deleted_account_is_said_goodbye_to() -> None:
    shown = page("goodbye.html").text("main")

    assert "Your account has been deleted" in shown
    assert "stop working within 10 seconds." in shown
    assert "a mail tells you about the deletion" in shown
    assert "a mail tells" not in page("goodbye where no mail is sent").text("main")


# Forgotten


def test_the_answer_to_a_forgotten_password_tells_nothing_of_accounts() -> None:
    sent = page("a link is sent")

    assert "If that account exists" in sent.text("main")
    assert "alice" not in sent.text("main")
    assert sent.all("form") == []
    assert "autofocus" in sent.one("div", role="status")


def test_without_mail_the_page_says_whom_to_ask() -> None:
    asked = page("an account is forgotten where no mail is sent")

    assert "Ask support@example.test for help." in asked.text("main")
    assert asked.all("form") == []
    nobody = page("an account is forgotten where no mail is sent", support_contact="")
    assert "Ask the people who run Example for help." in nobody.text("main")


def test_a_forgotten_account_is_asked_for_by_name_or_address() -> None:
    parsed = page("forgotten.html")

    assert parsed.text("label") == "User name or e-mail"
    assert parsed.one("input", name="account")["value"] == "alice"


def test_a_new_password_is_chosen_with_the_token_of_the_link() -> None:
    parsed = page("reset.html")

    assert parsed.one("input", name="token")["value"] == "the-token"
    assert parsed.one("input", name="new_password")["autocomplete"] == "new-password"
    assert "for alice at Example" in parsed.text("main")
    assert "for your account at Example" in page("a new password is asked for").text("main")


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


def test_who_waits_is_told_for_what() -> None:
    assert "alice@example.test" in page("check_mail.html").text("main")
    assert "works for one hour" in page("check_mail.html").text("main")
    assert "Once alice is approved" in page("waiting.html").text("main")


def test_sign_in_leads_to_a_forgotten_password_and_consent_to_the_connected_apps() -> None:
    assert "/developer/forgotten" in [a["href"] for a in page("login.html").all("a")]
    assert "User name or e-mail" in page("login.html").text("label")
    assert "you can revoke the access at any time under Connected apps." in page("consent.html").text("main")
    assert "/developer/grants" in [a["href"] for a in page("consent.html").all("a")]
