"""/developer/admin/audit: what administrators look up in the audit list, and its export."""

import csv
import io
import json
import re
import time
from html import unescape

import requests

from gatepost.authentication.sign_in import name_key
from gatepost.identifiers import new_id
from gatepost.model.audit_entry import AuditEntry
from gatepost.routes import (
    ADMIN_APP_PAGE,
    ADMIN_AUDIT_FILE,
    ADMIN_AUDIT_PAGE,
    ADMIN_AUDIT_PARTS_PAGE,
    ADMIN_CHANGE_APP,
    ADMIN_CHANGE_USER,
    ADMIN_USER_PAGE,
    EDIT_APP_PAGE,
    UPDATE_APP,
)
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.answers import text_of
from tests.browsing import Browser, post
from tests.people import Client, Person, entered, new_client, new_person


def listed(admin: Browser, **query: str) -> str:
    """The text of the entries that a search shows."""
    answer = admin.get(ADMIN_AUDIT_PAGE.path, params=query)
    assert answer.status_code == 200
    shown = re.search(r"<tbody>.*</tbody>", answer.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown[0])).split()) if shown else ""


def exported(admin: Browser, kind: str, **query: str) -> requests.Response:
    page = admin.get(ADMIN_AUDIT_PARTS_PAGE.path, params=query)
    return admin.submit(page, ADMIN_AUDIT_FILE.path, format=kind)


def test_the_list_says_why_somebody_could_not_sign_in_at_either_door(
    deployment: Deployment, admin: Browser, person: Person
) -> None:
    at = {"user_id": person.user.user_id}
    guesser = Browser(deployment.base_url)
    for _ in range(deployment.settings.attempts_free):
        guesser.sign_in(person.name, "wrong")
    now = int(time.time())
    for _ in range(10):  # the first waits are shorter than a slow request
        deployment.store.count_failure(name_key(person.name).name_hash, now=now, forget_at=now + 3600)
    assert guesser.sign_in(person.name, person.password).status_code == 429
    page = text_of(admin.get(ADMIN_USER_PAGE.at(**at)))
    assert re.search(r"Failed attempts since \d+, the last", page)
    assert "Wait before next attempt" in page
    post(admin, ADMIN_USER_PAGE.at(**at), ADMIN_CHANGE_USER.at(**at), action="deactivate")
    other = new_person(deployment)
    Browser(deployment.base_url).sign_in(other.name, other.password)

    shown = listed(admin, user=person.name)
    assert f"Sign-in as {person.name.casefold()} failed: wrong password." in shown
    assert "slowed down after failed attempts" in shown
    assert f"deactivated the account of {person.name} ." in shown
    assert listed(admin, user=other.name, event="sign_in_failed") == ""
    assert "signed in" in listed(admin, user=other.name)
    client = new_client(deployment, other)
    assert client.token(grant_type="password", username=other.name, password="wrong").status_code == 400
    assert "wrong password" in listed(admin, user=other.name, event="sign_in_failed")
    for status, reason in (("deactivated", "account is deactivated"), ("pending", "account waits for approval")):
        deployment.store.set_user_status(other.user.user_id, status)
        Browser(deployment.base_url).sign_in(other.name, other.password)
        assert reason in listed(admin, user=other.name, event="sign_in_failed")
    for query in ({"user": "nobody-of-this-name"}, {"app": "No such app"}, {"event": "keys_ended"}):
        assert "No entries in this period match." in admin.get(ADMIN_AUDIT_PAGE.path, params=query).text


