"""The decision on the consent page: what it grants, and how long it counts (S23 … S26, S36, S38, S120, S121, S137)."""

import time
from concurrent.futures import ThreadPoolExecutor

import requests

from gatepost.clients.lifecycle import activate_app, deactivate_app
from gatepost.routes import CONSENT
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.answers import PKCE, assert_page, assert_sent_back, redeem
from tests.browsing import Browser, answer_of, form_of
from tests.people import CALLBACK, Client, Person, entered, new_client, new_person
from tests.security.checklist.changing import OTHER, changed


def shown_to(browser: Browser, client: Client, **parameters: str) -> dict[str, str]:
    """The form of the consent page with "allow" pressed."""
    page = browser.get(client.authorize_path(**parameters))
    return {**form_of(page, CONSENT.path).fields, "decision": "allow"}


def test_s23_s25_another_users_page_answers_nothing_in_ones_own_session(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    theirs = entered(deployment, new_person(deployment))
    shown, own = shown_to(theirs, client), shown_to(signed_in, client)

    assert signed_in.post(CONSENT.path, shown).status_code == 400
    assert signed_in.post(CONSENT.path, {**own, "request_id": shown["request_id"]}).status_code == 400
    assert Browser(deployment.base_url).post(CONSENT.path, shown).status_code == 400
    # and it was not used up either
    assert "code" in answer_of(theirs.post(CONSENT.path, shown))


def test_s23_the_form_without_its_hidden_fields_or_from_elsewhere_does_nothing(
    signed_in: Browser, client: Client
) -> None:
    fields = shown_to(signed_in, client)

    for name in ("form_token", "request_id", "decision"):
        assert signed_in.post(CONSENT.path, {k: v for k, v in fields.items() if k != name}).status_code == 400
    for origin in ("https://evil.example.test", "null", ""):
        assert signed_in.post(CONSENT.path, fields, headers={"Origin": origin}).status_code == 400
    assert "code" in answer_of(signed_in.post(CONSENT.path, fields, headers={"Origin": signed_in.base_url}))


def test_s24_s38_the_code_is_for_what_was_shown_whatever_the_form_says(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    other = new_client(deployment, person, redirect_uris=["https://evil.example.test/cb"])
    page = signed_in.get(client.authorize_path(scope="read"))
    for text in (client.app.name, "client.example.test", "Read your demo data", person.name):
        assert text in page.text

    fields = form_of(page, CONSENT.path).fields | {
        "decision": "allow",
        "scope": "read write",
        "redirect_uri": "https://evil.example.test/cb",
        "client_id": other.app.client_id,
        "user_id": "somebody",
        "response_type": "token",
        **PKCE,
    }
    answer = signed_in.post(CONSENT.path, fields)

    assert answer.headers["Location"].startswith(f"{CALLBACK}?code=")
    assert redeem(client, answer_of(answer)["code"]).json()["scope"] == "read"


def test_s26_deny_goes_back_with_access_denied_and_is_asked_again(signed_in: Browser, client: Client) -> None:
    denied = signed_in.decide(signed_in.get(client.authorize_path()), "deny")

    assert_sent_back(denied, "access_denied", issuer=signed_in.base_url)
    assert signed_in.get(client.authorize_path()).status_code == 200


def test_s36_an_approval_is_remembered_for_its_app_and_scope_only_and_never_for_a_public_app(
    deployment: Deployment, signed_in: Browser, client: Client, public_client: Client, person: Person
) -> None:
    other = new_client(deployment, person)
    signed_in.decide(signed_in.get(client.authorize_path(scope="read")), "allow")
    signed_in.decide(signed_in.get(public_client.authorize_path(**PKCE)), "allow")

    assert "code" in answer_of(signed_in.get(client.authorize_path(scope="read")))
    assert "code" in answer_of(signed_in.get(client.authorize_path(scope="read", prompt="none")))
    assert signed_in.get(client.authorize_path(scope="read write")).text.count(">new</span>") == 1
    for path in (
        client.authorize_path(scope="read", prompt="consent"),
        other.authorize_path(scope="read"),
        public_client.authorize_path(**PKCE),
    ):
        assert signed_in.get(path).status_code == 200


def test_s121_after_a_change_of_what_people_saw_or_a_deactivation_they_are_asked_again(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    kept, renamed, stopped = apps = [new_client(deployment, person) for _ in range(3)]
    for app in apps:
        signed_in.decide(signed_in.get(app.authorize_path()), "allow")
    time.sleep(1.1)  # what is approved and changed in one second is void
    changed(kept, grant_types=("authorization_code",))
    changed(renamed, name="Another name for the same app")
    deactivate_app(deployment.store, stopped.app, reason="a look", now=time.time())
    (found,) = deployment.store.read(AppKey(stopped.app.client_id))
    assert found is not None
    activate_app(deployment.store, found, now=time.time())

    assert "code" in answer_of(signed_in.get(kept.authorize_path()))
    for app in (renamed, stopped):
        page = signed_in.get(app.authorize_path())
        assert (page.status_code, ">new</span>" in page.text) == (200, False)
        assert answer_of(signed_in.get(app.authorize_path(prompt="none")))["error"] == "consent_required"

    # and what was approved before is not added to what is approved after
    time.sleep(1.1)
    signed_in.decide(signed_in.get(renamed.authorize_path(scope="write")), "allow")
    assert "code" in answer_of(signed_in.get(renamed.authorize_path(scope="write")))
    assert signed_in.get(renamed.authorize_path(scope="read")).status_code == 200


def test_s120_an_open_page_grants_what_the_app_still_may_have_and_sends_it_where_the_app_still_is(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    narrowed, moved = new_client(deployment, person), new_client(deployment, person)
    page, lost = (signed_in.get(narrowed.authorize_path(scope=scope)) for scope in ("read write", "write"))
    gone = [
        (signed_in.get(moved.authorize_path(redirect_uri=uri)), decision)
        for uri, decision in ((CALLBACK, "allow"), (None, "allow"), (CALLBACK, "deny"))
    ]
    changed(narrowed, scope=Scope.of("read"))
    changed(moved, redirect_uris=(OTHER,))

    assert redeem(narrowed, answer_of(signed_in.decide(page, "allow"))["code"]).json()["scope"] == "read"
    assert_sent_back(signed_in.decide(lost, "allow"), "invalid_scope", issuer=signed_in.base_url)
    for shown, decision in gone:
        assert_page(signed_in.decide(shown, decision))


def test_s137_of_allow_and_deny_at_once_exactly_one_counts(signed_in: Browser, client: Client) -> None:
    for _ in range(5):
        fields = shown_to(signed_in, client, prompt="consent")

        def press(decision: str, fields: dict[str, str] = fields) -> requests.Response:
            return signed_in.post(CONSENT.path, {**fields, "decision": decision})

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(press, ("allow", "deny", "deny", "allow")))

        (sent,) = [answer for answer in answers if answer.is_redirect]
        for lost in (answer for answer in answers if answer is not sent):
            assert_page(lost)
