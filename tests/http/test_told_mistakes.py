"""The mistakes of a beginner: what the responses say, and what the app's page lists."""

from __future__ import annotations

import json
import re
from typing import Any

from gatepost.routes import APP_PROBLEMS_PAGE
from infra.local.deployment import Deployment
from tests.answers import PKCE, VERIFIER, assert_error, basic, post_form, redeem, text_of
from tests.browsing import Browser, answer_of
from tests.people import CALLBACK, Client, Person, entered, new_client

FORM = "application/x-www-form-urlencoded"
EXCHANGE = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
SCOPED = {"grant_type": "client_credentials"}
NO_CODE = "The code is unknown, or was issued to another app. Send it at once and unchanged, to the same"
DIFFERS = "redirect_uri differs from the one in the authorization request."
BY_SPACES = "Separate scopes by spaces, not by commas"
UNKNOWN = "the server does not have this scope: "
# what is sent with a code of PKCE, and how the description begins
AT_EXCHANGE: list[tuple[dict[str, str], str]] = [
    ({}, "code_verifier is missing. The authorization request had a code_challenge"),
    ({"code_verifier": "short"}, "code_verifier is malformed. It has 43 to 128"),
    (
        {"code_verifier": VERIFIER[::-1]},
        "code_verifier does not match the code_challenge of the authorization request.",
    ),
    (
        {"code_verifier": VERIFIER, "redirect_uri": f"{CALLBACK}/"},
        f"{DIFFERS} Send the same, character by character. Sent: {CALLBACK}/",
    ),
    ({"code_verifier": VERIFIER, "redirect_uri": ""}, "redirect_uri is missing. The authorization request had it"),
    ({"code_verifier": VERIFIER, "code": "x" * 43}, NO_CODE),
]
AT_TOKEN: list[tuple[dict[str, str], str, str]] = [
    ({**SCOPED, "scope": "raed"}, "invalid_scope", f"{UNKNOWN}raed"),
    ({**SCOPED, "scope": "raed,writ"}, "invalid_scope", f"{UNKNOWN}raed, writ. {BY_SPACES}"),
    ({**SCOPED, "scope": "write"}, "invalid_scope", "the app did not choose this scope: write"),
    (
        {**SCOPED, "scope": "raed", "audience": "https://api.example.test"}, "invalid_scope",
        f"{UNKNOWN}raed. audience is ignored: name the API in resource (RFC 8707)",
    ),
    ({"grant_type": "code"}, "unsupported_grant_type", "grant_type is not supported: code"),
    ({"grant_type": "authorization_code"}, "invalid_request", "code is missing"),
    (
        {"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant",
        "The refresh token is unknown, or was issued to another app. Send it unchanged, to the same server",
    ),
]  # fmt: skip
AT_AUTHORIZATION: list[tuple[dict[str, Any], str]] = [
    (
        {"code_challenge": VERIFIER * 2, "code_challenge_method": "plain"},
        "code_challenge_method must be S256: plain is not supported",
    ),
    ({"code_challenge": VERIFIER}, "code_challenge_method is missing, which means plain: send S256"),
    ({"scope": "openid,raed"}, f"{UNKNOWN}raed. {BY_SPACES}"),
    ({"scope": "write"}, "the app did not choose this scope: write"),
    (
        {"resource": "https://x.example.test", "audience": "x"}, "resource is unknown: https://x.example.test",
    ),
    ({"prompt": "create"}, "prompt must be none, or a combination of login, consent and select_account"),
]  # fmt: skip
ALLOWED = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 §5.2


def told(answer: Any, error: str = "invalid_grant", status: int = 400) -> str:
    assert_error(answer, status, error)
    description = str(answer.json()["error_description"])
    assert ALLOWED.fullmatch(description)
    return description


def reader(deployment: Deployment, owner: Person, **changes: Any) -> Client:
    """An app that chose one scope of two."""
    return new_client(deployment, owner, scope=type(deployment.settings.scope).of("read"), **changes)


def shown(deployment: Deployment, owner: Person, client: Client) -> str:
    return text_of(entered(deployment, owner).get(APP_PROBLEMS_PAGE.at(client_id=client.app.client_id)))


def test_each_mistake_has_a_sentence_and_is_listed(deployment: Deployment, person: Person, signed_in: Browser) -> None:
    client = reader(deployment, person)
    for sent, said in AT_EXCHANGE:
        assert told(client.token(**{**EXCHANGE, "code": client.code(person, **PKCE), **sent})).startswith(said)
    for sent, error, said in AT_TOKEN:
        assert told(client.token(**sent), error).startswith(said)
    for sent, said in AT_AUTHORIZATION:
        answer = answer_of(signed_in.get(client.authorize_path(**sent)))
        assert answer["error_description"].startswith(said)
        assert ALLOWED.fullmatch(answer["error_description"])
    used = client.tokens(person, scope="read write")["refresh_token"]
    assert client.refresh(used, audience="https://api.example.test").status_code == 200

    page = shown(deployment, person, client)
    for heading in (
        "code_verifier is missing.", "code_verifier is malformed.", "code_verifier does not match",
        "redirect_uri differs", "redirect_uri is missing.", "The code is unknown,",
        "The server does not have this scope.",
        "The app does not have this scope.", "The refresh token is unknown,", "code_challenge_method is not S256.",
        "code_challenge_method is missing, which", "The server does not have this resource.", "prompt must be none",
        "audience is ignored. Name the API in resource (RFC 8707).",
    ):  # fmt: skip
        assert heading in page
    assert "write Once, at" in page  # the scope that the app got no code for
    assert f"sent {CALLBACK}/, was {CALLBACK}" in page


def test_a_code_that_was_used_or_is_anothers_says_so_and_ends_its_tokens(
    deployment: Deployment, client: Client, person: Person
) -> None:
    code = client.code(person)
    token = redeem(client, code).json()["refresh_token"]
    other = new_client(deployment, person)

    assert told(redeem(other, client.code(person))).startswith(NO_CODE)
    assert told(redeem(client, code)).startswith("The code was already used, so all tokens issued for it were revoked.")
    assert told(client.refresh(token)).startswith("The user's grant has ended:")


def test_who_does_not_prove_the_secret_is_told_what_everybody_is(
    deployment: Deployment, client: Client, person: Person
) -> None:
    code, wrong = client.code(person), (client.app.client_id, "wrong")
    unknown = "client_id is unknown, or the credentials of the app are wrong"

    for presented in (code, "x" * 43):
        for changes in ({}, {"redirect_uri": f"{CALLBACK}/"}, {"code_verifier": VERIFIER}):
            assert told(redeem(client, presented, auth=wrong, **changes), "invalid_client", 401) == unknown
    assert redeem(client, code).status_code == 200


def test_a_body_in_json_and_a_secret_sent_twice_are_told_as_such(deployment: Deployment, client: Client) -> None:
    asked = {"grant_type": "client_credentials"}
    header = {"Authorization": basic(client.app.client_id, client.secret)}

    for content_type in ("application/json", FORM):
        answer = post_form(deployment, json.dumps(asked), **{**header, "Content-Type": content_type})
        assert told(answer, "invalid_request") == f"the body must be {FORM}, not JSON"
    twice = client.token(**asked, client_secret=client.secret)
    said = "the secret is sent twice: authenticate in the header or in the body, not in both"
    assert told(twice, "invalid_request") == said


def test_the_same_mistake_is_counted_and_shown_with_its_last_detail(
    deployment: Deployment, client: Client, person: Person
) -> None:
    for number in range(3):
        assert_error(client.token(grant_type="client_credentials", scope=f"s{number}"), 400, "invalid_scope")

    assert re.search(
        r" s2 3 times today, the last at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", shown(deployment, person, client)
    )
