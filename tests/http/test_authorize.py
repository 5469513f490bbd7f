"""GET /developer/auth. Checklist A (S01 … S21)."""

import time
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import requests

from gatepost.apps import delete_app
from gatepost.routes import AUTHORIZE, LOGIN_PAGE
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.people import CALLBACK, Client, Person, get, new_client, opens, stops

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.fixture
def signed_in(deployment: Deployment, person: Person) -> Browser:
    browser = Browser(deployment.base_url)
    browser.sign_in(person.name, person.password)
    return browser


def assert_page(answer: requests.Response, never: str = "") -> None:
    """An error page of ours: nothing is sent anywhere, and the bad value stands nowhere as markup or link."""
    assert answer.status_code == 400, answer.text
    assert "Location" not in answer.headers
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert f'href="{never}' not in answer.text or not never


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example.test/cb",
        "https://client.example.test.evil.test/cb",
        "https://evilclient.example.test/cb",
        "https://client.example.test@evil.test/cb",
        "https://user@client.example.test/cb",
        "https://client.example.test\\@evil.test/cb",
        "https://client.example.test%2f@evil.test/cb",
        "https://сlient.example.test/cb",
        "https://client.example.test:444/cb",
        "https://client.example.test:443/cb",
        "https://client.example.test/cb/",
        "https://client.example.test/cb/../evil",
        "https://client.example.test/CB",
        "https://client.example.test/cb?x=1",
        "https://client.example.test/cb#x",
        "http://client.example.test/cb",
        "HTTPS://client.example.test/cb",
        "//client.example.test/cb",
        "/cb",
        " https://client.example.test/cb",
        "https://client.example.test/cb ",
        "https://client.example.test/cb\r\nX: y",
        "https://client.example.test/cb\0",
        "javascript:alert(1)",
        '"><script>alert(1)</script>',
        "https://client.example.test/cb" + "x" * 3000,
    ],
)
def test_s01_a_redirect_uri_that_is_not_the_registered_string_gets_a_page(
    signed_in: Browser, client: Client, redirect_uri: str
) -> None:
    assert_page(signed_in.get(client.authorize_path(redirect_uri=redirect_uri)), redirect_uri)


def test_s02_without_redirect_uri_two_registered_ones_get_a_page(
    signed_in: Browser, deployment: Deployment, person: Person
) -> None:
    client = new_client(deployment, person, redirect_uris=[CALLBACK, "https://client.example.test/cb2?tenant=7"])

    assert_page(signed_in.get(client.authorize_path(redirect_uri=None)))
    assert_page(signed_in.get(client.authorize_path(redirect_uri="")))


def test_a_query_of_the_registered_uri_is_kept(signed_in: Browser, deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, redirect_uris=["https://client.example.test/cb2?tenant=7"])

    page = signed_in.get(client.authorize_path(redirect_uri="https://client.example.test/cb2?tenant=7"))

    assert answer_of(signed_in.decide(page, "deny"))["tenant"] == "7"


@pytest.mark.parametrize(
    "client_id", ["nobody", "", "a\0b", "<script>x</script>", "APP#1", '{"$ne":null}', "count#x", "x" * 3000]
)
def test_s03_an_unknown_client_id_gets_a_page(signed_in: Browser, client: Client, client_id: str) -> None:
    assert_page(signed_in.get(client.authorize_path(client_id=client_id)))


def test_s03_a_missing_client_id_gets_a_page(signed_in: Browser, client: Client) -> None:
    assert_page(signed_in.get(client.authorize_path(client_id=None)))


def test_s05_a_loopback_redirect_may_use_any_port(signed_in: Browser, deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, redirect_uris=["http://127.0.0.1/cb", "http://[::1]/cb"])

    for redirect_uri in ("http://127.0.0.1:5123/cb", "http://[::1]:5123/cb", "http://127.0.0.1/cb"):
        assert signed_in.get(client.authorize_path(redirect_uri=redirect_uri)).status_code == 200
    for redirect_uri in ("http://127.0.0.1:5123/cb2", "http://localhost:5123/cb", "https://127.0.0.1:5123/cb"):
        assert_page(signed_in.get(client.authorize_path(redirect_uri=redirect_uri)))


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


@pytest.mark.parametrize(
    ("response_type", "error"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        ("id_token", "unsupported_response_type"),
        ("Code", "unsupported_response_type"),
        ("code code", "unsupported_response_type"),
        ("code token", "unsupported_response_type"),
        ("token", "unauthorized_client"),
    ],
)
def test_s06_a_response_type_that_cannot_be_had_goes_back_as_an_error(
    signed_in: Browser, deployment: Deployment, person: Person, response_type: str | None, error: str
) -> None:
    client = new_client(deployment, person, grant_types=["authorization_code"])

    answer = answer_of(signed_in.get(client.authorize_path(response_type=response_type)))

    assert answer == {
        "error": error,
        "error_description": answer["error_description"],
        "state": "s-1",
        "iss": deployment.base_url,
    }


