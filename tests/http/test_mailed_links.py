"""Registration, recovery and confirmation with mail: one-time links, and responses that reveal nothing."""

import re

import pytest
import requests

from gatepost.routes import (
    ACCOUNT_PAGE,
    APPS_PAGE,
    CHANGE_EMAIL,
    CHANGE_PASSWORD,
    CONFIRM,
    DELETE_ACCOUNT,
    FORGOTTEN,
    FORGOTTEN_PAGE,
    REGISTER,
    REGISTER_PAGE,
    RESET,
)
from gatepost.stores.record_keys import UserKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, post
from tests.people import CALLBACK, Person, entered, new_client, new_person


@pytest.fixture
def visitor(extended: Deployment) -> Browser:
    return Browser(extended.base_url)


def confirmed(extended: Deployment, email: str) -> Person:
    person = new_person(extended)
    extended.store.change_email(person.user, email, confirmed=True)
    return person


def link_in(extended: Deployment, email: str) -> str:
    mail = [mail for mail in extended.mails if email in mail.to][-1]
    found = re.search(rf"{re.escape(extended.base_url)}(/developer/\w+\?token=[A-Za-z0-9_-]{{43}})", mail.text)
    assert found, mail.text
    return found[1]


def asked(visitor: Browser, account: str) -> requests.Response:
    return visitor.submit(visitor.get(FORGOTTEN_PAGE.path), FORGOTTEN.path, account=account)


def test_a_registration_counts_once_its_address_is_confirmed_and_an_administrator_agreed(
    extended: Deployment, visitor: Browser
) -> None:
    fields = {"user_name": "newbie", "email": "newbie@example.test", "password": "a long password"}
    sent = visitor.submit(visitor.get(REGISTER_PAGE.path), REGISTER.path, **fields)
    assert "newbie@example.test" in sent.text
    assert visitor.sign_in("newbie", "a long password").status_code == 400

    page = visitor.get(link_in(extended, "newbie@example.test"))
    waiting = visitor.submit(page, CONFIRM.path)
    again = visitor.get(link_in(extended, "newbie@example.test"))

    assert waiting.status_code == 200
    assert again.status_code == 400
    assert "Get a new link" in again.text
    assert visitor.sign_in("newbie", "a long password").status_code == 400
    (user,) = extended.store.users("newbie", cursor=None, limit=1).items
    assert (user.status, user.email_confirmed) == ("pending", True)
    extended.store.set_user_status(user.user_id, "active")
    assert visitor.sign_in("NEWBIE@example.test", "a long password").status_code == 303


def test_registering_a_known_address_gets_the_same_answer_and_tells_its_owner(
    extended: Deployment, visitor: Browser
) -> None:
    owner = confirmed(extended, "known@example.test")
    answers = []
    for email in ("known@example.test", "fresh@example.test"):
        fields = {"user_name": "someone-new", "email": email, "password": "a long password"}
        answer = visitor.submit(visitor.get(REGISTER_PAGE.path), REGISTER.path, **fields)
        answers.append((answer.status_code, answer.text.replace(email, "EMAIL")))

    assert answers[0] == answers[1]
    told = [mail for mail in extended.mails if "known@example.test" in mail.to][-1]
    assert owner.name in told.text
    assert "token=" not in told.text


def test_s183_a_forgotten_password_is_replaced_by_a_link_once_and_told(extended: Deployment, visitor: Browser) -> None:
    owner = confirmed(extended, "forgetful@example.test")
    before = entered(extended, owner)
    known, unknown = asked(visitor, "forgetful@example.test"), asked(visitor, "nobody@example.test")
    assert known.text == unknown.text
    assert not [mail for mail in extended.mails if "nobody@example.test" in mail.to]
    link = link_in(extended, "forgetful@example.test")

    short = visitor.submit(visitor.get(link), RESET.path, new_password="short")
    assert short.status_code == 400
    page = visitor.get(link)
    answer = visitor.submit(page, RESET.path, new_password="a new password 1")

    assert answer.status_code == 200
    assert "All connected apps were disconnected." in answer.text
    assert 'href="/developer">Continue<' in answer.text
    assert "was changed on" in [mail.text for mail in extended.mails if "forgetful@example.test" in mail.to][-1]
    assert visitor.get(APPS_PAGE.path).status_code == 200
    assert before.get(APPS_PAGE.path).status_code == 303
    assert Browser(extended.base_url).sign_in(owner.name, owner.password).status_code == 400
    other = Browser(extended.base_url)
    gone = other.get(link)
    assert gone.status_code == 400
    assert other.submit(gone, FORGOTTEN.path, account="forgetful@example.test").text == known.text
    assert other.get(link_in(extended, "forgetful@example.test")).status_code == 200
    assert other.sign_in(owner.name, "a new password 1").status_code == 303


