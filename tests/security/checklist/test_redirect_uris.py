"""Where an authorization request may lead, and parameters that come twice (S01 … S05, S07, S139)."""

from urllib.parse import quote

from infra.local.deployment import Deployment
from tests.answers import PKCE, assert_page
from tests.browsing import Browser, answer_of
from tests.http.consumer import WEATHER, Consumer
from tests.people import CALLBACK, Client, Person, new_client

OTHER_CALLBACK = "https://client.example.test/cb2?tenant=7"
UNREGISTERED = (
    "https://evil.example.test/cb",
    f"{CALLBACK}/",
    f"{CALLBACK}?x=1",
    "https://client.example.test@evil.test/cb",
    "https://client.example.test\\@evil.test/cb",
    "https://сlient.example.test/cb",  # the first letter is Cyrillic
    "javascript:alert(1)//https://client.example.test/cb",
    f"{CALLBACK}\r\nX: y",
    '"><script>alert(1)</script>',
    f"{CALLBACK},{OTHER_CALLBACK}",
)


def test_s01_s02_only_a_registered_string_gets_a_code_and_of_two_one_has_to_be_chosen(
    signed_in: Browser, deployment: Deployment, person: Person
) -> None:
    client = new_client(deployment, person, redirect_uris=[CALLBACK, OTHER_CALLBACK])

    for refused in (*UNREGISTERED, "", None):
        assert_page(signed_in.get(client.authorize_path(redirect_uri=refused)), refused or "")
    for uri, separator in ((CALLBACK, "?"), (OTHER_CALLBACK, "&")):
        page = signed_in.get(client.authorize_path(redirect_uri=uri, prompt="consent"))
        assert signed_in.decide(page, "allow").headers["Location"].startswith(f"{uri}{separator}code=")


def test_s03_an_unknown_client_id_gets_a_page(signed_in: Browser, client: Client) -> None:
    for client_id in ("nobody", "", None, "a\0b", "<script>x</script>", "count#x", "x" * 3000):
        answer = signed_in.get(client.authorize_path(client_id=client_id))
        assert_page(answer)
        assert "<script>x" not in answer.text


def test_s05_a_loopback_redirect_may_use_any_port_and_nothing_else_may_differ(
    signed_in: Browser, deployment: Deployment, person: Person
) -> None:
    client = new_client(
        deployment,
        person,
        confidential=False,
        grant_types=["authorization_code"],
        redirect_uris=["http://127.0.0.1/cb", "http://[::1]/cb"],
    )

    for uri in ("http://127.0.0.1:65535/cb", "http://[::1]:5123/cb"):
        page = signed_in.get(client.authorize_path(redirect_uri=uri, **PKCE))
        assert signed_in.decide(page, "allow").headers["Location"].startswith(f"{uri}?code=")
    for uri in ("http://127.0.0.1:5123/cb2", "http://127.0.0.1:1@evil.test/cb", "http://localhost:5123/cb"):
        assert_page(signed_in.get(client.authorize_path(redirect_uri=uri, **PKCE)), uri)


def test_s04_s139_what_may_lead_elsewhere_or_be_read_in_two_ways_is_not_registered(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    consumer = Consumer(deployment, person)
    for field, value, place in (
        ("redirect_uris", ["https://my.example.test/good", "javascript:alert(1)"], "redirect_uris"),
        ("redirect_uris", [f"{CALLBACK}?c%6fde=1"], "redirect_uris"),
        ("redirect_uris", [None], "redirect_uris.0"),
        ("url", "https://2130706433", "url"),
    ):
        refused = consumer.call("POST", "/consumer/app", json={**WEATHER, field: value})
        assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (400, [place])
    assert consumer.call("GET", "/consumer/app").json() == {"items": [], "next": None}

    # nor can a request bring one, where the app registered its website alone
    client = new_client(deployment, person, redirect_uris=[])
    for query in ("code=1", "a=b&state=x", "c%6Fde=1", "a=%zz"):
        assert_page(signed_in.get(client.authorize_path(redirect_uri=f"{CALLBACK}?{query}")))
    page = signed_in.get(client.authorize_path(redirect_uri=OTHER_CALLBACK))
    assert "code" in answer_of(signed_in.decide(page, "allow"))


def test_s07_a_parameter_that_is_sent_twice_never_gets_a_code(signed_in: Browser, client: Client) -> None:
    for name, sent in (("client_id", client.app.client_id), ("redirect_uri", CALLBACK)):
        for second in (quote(sent, safe=""), "x"):
            assert_page(signed_in.get(f"{client.authorize_path()}&{name}={second}"))

    path = client.authorize_path(**PKCE, prompt="consent", nonce="n")
    for name in ("response_type", "scope", "state", "code_challenge", "code_challenge_method", "prompt", "nonce"):
        for second in ("code", ""):
            answer = answer_of(signed_in.get(f"{path}&{name}={second}"))
            assert answer["error"] == "invalid_request"
            assert "code" not in answer
            assert ("state" in answer) is (name != "state")
