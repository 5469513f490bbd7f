"""Consent: what an app will learn, what nobody vouches for (S224, S360), and the decision."""

from __future__ import annotations

from typing import Any

from gatepost.accounts.api_lists import asked_apis
from gatepost.console.consent_claims import Learned, learned
from gatepost.console.consent_lines import Line, with_lines
from gatepost.console.unvouched_apps import shown_name, stranger
from gatepost.model.records import DOCUMENTS, REGISTERED, Approval
from gatepost.model.subject import Subject
from gatepost.oauth.resource_indicators import default_target
from gatepost.scope import Scope
from gatepost.settings import Settings
from tests.unit.console.states import STRANGER, page
from tests.unit.world import ALICE, SETTINGS, web_app

TELLING = SETTINGS._replace(openid=True)
HERE = ("http://localhost/callback", "http://127.0.0.1:3030/callback", "com.example.app:/cb")
OWN_WORDS = ("Calls itself", web_app().name)


def test_allow_and_deny_differ_by_nothing_but_the_decision() -> None:
    parsed = page("consent.html")
    decisions = [b for b in parsed.all("button") if b.get("name") == "decision"]

    assert [b["value"] for b in decisions] == ["allow", "deny"]
    assert all("button" in (b["class"] or "").split() for b in decisions)
    assert parsed.one("form", action="/developer/auth")["method"] == "post"
    assert parsed.one("input", name="request_id")["value"] == "the-request"
    assert "/developer/grants" in [a["href"] for a in parsed.all("a")]


def test_consent_says_what_the_app_will_learn_and_by_which_claim() -> None:
    user = ALICE._replace(email="alice@example.test", email_confirmed=True)
    facts = learned(Subject.of(user), Scope.of("openid", "profile", "email"), TELLING)
    shown = page("consent.html", learned=facts).text("main")

    for sentence in (
        "Your user ID here, the same for every app alice-id sub",
        "When you signed in, and how auth_time, amr, acr, sid",
        "Your user name alice name, preferred_username",
        "Your e-mail address alice@example.test email Whether you have confirmed it yes email_verified",
    ):
        assert sentence in shown


def test_an_app_learns_what_its_scope_tells_and_of_no_address_that_there_is_not() -> None:
    said = [fact.value for fact in learned(Subject.of(ALICE), Scope.of("openid", "email"), TELLING)]

    assert said == ["alice-id", "", "nothing, since you gave none"]
    assert learned(Subject.of(ALICE), Scope.of("profile", "email"), TELLING) == []
    assert learned(Subject.of(ALICE), Scope.of("openid"), SETTINGS) == []


def test_an_app_learns_the_groups_where_tokens_have_them() -> None:
    member = Subject.of(ALICE._replace(groups=("ops", "staff")))
    settings = TELLING._replace(groups_claim="groups")

    assert learned(member, Scope.of("read"), settings) == [Learned("Your groups", ("groups",), "ops, staff")]
    assert learned(member, Scope.of("openid"), settings)[-1].value == "ops, staff"
    assert learned(member, Scope.of("read"), TELLING) == []


def lines_for(*names: str, settings: Settings = TELLING, known: str = "", **person: Any) -> list[Line]:
    scope = Scope.of(*names)
    approval = Approval(user_id=ALICE.user_id, client_id="web", scope=Scope.of(known), approved_at=1) if known else None
    apis = asked_apis([default_target(settings)], scope, approval, settings)
    (api,) = with_lines(apis, Subject.of(ALICE._replace(**person)), scope, settings)
    return list(api["lines"])


def test_what_an_app_may_do_is_said_once_with_sign_in_first_and_what_is_seen_of_the_person() -> None:
    lines = lines_for("write", "read", "offline_access", "email", "profile", "openid", email="alice@example.test")

    assert [line.text for line in lines] == [
        "Sign you in, and recognize you when you come back",
        "See your user name and e-mail address",
        SETTINGS.scopes["read"],
        SETTINGS.scopes["write"],
        "Keep its access while you are away",
    ]
    assert [line.values for line in lines if line.values] == [("alice", "alice@example.test")]


def test_one_of_name_and_address_has_a_line_of_its_own_and_so_have_words_of_the_deployment() -> None:
    own = TELLING._replace(scopes={**TELLING.scopes, "email": "Write to you"})

    assert lines_for("openid", "email")[1] == ("See your e-mail address", ("none, since you gave none",), True)
    assert [each.text for each in lines_for("openid", "email", "profile", settings=own)][1:] == [
        "See your user name",
        "Write to you",
    ]
    assert lines_for("profile")[0].values == ()  # without openid it tells nothing


def test_a_line_is_new_where_a_part_of_it_is_and_groups_are_seen_where_tokens_have_them() -> None:
    told = TELLING._replace(groups_claim="groups")

    assert [each.is_new for each in lines_for("openid", "profile", "email", "read", known="profile")] == [True] * 3
    assert lines_for("read", settings=told, groups=("ops",))[-1] == ("See your groups", ("ops",), False)
    assert len(lines_for("read", groups=("ops",))) == len(lines_for("read", settings=told)) == 1
    for apis in (0, 2):  # once, at the first API
        shown = with_lines([{"scopes": []}] * apis, Subject.of(ALICE._replace(groups=("ops",))), Scope(), told)
        assert [len(api["lines"]) for api in shown] == [1, 0][:apis]


# Apps that nobody here vouches for


def test_s224_an_app_with_an_owner_is_no_stranger() -> None:
    assert stranger(web_app(), SETTINGS) is None
    assert shown_name(web_app(), SETTINGS) == web_app().name


def test_s224_where_one_would_go_comes_first_and_the_rest_is_claimed() -> None:
    text = page("consent.html", stranger=STRANGER, implicit=False).text("main")

    assert text.startswith(
        "An app wants to use your Example account Afterwards you go to callback.example.test "
        "Calls itself Claude not checked Claims to be from app.example.test not checked "
        "Signed in as alice · use another account Example has not checked this app and does not vouch for it"
    )
    assert text.count("callback.example.test") == 1
    assert "From client.example.test" not in text


def test_s224_anybody_on_the_computer_can_be_an_app_with_no_other_redirect() -> None:
    app = web_app()._replace(owner=DOCUMENTS, document_url="https://app.example.test/c", redirect_uris=HERE)
    mixed = app._replace(redirect_uris=(*HERE, "https://app.example.test/cb"))
    claims = (OWN_WORDS, ("Claims to be from", "app.example.test"))
    hosts = "127.0.0.1:3030, app.example.test, com.example.app:, localhost"

    assert stranger(app, SETTINGS) == ("127.0.0.1:3030, com.example.app:, localhost", claims, True)
    assert stranger(mixed, SETTINGS) == (hosts, claims, False)


def test_s360_the_website_of_a_registration_is_a_claim_and_none_need_be_there() -> None:
    app = web_app()._replace(owner=REGISTERED, redirect_uris=("https://elsewhere.example.test/cb",))
    claims = (OWN_WORDS, ("Claims to be from", "client.example.test"))

    assert stranger(app, SETTINGS) == ("elsewhere.example.test", claims, False)
    assert stranger(app._replace(url=""), SETTINGS) == ("elsewhere.example.test", (OWN_WORDS,), False)
    assert shown_name(app, SETTINGS) == f"elsewhere.example.test (not checked: “{app.name}”)"
    nowhere = stranger(app._replace(url="", redirect_uris=()), SETTINGS)
    assert nowhere is not None
    assert nowhere.hosts == "No address"
