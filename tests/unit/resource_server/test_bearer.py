"""Bearer tokens of requests, and the challenges of error responses (RFC 6750)."""

from __future__ import annotations

import pytest

from gatepost.errors import InsufficientScope, InvalidRequest, InvalidToken, NoToken, OAuthError, TemporarilyUnavailable
from gatepost.resource_server.bearer import Challenger, authorization_headers, bearer_token
from gatepost.scope import Scope
from tests.raising import raised

READS = Scope.of("reports.read", "a")


@pytest.mark.parametrize("header", ["Bearer abc.d-e_f~+/==", "bearer abc.d-e_f~+/==", "BEARER   abc.d-e_f~+/=="])
def test_the_token_is_what_follows_the_scheme_in_any_case(header: str) -> None:
    assert bearer_token([header]) == "abc.d-e_f~+/=="


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        *(([], "no token"), ([""], "no token"), ([" "], "no token")),
        *(
            ([header], "not the Bearer scheme")
            for header in ("Basic YTpi", "Bearerabc", "Bearers abc", "abc", "Digest x=bearer", "Token x")
        ),
    ],
)
def test_without_a_bearer_token_the_log_says_whether_a_header_was_sent(headers: list[str], reason: str) -> None:
    caught = raised(NoToken, bearer_token, headers)
    assert (caught.description, caught.reason) == ("a bearer token is missing", reason)


@pytest.mark.parametrize(
    "headers",
    [
        *(["Bearer"], ["Bearer "], ["Bearer a b"], ["Bearer a,Bearer b"], ["Bearer a, b"], ["Bearer =a"]),
        *(["Bearer ä"], ["Bearer\ta"], ["Bearer a", "Bearer a"], ["Bearer a", "Basic YTpi"]),
    ],
)
def test_two_tokens_or_none_that_can_be_read_are_a_bad_request(headers: list[str]) -> None:
    with pytest.raises(InvalidRequest):
        bearer_token(headers)


@pytest.mark.parametrize(
    ("event", "headers"),
    [
        ({"headers": {"authorization": "Bearer a"}}, ["Bearer a"]),
        ({"headers": {"AUTHORIZATION": "Bearer a", "accept": "*/*"}}, ["Bearer a"]),
        ({"headers": {"Authorization": "x"}, "multiValueHeaders": {"Authorization": ["x", "y"]}}, ["x", "y"]),
        ({"headers": None, "multiValueHeaders": None}, []),
        ({"headers": {"authorization": None}, "multiValueHeaders": {"authorization": [None]}}, []),
        ({"headers": {"authorization": "x"}, "multiValueHeaders": {"authorization": None}}, ["x"]),
        ({"queryStringParameters": {"access_token": "a"}, "body": "access_token=a"}, []),
    ],
)
def test_headers_of_both_payloads_are_read_and_nothing_else(event: dict[str, object], headers: list[str]) -> None:
    assert list(authorization_headers(event)) == headers


@pytest.mark.parametrize(
    ("error", "scope", "challenge"),
    [
        (None, Scope(), 'Bearer realm="api"'),
        (NoToken("x"), READS, 'Bearer realm="api", scope="a reports.read"'),
        (
            InvalidToken("not valid"),
            Scope(),
            'Bearer realm="api", error="invalid_token", error_description="not valid"',
        ),
        (InvalidRequest("bad"), Scope(), 'Bearer realm="api", error="invalid_request", error_description="bad"'),
        (
            InsufficientScope("no"),
            READS,
            'Bearer realm="api", error="insufficient_scope", error_description="no", scope="a reports.read"',
        ),
        (TemporarilyUnavailable("x"), Scope(), 'Bearer realm="api"'),
    ],
)
def test_a_challenge_tells_what_rfc_6750_lets_it_tell(error: OAuthError | None, scope: Scope, challenge: str) -> None:
    assert Challenger(realm="api").challenge(error, scope) == challenge


def test_a_challenge_names_the_metadata_of_the_resource() -> None:
    challenger = Challenger(
        realm="api", resource_metadata="https://api.example.test/.well-known/oauth-protected-resource"
    )

    assert challenger.challenge() == (
        'Bearer realm="api", resource_metadata="https://api.example.test/.well-known/oauth-protected-resource"'
    )


def test_quotes_and_backslashes_are_escaped_and_line_breaks_refused() -> None:
    assert Challenger(realm='a "b" \\c').challenge() == 'Bearer realm="a \\"b\\" \\\\c"'
    for text in ("a\r\nX: y", "a\nb", "ä", "\x00"):
        with pytest.raises(ValueError, match="printable"):
            Challenger(realm=text)
        with pytest.raises(ValueError, match="printable"):
            Challenger(realm="api", resource_metadata=text)