@pytest.mark.parametrize("name", ["response_type", "scope", "state", "code_challenge", "prompt", "nonce"])
def test_s07_a_parameter_sent_twice_never_gets_a_code(signed_in: Browser, client: Client, name: str) -> None:
    path = client.authorize_path(code_challenge=CHALLENGE, code_challenge_method="S256", prompt="consent", nonce="n")

    answer = answer_of(signed_in.get(f"{path}&{name}=code"))

    assert answer["error"] == "invalid_request"
    assert "code" not in answer


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_s07_client_id_or_redirect_uri_sent_twice_gets_a_page(signed_in: Browser, client: Client, name: str) -> None:
    assert_page(signed_in.get(f"{client.authorize_path()}&{name}={quote(CALLBACK, safe='')}"))


@pytest.mark.parametrize("scope", ["admin", "consumer", 'read"', "read\\", "re\tad", "ré", "<b>", "x" * 2000])
def test_s08_a_scope_of_which_nothing_can_be_granted_is_invalid_scope(
    signed_in: Browser, client: Client, scope: str
) -> None:
    assert answer_of(signed_in.get(client.authorize_path(scope=scope)))["error"] in ("invalid_scope", "invalid_request")


def test_s08_a_scope_beyond_the_app_is_narrowed_and_said_in_the_token_answer(client: Client, person: Person) -> None:
    assert client.tokens(person, scope="read,consumer")["scope"] == "read"


def test_scopes_may_be_separated_by_commas_as_the_seed_does(client: Client, person: Person) -> None:
    assert client.tokens(person, scope="read,write")["scope"] == "read write"


def test_a_request_without_scope_gets_the_default_scopes(client: Client, person: Person) -> None:
    assert client.tokens(person, scope=None)["scope"] == "read"


@pytest.mark.parametrize(
    "state",
    [
        "abc-._~",
        "YWJj+/==",
        "https://client.example.test/?a=b&c=d#e",
        "with spaces",
        "%zz",
        "%2520",
        '{"a":"b"}',
        "'\"<>",
        "grüße ✓",
        ";,:",
        "x" * 1500,
    ],
)
def test_s09_state_comes_back_byte_for_byte(signed_in: Browser, client: Client, state: str) -> None:
    page = signed_in.get(client.authorize_path(state=state))

    assert answer_of(signed_in.decide(page, "deny"))["state"] == state


def test_s09_without_state_there_is_none_in_the_answer(signed_in: Browser, client: Client) -> None:
    page = signed_in.get(client.authorize_path(state=None))

    assert "state" not in answer_of(signed_in.decide(page, "deny"))


def test_s10_every_answer_names_the_issuer_of_the_metadata(
    signed_in: Browser, deployment: Deployment, client: Client
) -> None:
    metadata = get(deployment, "/.well-known/oauth-authorization-server", None).json()
    page = signed_in.get(client.authorize_path())

    assert answer_of(signed_in.decide(page, "allow"))["iss"] == metadata["issuer"] == deployment.base_url
    assert answer_of(signed_in.get(client.authorize_path(response_type="x")))["iss"] == metadata["issuer"]


def test_s11_error_redirects_hold_no_code_and_only_printable_ascii(signed_in: Browser, client: Client) -> None:
    for path in (
        client.authorize_path(scope='"\\é'),
        client.authorize_path(code_challenge='"\\é'),
        client.authorize_path(response_type='"\\é'),
        client.authorize_path(prompt='"\\é'),
    ):
        answer = answer_of(signed_in.get(path))
        assert not {"code", "access_token"} & set(answer)
        for value in (answer["error"], answer["error_description"]):
            assert all(" " <= c <= "~" and c not in '"\\' for c in value)


def test_s13_nothing_goes_to_the_app_before_somebody_signed_in(browser: Browser, client: Client) -> None:
    answer = browser.get(client.authorize_path(scope="admin"))

    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).path == LOGIN_PAGE.path


def test_s13_prompt_none_answers_login_required_and_consent_required(
    browser: Browser, signed_in: Browser, client: Client
) -> None:
    assert answer_of(browser.get(client.authorize_path(prompt="none")))["error"] == "login_required"
    assert answer_of(signed_in.get(client.authorize_path(prompt="none")))["error"] == "consent_required"


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


