"""What it takes to take over an account, and what ends with it (S118, S122, S123, S133, S350, S353)."""

from __future__ import annotations

import time

from gatepost.accounts.removal import activate_user
from gatepost.authentication.sessions import SESSION_COOKIE
from gatepost.identifiers import new_secret
from gatepost.routes import (
    ACCOUNT_PAGE,
    CONFIRM,
    DELETE_ACCOUNT,
    FORGOTTEN,
    FORGOTTEN_PAGE,
    GOODBYE,
    GRANTS_PAGE,
    REGISTER,
    REGISTER_PAGE,
    RESET,
    SIGN_OUT_EVERYWHERE,
)
from gatepost.stores.record_keys import AppKey, ApprovalKey, LoginKey, UserKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of, post
from tests.http.consumer import Consumer
from tests.people import Person, entered, new_client, new_person, opens, stops
from tests.security.checklist.mailed import (
    NEW_PASSWORD,
    address_of,
    administered,
    asked,
    fresh,
    link_to,
    recovered,
    standing,
    told,
)

# The address


def test_s118_a_session_without_the_password_changes_no_address_and_where_mail_is_sent_none_is_removed(
    full: Deployment, owner: Person, thief: Browser
) -> None:
    email = fresh()
    for address, password in ((email, ""), (email, "wrong"), ("", "wrong"), ("", owner.password)):
        assert asked(thief, address, password).status_code == 400

    assert told(full, email) == []
    assert (standing(full, owner).email, standing(full, owner).email_confirmed) == (address_of(owner), True)


def test_s118_the_old_address_is_told_at_the_request_and_at_the_change_and_recovers_until_then(
    full: Deployment, owner: Person, thief: Browser
) -> None:
    old, new = address_of(owner), fresh()
    assert asked(thief, new, owner.password).status_code == 303
    assert told(full, old) == ["Gatepost: Your address is about to change"]
    recovered(full, old)
    assert told(full, old)[-1] == "Gatepost: Choose a new password"

    assert thief.submit(thief.get(link_to(full, new)), CONFIRM.path).status_code == 303
    assert told(full, old)[-1] == "Gatepost: Your address was changed"
    assert standing(full, owner).email == new
    recovered(full, old)
    assert told(full, old)[-1] == "Gatepost: Your address was changed"


def test_s118_a_link_that_was_asked_for_before_dies_with_what_its_owner_does(full: Deployment) -> None:
    for stopped in (False, True):
        owner, evil = new_person(full), fresh()
        asked(entered(full, owner), evil, owner.password)
        link, browser = link_to(full, evil), entered(full, owner)
        if stopped:
            administered(full, owner, action="deactivate")
            activate_user(full.store, owner.user, now=time.time())
        else:
            assert post(browser, ACCOUNT_PAGE.path, SIGN_OUT_EVERYWHERE.path).status_code == 303

        assert browser.submit(browser.get(link), CONFIRM.path, password=owner.password).status_code == 400
        assert standing(full, owner).email != evil