def test_a_mailed_link_leads_back_to_the_app_in_the_browser_that_came_from_it(
    extended: Deployment, visitor: Browser
) -> None:
    client = new_client(extended, new_person(extended))
    owner = confirmed(extended, "from-an-app@example.test")
    other, path = Browser(extended.base_url), client.authorize_path(scope="read")
    begun = visitor.get(path).headers["Location"]
    forgotten = re.search(rf'href="({FORGOTTEN_PAGE.path}\?[^"]+)"', visitor.get(begun).text)
    assert forgotten
    visitor.submit(visitor.get(forgotten[1].replace("&amp;", "&")), FORGOTTEN.path, account=owner.name)
    link = link_in(extended, "from-an-app@example.test")
    answer = visitor.submit(visitor.get(link), RESET.path, new_password="a new password 1")
    back = re.search(r'href="([^"]+)">Continue to the app<', answer.text)
    assert back
    assert visitor.decide(visitor.get(back[1].replace("&amp;", "&")), "allow").headers["Location"].startswith(CALLBACK)

    for browser, target in ((visitor, "https://evil.example.test/"), (other, path)):
        email = f"{'here' if browser is visitor else 'elsewhere'}@example.test"
        owner = confirmed(extended, email)  # a link is void in the second of a change of the password
        visitor.submit(visitor.get(FORGOTTEN_PAGE.path), FORGOTTEN.path, account=owner.name, next=target)
        answer = browser.submit(browser.get(link_in(extended, email)), RESET.path, new_password="a newer password 1")
        assert 'href="/developer">Continue<' in answer.text


def test_a_new_address_counts_once_its_link_was_used(extended: Deployment, visitor: Browser) -> None:
    person = confirmed(extended, "old@example.test")
    visitor.sign_in(person.name, person.password)
    page = visitor.get(ACCOUNT_PAGE.path)
    visitor.submit(page, CHANGE_EMAIL.path, email="new@example.test", current_password=person.password)
    (user,) = extended.store.read(UserKey(person.user.user_id))
    assert user is not None
    assert user.email == "old@example.test"
    (warning,) = [mail for mail in extended.mails if "old@example.test" in mail.to]
    assert "new@example.test" in warning.text

    other = Browser(extended.base_url)
    other.submit(other.get(link_in(extended, "new@example.test")), CONFIRM.path, password=person.password)

    (user,) = extended.store.read(UserKey(person.user.user_id))
    assert user is not None
    assert (user.email, user.email_confirmed) == ("new@example.test", True)
    assert Browser(extended.base_url).sign_in("old@example.test", person.password).status_code == 400
    assert Browser(extended.base_url).sign_in("new@example.test", person.password).status_code == 303


def test_odd_tokens_are_refused_and_without_a_sender_there_is_no_form(visitor: Browser, browser: Browser) -> None:
    for path in ("/developer/reset", "/developer/confirm"):
        for token in ("", "x", "x" * 5000, "%00", "%ff"):
            assert visitor.get(f"{path}?token={token}").status_code == 400
    assert "<form" not in browser.get(FORGOTTEN_PAGE.path).text.split("<main")[1]


def test_s183_a_changed_password_and_a_deleted_account_are_told_by_mail(extended: Deployment) -> None:
    email = "careful@example.test"
    person = confirmed(extended, email)
    browser = Browser(extended.base_url, user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/142.0")
    browser.sign_in(person.name, person.password)

    def told() -> list[str]:
        return [mail.text for mail in extended.mails if email in mail.to]

    change = {"current_password": person.password, "new_password": "another long password"}
    assert post(browser, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **change).status_code == 303
    assert "was changed on" in told()[-1]
    assert "by Firefox on Linux at 127.0.0.1" in told()[-1]
    going = {"confirm_name": person.name, "current_password": "another long password"}
    assert post(browser, ACCOUNT_PAGE.path, DELETE_ACCOUNT.path, **going).status_code == 303

    assert len(told()) == 2
    assert "was deleted on" in told()[-1]