@pytest.mark.parametrize(
    "extra",
    [
        "request=eyJhbGciOiJub25lIn0.e30.",
        "request_uri=http%3A%2F%2F127.0.0.1%3A9",
        "request_uri=http://169.254.169.254",
    ],
)
def test_s14_a_request_object_is_ignored_and_nothing_is_fetched(signed_in: Browser, client: Client, extra: str) -> None:
    assert signed_in.get(f"{client.authorize_path()}&{extra}").status_code == 200


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_s16_no_other_method_does_anything(deployment: Deployment, client: Client, method: str) -> None:
    answer = requests.request(
        method, deployment.base_url + client.authorize_path(), headers={"Origin": "https://evil.test"}, timeout=30
    )

    assert 400 <= answer.status_code < 500
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "name",
    ["client_id", "redirect_uri", "response_type", "scope", "state", "prompt", "code_challenge", "nonce", "display"],
)
def test_s19_markup_in_a_parameter_is_never_markup_on_a_page(
    browser: Browser, signed_in: Browser, client: Client, name: str
) -> None:
    markup = "\"'><svg onload=alert(1)>"
    path = client.authorize_path(**{name: markup})
    for visitor in (browser, signed_in):
        answer = visitor.get(path)
        if answer.is_redirect and answer.headers["Location"].startswith("/"):
            answer = visitor.get(answer.headers["Location"])
        assert "<svg onload" not in answer.text


def test_s21_a_deleted_app_gets_a_page_and_its_tokens_are_refused(
    signed_in: Browser, deployment: Deployment, client: Client, person: Person
) -> None:
    tokens = client.tokens(person)
    pending = signed_in.get(client.authorize_path(scope="write"))
    delete_app(deployment.store, client.app, now=time.time())

    assert_page(signed_in.get(client.authorize_path()))
    assert_page(signed_in.decide(pending, "allow"))
    refused = client.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert stops(deployment, tokens["access_token"])


def test_s45_a_public_app_needs_a_code_challenge(signed_in: Browser, public_client: Client) -> None:
    assert answer_of(signed_in.get(public_client.authorize_path()))["error"] == "invalid_request"


@pytest.mark.parametrize("method", ["plain", "none", "S512", "s256", "", None])
def test_s48_only_s256_is_a_challenge_method(signed_in: Browser, client: Client, method: str | None) -> None:
    path = client.authorize_path(code_challenge=CHALLENGE, code_challenge_method=method)

    assert answer_of(signed_in.get(path))["error"] == "invalid_request"


@pytest.mark.parametrize(
    "challenge", ["x" * 42, "x" * 129, "+" * 43, "/" * 43, "x" * 42 + "=", "x" * 42 + "\0", "", None]
)
def test_s49_a_malformed_challenge_is_refused(signed_in: Browser, client: Client, challenge: str | None) -> None:
    path = client.authorize_path(code_challenge=challenge, code_challenge_method="S256")

    assert answer_of(signed_in.get(path))["error"] == "invalid_request"


def test_s64_implicit_answers_and_errors_travel_in_the_fragment(
    signed_in: Browser, deployment: Deployment, client: Client
) -> None:
    answer = signed_in.decide(signed_in.get(client.authorize_path(response_type="token")), "allow")

    location = urlsplit(answer.headers["Location"])
    members = dict(parse_qsl(location.fragment))
    assert location.query == ""
    assert answer.headers["Cache-Control"] == "no-store"
    assert members["token_type"] == "Bearer"
    assert (members["expires_in"], members["scope"], members["state"]) == ("600", "read", "s-1")
    assert members["iss"] == deployment.base_url
    assert "refresh_token" not in members
    assert opens(deployment, members["access_token"], "/demo/read")

    refused = urlsplit(signed_in.get(client.authorize_path(response_type="token", scope="admin")).headers["Location"])
    assert (refused.query, dict(parse_qsl(refused.fragment))["error"]) == ("", "invalid_scope")
    assert_page(signed_in.get(client.authorize_path(response_type="token", redirect_uri="https://evil.test/")))


def test_a_pending_app_gets_a_page(signed_in: Browser, deployment: Deployment, client: Client) -> None:
    deployment.store.set_app_status(client.app.client_id, "pending", reason="", grants_valid_from=0)

    assert_page(signed_in.get(client.authorize_path()))


def test_invalid_utf8_and_an_empty_query_get_an_error_page(signed_in: Browser) -> None:
    for query in ("client_id=%ff", "client_id=%C0%80", "", "%00", "client_id[]=x", "client_id"):
        assert_page(signed_in.get(f"{AUTHORIZE.path}?{query}"))


def test_the_apps_scope_bounds_what_is_granted(signed_in: Browser, deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, scope=Scope.of("read"))

    assert answer_of(signed_in.get(client.authorize_path(scope="write")))["error"] == "invalid_scope"