def test_s118_without_mail_the_password_suffices_and_a_bearer_token_does_not(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    consumer = Consumer(deployment, person)
    for address in ("me@example.test", ""):
        answer = consumer.call("PUT", "/consumer/account", json={"email": address}, headers={"If-Match": "*"})
        assert answer.status_code in (404, 405)
        assert asked(signed_in, address, "wrong").status_code == 400
        assert asked(signed_in, address, person.password).status_code == 303
        assert (standing(deployment, person).email, standing(deployment, person).email_confirmed) == (address, False)


def test_s118_an_administrator_can_remove_an_address_and_it_is_told(full: Deployment, owner: Person) -> None:
    assert administered(full, owner, action="remove_email").status_code == 303

    assert (standing(full, owner).email, standing(full, owner).email_confirmed) == ("", False)
    assert told(full, address_of(owner)) == ["Gatepost: Your address was changed"]


def registered(deployment: Deployment, address: str) -> tuple[Browser, str, str]:
    """A browser that asked for an account with an address, the name of that account, and the page it was shown."""
    browser, name = Browser(deployment.base_url), f"m{new_secret()[:10].replace('_', 'x').replace('-', 'x')}"
    fields = {"user_name": name, "email": address, "password": NEW_PASSWORD}
    answer = browser.submit(browser.get(REGISTER_PAGE.path), REGISTER.path, **fields)
    assert answer.status_code == 200
    return browser, name, answer.text


def names_of(deployment: Deployment, name: str) -> list[str]:
    return [user.user_name for user in deployment.store.users(name.casefold(), cursor=None, limit=1).items]


def test_s350_the_owner_of_an_address_confirms_no_account_of_somebody_else(full: Deployment) -> None:
    address = fresh()
    stranger, name, _ = registered(full, address)
    (mail,) = [mail for mail in full.mails if address in mail.to]
    assert f"the account {name} at" in mail.text
    victim, phone = Browser(full.base_url), Browser(full.base_url)

    page = victim.get(link_to(full, address))
    for password in ("", "a password of their own"):
        assert victim.submit(page, CONFIRM.path, password=password).status_code == 400
    assert victim.post(CONFIRM.path, form_of(page, CONFIRM.path).fields).status_code == 400
    assert names_of(full, name) == []
    assert SESSION_COOKIE not in victim.cookies
    assert stranger.submit(stranger.get(link_to(full, address)), CONFIRM.path).status_code == 303
    assert names_of(full, name) == [name]

    # another device of the one who registered takes the password
    _, name, _ = registered(full, address := fresh())
    assert phone.submit(phone.get(link_to(full, address)), CONFIRM.path, password=NEW_PASSWORD).status_code == 303
    assert names_of(full, name) == [name]
    assert phone.get(ACCOUNT_PAGE.path).status_code == 200


def test_s350_an_address_is_confirmed_for_an_account_only_signed_in_to_it_or_with_its_password(
    full: Deployment, owner: Person, thief: Browser
) -> None:
    address, victim = fresh(), new_person(full)
    assert asked(thief, address, owner.password).status_code == 303
    browsers = Browser(full.base_url), entered(full, victim)

    for browser in browsers:
        page = browser.get(link_to(full, address))
        assert owner.name in page.text
        assert browser.submit(page, CONFIRM.path, password=victim.password + "x").status_code == 400
        assert browser.post(CONFIRM.path, form_of(page, CONFIRM.path).fields).status_code == 400
    assert standing(full, owner).email == address_of(owner)

    page = browsers[0].get(link_to(full, address))
    assert browsers[0].submit(page, CONFIRM.path, password=owner.password).status_code == 200
    assert (standing(full, owner).email, standing(full, owner).email_confirmed) == (address, True)
    assert SESSION_COOKIE not in browsers[0].cookies


def test_s133_strangers_who_register_do_not_use_up_an_owners_recovery_and_see_no_difference(
    full: Deployment, owner: Person
) -> None:
    address, forgotten = address_of(owner), set[str]()
    pages = {registered(full, address.upper())[2] for _ in range(5)}
    assert (len(pages), len(told(full, address))) == (1, 3)

    for _ in range(5):
        browser = Browser(full.base_url)
        page = browser.get(FORGOTTEN_PAGE.path)
        token = form_of(page, FORGOTTEN.path).fields["form_token"]
        forgotten.add(browser.submit(page, FORGOTTEN.path, account=address).text.replace(token, ""))
    assert (len(forgotten), len(told(full, address))) == (1, 6)


# The end of an account, and of its sessions


def asked_again(deployment: Deployment, person: Person, path: str) -> bool:
    """Whether a user who signs in on the way to an app is shown the consent page."""
    browser = Browser(deployment.base_url)
    page = browser.get(browser.sign_in(person.name, person.password, path).headers["Location"])
    return page.status_code == 200


def test_s122_what_was_signed_in_before_an_account_was_stopped_stays_out(
    full: Deployment, owner: Person, thief: Browser
) -> None:
    recovered(full, address_of(owner))
    link, client = link_to(full, address_of(owner)), new_client(full, new_person(full))
    tokens = client.tokens(owner)
    assert full.store.read(ApprovalKey(owner.user.user_id, client.app.client_id)) != (None,)
    assert thief.get(ACCOUNT_PAGE.path).status_code == 200

    administered(full, owner, action="deactivate")
    administered(full, owner, action="reactivate")

    assert thief.get(ACCOUNT_PAGE.path).status_code == 303
    visitor = Browser(full.base_url)
    form = visitor.get(link)
    assert form.status_code == 400 or visitor.submit(form, RESET.path, new_password=NEW_PASSWORD).status_code == 400
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    time.sleep(1.1)  # a session of the second of the stop is out, too
    assert asked_again(full, owner, client.authorize_path())


def test_s353_a_deletion_that_stopped_halfway_is_finished_by_its_owner_and_nothing_else_works(
    deployment: Deployment, person: Person, signed_in: Browser
) -> None:
    client, own = new_client(deployment, new_person(deployment)), new_client(deployment, person)
    tokens, browser = client.tokens(person), Browser(deployment.base_url)
    deployment.store.begin_deletion(person.user, valid_from=int(time.time()), revocation=None, besides=None)

    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    by_password = {"grant_type": "password", "username": person.name, "password": person.password}
    assert client.token(**by_password).json()["error"] == "invalid_grant"
    assert signed_in.get(GRANTS_PAGE.path).status_code == 303
    assert administered(deployment, person, action="reactivate").status_code == 400
    assert "Finish deleting your account" in signed_in.get(ACCOUNT_PAGE.path).text
    anew = browser.sign_in(person.name, person.password, client.authorize_path())
    assert anew.headers["Location"] == ACCOUNT_PAGE.path

    finished = browser.submit(browser.get(ACCOUNT_PAGE.path), DELETE_ACCOUNT.path)
    assert finished.headers["Location"] == GOODBYE.path
    keys = UserKey(person.user.user_id), AppKey(own.app.client_id), LoginKey(person.name.lower())
    assert deployment.store.read(*keys) == (None,) * 3
    assert browser.get(ACCOUNT_PAGE.path).status_code == 303


def test_s123_a_new_password_by_mail_ends_sessions_and_what_was_granted_unless_the_box_is_unticked(
    full: Deployment,
) -> None:
    for keep in (False, True):
        owner, client = new_person(full), new_client(full, new_person(full))
        full.store.change_email(owner.user, address_of(owner), confirmed=True)
        before, tokens = entered(full, owner), client.tokens(owner)
        browser = recovered(full, address_of(owner))
        fields = form_of(browser.get(link_to(full, address_of(owner))), RESET.path).fields
        assert fields["end_grants"] == "on"
        sent = {name: value for name, value in fields.items() if not (keep and name == "end_grants")}
        browser.post(RESET.path, {**sent, "new_password": NEW_PASSWORD}, headers={"Origin": browser.base_url})

        assert browser.get(ACCOUNT_PAGE.path).status_code == 200
        assert before.get(ACCOUNT_PAGE.path).status_code == 303
        assert (client.refresh(tokens["refresh_token"]).status_code == 200) is keep
        if keep:
            assert opens(full, tokens["access_token"])
        else:
            assert stops(full, tokens["access_token"])
            assert asked_again(full, Person(user=owner.user, password=NEW_PASSWORD), client.authorize_path())