def test_the_list_says_who_approved_an_app_and_what_changed_in_it(
    deployment: Deployment, admin: Browser, boss: Person, person: Person
) -> None:
    client = new_client(deployment, person, name="Reports")
    deployment.store.set_app_status(client.app.client_id, "pending", reason="", grants_valid_from=0)
    at = {"client_id": client.app.client_id}
    post(admin, ADMIN_APP_PAGE.at(**at), ADMIN_CHANGE_APP.at(**at), action="approve", version=client.version)
    owner = entered(deployment, person)
    (app,) = deployment.store.read(AppKey(client.app.client_id))
    assert app is not None
    form = {
        "version": str(app.version),
        "name": "Reports 2",
        "url": app.url,
        "redirect_uris": "\n".join([*app.redirect_uris, "https://new.example.test/cb?key=s3cret"]),
        "grant_types": list(app.grant_types),
        "scope": sorted(app.scope),
    }
    changed = post(owner, EDIT_APP_PAGE.at(**at), UPDATE_APP.at(**at), **form)
    assert changed.status_code == 303

    for query in ({"app": app.client_id}, {"app": "Reports 2"}, {"app": app.client_id, "user": person.name}):
        shown = listed(admin, **query)
        assert "name: Reports → Reports 2" in shown
        assert "redirect URI: none → https://new.example.test/cb?…" in shown
        assert "s3cret" not in shown
    shown = listed(admin, app=app.client_id)
    assert f"{boss.name} approved Reports . status: pending → active" in shown
    page = admin.get(ADMIN_AUDIT_PAGE.path, params={"app": app.client_id}).text
    assert f'href="{ADMIN_APP_PAGE.at(**at)}"' in page
    assert f'href="{ADMIN_USER_PAGE.at(user_id=boss.user.user_id)}"' in page


def test_pages_of_a_search_lead_through_all_of_it(deployment: Deployment, admin: Browser, person: Person) -> None:
    now = time.time()
    for number in range(23):
        entry = AuditEntry(entry_id=new_id(), at=now - number, event="signed_in", actor=person.user.user_id)
        deployment.store.record(entry, keep_until=int(now) + 86400)

    first = admin.get(ADMIN_AUDIT_PAGE.path, params={"user": person.name, "event": "signed_in"}).text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = admin.get(unescape(following[1])).text
    assert first.count("<tr>") - 1 == 20
    assert second.count("<tr>") - 1 == 3
    assert 'rel="next"' not in second


def test_an_export_has_every_entry_of_its_search_once(
    deployment: Deployment, admin: Browser, boss: Person, client: Client, person: Person
) -> None:
    client.tokens(person)
    answer = exported(admin, "csv", user=person.name)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    lines = [json.loads(line) for line in exported(admin, "jsonl", user=person.name).text.splitlines()]

    assert [row["event"] for row in rows] == ["signed_in", "approved"]
    assert [row["entry_id"] for row in rows] == [line["entry_id"] for line in lines]
    assert {row["actor"] for row in rows} == {person.name}
    ids = [row["entry_id"] for row in csv.DictReader(io.StringIO(exported(admin, "csv").text))]
    assert [ids.count(row["entry_id"]) for row in rows] == [1, 1]
    assert "exported the audit log of" in listed(admin, user=boss.name)

    # It is an attachment that nothing runs.
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    disposition = r'attachment; filename="audit-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d-part-1\.csv"'
    assert re.fullmatch(disposition, answer.headers["Content-Disposition"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_s240_an_export_takes_an_administrator_and_a_form_of_the_session(
    deployment: Deployment, admin: Browser, boss: Person, person: Person
) -> None:
    stranger = entered(deployment, person)
    form = {"format": "csv"}

    assert stranger.get(ADMIN_AUDIT_PAGE.path).status_code == 403
    assert stranger.get(ADMIN_AUDIT_PARTS_PAGE.path).status_code == 403
    assert stranger.post(ADMIN_AUDIT_FILE.path, form, headers={"Origin": admin.base_url}).status_code == 403
    assert admin.post(ADMIN_AUDIT_FILE.path, form, headers={"Origin": admin.base_url}).status_code == 400
    assert Browser(deployment.base_url).post(ADMIN_AUDIT_FILE.path, form).status_code == 303
    assert exported(admin, "xlsx").status_code == 400
    assert exported(admin, "jsonl").status_code == 200
    assert listed(admin, user=boss.name, event="audit_exported").count("exported the audit log of") == 1


def test_s242_an_entry_holds_no_secret_and_no_address(
    deployment: Deployment, admin: Browser, client: Client, person: Person
) -> None:
    tokens = client.tokens(person)
    email = f"{person.name}@example.test"
    deployment.store.change_email(person.user, email, confirmed=True)
    guess = "a password typed as the name"
    Browser(deployment.base_url).sign_in(guess, guess)
    Browser(deployment.base_url).sign_in(email, "wrong password of maria")
    Browser(deployment.base_url).sign_in(email, person.password)

    text = exported(admin, "jsonl").text
    assert "wrong password" in text
    for secret in (client.secret, person.password, email, guess, "of maria", *map(str, tokens.values())):
        assert len(secret) < 5 or secret not in text, secret
