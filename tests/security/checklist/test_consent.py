"""POST /developer/auth: the decision on the consent page. Checklist B (S23 … S26, S36, S38)."""

from gatepost.routes import CONSENT
from infra.local.deployment import Deployment
from tests.answers import PKCE
from tests.browsing import Browser, answer_of, form_of
from tests.people import CALLBACK, Client, Person, entered, new_client, new_person


def test_s38_the_page_names_app_scopes_redirect_host_and_user(
    signed_in: Browser, client: Client, person: Person
) -> None:
    page = signed_in.get(client.authorize_path(scope="read write"))

    assert page.status_code == 200
    for text in (client.app.name, "client.example.test", "Read your demo data", "Change your demo data", person.name):
        assert text in page.text


def test_s23_s25_another_users_page_answers_nothing_in_ones_own_session(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    other = new_person(deployment)
    theirs = entered(deployment, other)
    shown = form_of(theirs.get(client.authorize_path()), CONSENT.path).fields
    own = form_of(signed_in.get(client.authorize_path()), CONSENT.path).fields

    assert signed_in.post(CONSENT.path, {**shown, "decision": "allow"}).status_code == 400
    mixed = {**own, "request_id": shown["request_id"], "decision": "allow"}
    assert signed_in.post(CONSENT.path, mixed).status_code == 400
    # and it was not used up either
    assert "code" in answer_of(theirs.post(CONSENT.path, {**shown, "decision": "allow"}))


def test_s23_the_form_without_its_hidden_fields_or_from_elsewhere_does_nothing(
    signed_in: Browser, client: Client
) -> None:
    fields = {**form_of(signed_in.get(client.authorize_path()), CONSENT.path).fields, "decision": "allow"}

    for name in ("form_token", "request_id", "decision"):
        assert signed_in.post(CONSENT.path, {k: v for k, v in fields.items() if k != name}).status_code == 400
    for origin in ("https://evil.example.test", "null", ""):
        assert signed_in.post(CONSENT.path, fields, headers={"Origin": origin}).status_code == 400
    assert "code" in answer_of(signed_in.post(CONSENT.path, fields, headers={"Origin": signed_in.base_url}))


def test_s25_without_a_session_nothing_is_granted(deployment: Deployment, signed_in: Browser, client: Client) -> None:
    fields = {**form_of(signed_in.get(client.authorize_path()), CONSENT.path).fields, "decision": "allow"}

    assert Browser(deployment.base_url).post(CONSENT.path, fields).status_code == 400


def test_s24_the_code_is_for_what_was_shown_whatever_the_form_says(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    other = new_client(deployment, person, redirect_uris=["https://evil.example.test/cb"])
    page = signed_in.get(client.authorize_path(scope="read"))
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
    code = answer_of(answer)["code"]
    tokens = client.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK).json()
    assert tokens["scope"] == "read"


def test_s26_deny_goes_back_with_access_denied_and_is_asked_again(signed_in: Browser, client: Client) -> None:
    answer = answer_of(signed_in.decide(signed_in.get(client.authorize_path()), "deny"))

    assert answer["error"] == "access_denied"
    assert (answer["state"], answer["iss"]) == ("s-1", signed_in.base_url)
    assert signed_in.get(client.authorize_path()).status_code == 200


def test_s36_an_approval_is_remembered_for_its_app_and_scope_only(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    signed_in.decide(signed_in.get(client.authorize_path(scope="read")), "allow")
    other = new_client(deployment, person)

    assert "code" in answer_of(signed_in.get(client.authorize_path(scope="read")))
    assert "code" in answer_of(signed_in.get(client.authorize_path(scope="read", prompt="none")))
    more = signed_in.get(client.authorize_path(scope="read write"))
    assert more.status_code == 200
    assert "already allowed" in more.text
    assert signed_in.get(client.authorize_path(scope="read", prompt="consent")).status_code == 200
    assert signed_in.get(other.authorize_path(scope="read")).status_code == 200


def test_s36_a_public_app_is_asked_for_every_time(signed_in: Browser, public_client: Client) -> None:
    path = public_client.authorize_path(**PKCE)

    assert "code" in answer_of(signed_in.decide(signed_in.get(path), "allow"))
    assert signed_in.get(path).status_code == 200
