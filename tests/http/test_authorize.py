"""GET /developer/auth. Checklist A (S01 … S21)."""

from urllib.parse import urlsplit

from gatepost.routes import APP_PAGE, AUTHORIZE, LOGIN_PAGE
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import assert_page
from tests.browsing import Browser, answer_of
from tests.people import Client, Person, new_client, new_person


def test_a_query_of_the_registered_uri_is_kept(signed_in: Browser, deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, redirect_uris=["https://client.example.test/cb2?tenant=7"])

    page = signed_in.get(client.authorize_path(redirect_uri="https://client.example.test/cb2?tenant=7"))

    assert answer_of(signed_in.decide(page, "deny"))["tenant"] == "7"


def test_the_seeds_rule_holds_for_an_app_that_registered_its_url_only(
    signed_in: Browser, deployment: Deployment, person: Person
) -> None:
    client = new_client(deployment, person, redirect_uris=[])

    assert signed_in.get(client.authorize_path(redirect_uri="https://client.example.test/any?x=1")).status_code == 200
    for redirect_uri in (
        "https://sub.client.example.test/any",
        "https://client.example.test:8443/any",
        "http://client.example.test/any",
        "https://client.example.test@evil.test/any",
        "https://client.example.test/any#x",
    ):
        assert_page(signed_in.get(client.authorize_path(redirect_uri=redirect_uri)))
    assert_page(signed_in.get(client.authorize_path(redirect_uri=None)))


def test_scopes_may_be_separated_by_commas_as_the_seed_does(client: Client, person: Person) -> None:
    assert client.tokens(person, scope="read,write")["scope"] == "read write"


def test_a_request_without_scope_gets_the_default_scopes(client: Client, person: Person) -> None:
    assert client.tokens(person, scope=None)["scope"] == "read"


def test_prompt_login_asks_a_signed_in_user_to_sign_in_once_more(
    signed_in: Browser, client: Client, person: Person
) -> None:
    answer = signed_in.get(client.authorize_path(prompt="login consent", state="%zz"))
    assert urlsplit(answer.headers["Location"]).path == LOGIN_PAGE.path

    page = signed_in.get(answer.headers["Location"])
    after = signed_in.submit(page, LOGIN_PAGE.path, user_name=person.name, password=person.password)
    consent = signed_in.get(after.headers["Location"])

    assert consent.status_code == 200
    assert answer_of(signed_in.decide(consent, "allow"))["state"] == "%zz"


def test_a_pending_app_gets_a_page(signed_in: Browser, deployment: Deployment, client: Client) -> None:
    deployment.store.set_app_status(client.app.client_id, "pending", reason="", grants_valid_from=0)

    shown = signed_in.get(client.authorize_path())
    assert_page(shown)
    assert "Waiting for approval" in shown.text
    assert f'href="{APP_PAGE.at(client_id=client.app.client_id)}"' in shown.text

    deployment.store.set_app_status(
        client.app.client_id, "deactivated", reason="its website is gone", grants_valid_from=0
    )
    shown = signed_in.get(client.authorize_path())
    assert "Deactivated" in shown.text
    assert "its website is gone" in shown.text


def test_only_the_owner_of_an_app_that_is_not_active_is_told_more(deployment: Deployment, client: Client) -> None:
    deployment.store.set_app_status(
        client.app.client_id, "deactivated", reason="its website is gone", grants_valid_from=0
    )
    other, stranger = new_person(deployment), Browser(deployment.base_url)
    stranger.sign_in(other.name, other.password)

    for browser in (stranger, Browser(deployment.base_url)):
        shown = browser.get(client.authorize_path())
        assert_page(shown)
        assert "its website is gone" not in shown.text
        assert client.app.client_id not in shown.text
        assert "invalid_request: the app is not active" in shown.text


def test_the_log_says_which_client_id_is_unknown(signed_in: Browser, deployment: Deployment) -> None:
    assert_page(signed_in.get(f"{AUTHORIZE.path}?client_id=my-first-app"))

    assert [line for line in deployment.logs if '"detail":"my-first-app"' in line.replace(": ", ":")]


def test_invalid_utf8_and_an_empty_query_get_an_error_page(signed_in: Browser) -> None:
    for query in ("client_id=%ff", "client_id=%C0%80", "", "%00", "client_id[]=x", "client_id"):
        assert_page(signed_in.get(f"{AUTHORIZE.path}?{query}"))


def test_the_apps_scope_bounds_what_is_granted(signed_in: Browser, deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, scope=Scope.of("read"))

    assert answer_of(signed_in.get(client.authorize_path(scope="write")))["error"] == "invalid_scope"
