"""Verification by the issuer's URL alone: valid keys, their maximum age, and the requests to the issuer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from gatepost.errors import TemporarilyUnavailable
from gatepost.resource_server.issuer_keys import IssuerWatch
from gatepost.tokens.signing_keys import SigningKey, new_signing_key
from tests.unit.tokens.feed import opens
from tests.unit.tokens.forge import CLAIMS, ES256, GENUINE, signed
from tests.unit.world import ISSUER, NOW, SETTINGS

METADATA = f"{ISSUER}/.well-known/oauth-authorization-server"
JWKS = f"{ISSUER}/.well-known/jwks.json"
EVIL = "https://evil.test"
LATER = new_signing_key("ES256", active_from=0)
OF_LATER = signed(CLAIMS, LATER.load(), kid=LATER.kid)


class Web:
    """The documents for `fetch_json`."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {METADATA: {"issuer": ISSUER, "jwks_uri": JWKS}}
        self.asked: list[str] = []
        self.publish(ES256)

    def publish(self, *keys: SigningKey, **changes: object) -> None:
        jwks = [json.loads(key.public().jwk) | changes for key in keys]
        self.documents[JWKS] = {"keys": [{n: v for n, v in each.items() if v is not None} for each in jwks]}

    def fetch(self, url: str) -> Mapping[str, Any]:
        self.asked.append(url)
        if url not in self.documents:
            raise TemporarilyUnavailable("try again")
        found: Mapping[str, Any] = self.documents[url]
        return found


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def watch(web: Web) -> IssuerWatch:
    return IssuerWatch(web.fetch, SETTINGS)


@pytest.mark.parametrize("claims", [{"aud": "https://other.example.test"}, {"iss": "https://evil.test"}, {"exp": NOW}])
def test_what_rfc_9068_asks_for_is_checked(watch: IssuerWatch, claims: dict[str, object]) -> None:
    assert opens(watch, NOW + 31)
    assert not opens(watch, NOW + 31, signed(CLAIMS | claims))


def test_the_audience_is_the_apis_own(web: Web) -> None:
    watch = IssuerWatch(web.fetch, SETTINGS._replace(audience="https://reports.example.test"))

    assert not opens(watch, NOW)
    assert opens(watch, NOW, signed(CLAIMS | {"aud": "https://reports.example.test"}))


def test_keys_are_asked_for_by_the_first_token_and_then_every_five_minutes(web: Web, watch: IssuerWatch) -> None:
    for text in ("", "x", "a.b.c", signed(CLAIMS, typ="JWT")):
        assert not opens(watch, NOW, text)
    assert web.asked == []
    for second in range(0, 899, 7):
        assert opens(watch, NOW + second)

    assert web.asked == [METADATA, JWKS] * 3


def test_a_key_that_was_ended_is_refused_within_five_minutes(web: Web, watch: IssuerWatch) -> None:
    assert opens(watch, NOW)
    web.publish(LATER)

    assert opens(watch, NOW + 299)  # the stated bound
    assert not opens(watch, NOW + 300)


def test_tokens_of_new_or_unknown_keys_cause_one_look_every_half_a_minute(web: Web, watch: IssuerWatch) -> None:
    for second in range(90):
        assert not opens(watch, NOW + second, signed(CLAIMS, kid=f"unknown-{second}"))
    assert web.asked == [METADATA, JWKS] * 3

    web.publish(ES256, LATER)
    assert not opens(watch, NOW + 89, OF_LATER)
    assert opens(watch, NOW + 90, OF_LATER)


# The issuer can't be reached


def test_without_the_issuer_it_goes_on_for_an_hour_and_then_refuses(web: Web, watch: IssuerWatch) -> None:
    living = signed(CLAIMS | {"exp": NOW + 9000})
    opens(watch, NOW)
    web.documents.clear()

    for second in range(300, 400):
        assert opens(watch, NOW + second, living)
    assert len(web.asked) == 2 + 10  # every ten seconds at most
    assert opens(watch, NOW + 3600, living)
    for second in (3601, 3602, 5000):
        with pytest.raises(TemporarilyUnavailable):
            watch.claims(living, NOW + second)


def test_a_cold_one_refuses_and_does_not_ask_at_every_token(web: Web) -> None:
    documents, web.documents = web.documents, {}
    watch = IssuerWatch(web.fetch, SETTINGS)
    for second in range(10):
        with pytest.raises(TemporarilyUnavailable):
            watch.claims(GENUINE, NOW + second)
    assert len(web.asked) == 1
    web.documents = documents

    assert opens(watch, NOW + 10)


def test_a_clock_that_goes_back_makes_it_ask_anew(web: Web, watch: IssuerWatch) -> None:
    opens(watch, NOW + 100)

    assert opens(watch, NOW)
    assert len(web.asked) == 4


# What the issuer says


@pytest.mark.parametrize(
    "metadata",
    [
        *({"issuer": issuer, "jwks_uri": JWKS} for issuer in (EVIL, f"{ISSUER}/")),
        *({"issuer": ISSUER, "jwks_uri": url} for url in (f"{EVIL}/jwks.json", f"{ISSUER}.evil.test/jwks.json", ["x"])),
        *({"jwks_uri": JWKS}, {"issuer": ISSUER}),
    ],
)
def test_metadata_of_another_issuer_are_not_believed(web: Web, watch: IssuerWatch, metadata: dict[str, object]) -> None:
    web.documents[METADATA] = metadata
    web.documents[f"{EVIL}/jwks.json"] = web.documents[JWKS]
    web.documents[f"{ISSUER}.evil.test/jwks.json"] = web.documents[JWKS]
    with pytest.raises(TemporarilyUnavailable):
        watch.claims(GENUINE, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        *({"alg": alg} for alg in ("HS256", None, ["ES256"])),
        *({"kid": kid} for kid in (None, 7, ["a"])),
        *({"use": "enc"}, {"x": "!"}, {"kty": "oct", "k": "AAAA"}, {"crv": "P-999"}),
    ],
)
def test_a_key_for_another_use_or_that_cant_be_read_is_passed_over(web: Web, changes: dict[str, object]) -> None:
    web.publish(ES256, **changes)
    web.documents[JWKS]["keys"].extend([*json.loads(f'["x", 7, null, [], {LATER.public().jwk}]')])
    watch = IssuerWatch(web.fetch, SETTINGS)

    assert not opens(watch, NOW)
    assert opens(watch, NOW, OF_LATER)


def test_no_other_algorithm_counts_whatever_the_issuer_publishes(web: Web, signing_key: SigningKey) -> None:
    for alg, opened in (("RS256", True), ("RS384", False), ("PS256", False)):
        web.publish(signing_key, alg=alg)
        token = jwt.encode(CLAIMS, signing_key.load(), alg, headers={"kid": signing_key.kid, "typ": "at+jwt"})
        assert opens(IssuerWatch(web.fetch, SETTINGS), NOW, token) is opened


@pytest.mark.parametrize("document", [{}, {"keys": "x"}, {"keys": None}])
def test_what_is_no_jwk_set_leaves_it_with_its_keys(web: Web, watch: IssuerWatch, document: dict[str, object]) -> None:
    opens(watch, NOW)
    web.documents[JWKS] = document

    assert opens(watch, NOW + 301)
