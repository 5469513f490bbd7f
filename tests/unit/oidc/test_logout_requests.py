"""ID tokens as hints (S204), logouts that apps request (RP-Initiated Logout 1.0 §2, §3), and logout tokens."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from gatepost.errors import InvalidRequest, InvalidToken
from gatepost.identifiers import base64url, from_base64url
from gatepost.model.feed import PublicKey
from gatepost.model.records import DOCUMENTS
from gatepost.oidc.id_token import TYPE, Hint, half_hash, issue_id_token, read_hint, subject_of
from gatepost.oidc.logout_request import LogoutRequest, checked_logout, hint_in
from gatepost.oidc.logout_token import issue_logout_token
from gatepost.settings import Settings
from gatepost.tokens.access_token import Signer, Verifier, issue_access_token, signed, verify_access_token
from gatepost.tokens.signing_keys import SigningKey, new_signing_key
from tests.fakes import MemoryStore
from tests.unit.world import ALICE, CALLBACK, NOW, OTHER, READ, SETTINGS, WEB, World, web_app

BYE, LOCAL = "https://client.example.test/bye?from=gatepost", "http://127.0.0.1/bye"
APP = web_app(post_logout_redirect_uris=(BYE, LOCAL))
HINT = Hint(sub=ALICE.user_id, client_id=WEB)


def location(uri: str, **more: str) -> str:
    return checked_logout(HINT, APP, {"post_logout_redirect_uri": uri, **more}).location


def hinted(token: str | None, *keys: PublicKey, now: float = NOW) -> Hint | None:
    store = MemoryStore()
    for key in keys:
        store.publish_key(key)
    return hint_in({} if token is None else {"id_token_hint": token}, store, SETTINGS, now)


def test_s203_s204_an_id_token_is_a_hint_for_ever_and_nothing_else_is(signer: Signer, public_key: PublicKey) -> None:
    token = id_token(signer)
    logout = signed(signer, "logout+jwt", {"iss": SETTINGS.issuer, "sub": ALICE.user_id, "aud": WEB, "iat": NOW})

    assert hinted(token, public_key) == hinted(token, public_key, now=NOW + 86400 * 365) == HINT
    assert [hinted(each, public_key) for each in (None, "nonsense", f"{token}x", logout)] == [None] * 4
    assert hinted(token) is None


def test_a_hint_speaks_for_its_user_alone() -> None:
    asked = checked_logout(HINT, APP, {"client_id": WEB})

    assert asked == LogoutRequest(app=APP, user_id=ALICE.user_id, location="")
    assert asked.means(ALICE)
    assert not asked.means(ALICE._replace(user_id="bob-id"))


def test_a_request_without_a_hint_or_a_living_app_is_nobodys_and_leads_nowhere() -> None:
    parameters = {"client_id": WEB, "post_logout_redirect_uri": BYE, "state": "s"}
    stopped = [APP._replace(status="deactivated"), APP._replace(owner_stopped=True), None]

    for asked in (checked_logout(None, APP, parameters), *(checked_logout(HINT, app, parameters) for app in stopped)):
        assert asked == LogoutRequest()
        assert not asked.means(ALICE)


def test_state_goes_back_as_it_came_and_only_the_port_of_a_loopback_address_may_differ() -> None:
    assert location(BYE, state="a b&c=\N{SNOWMAN}") == f"{BYE}&state=a%20b%26c%3D%E2%98%83"
    assert location(LOCAL, state="s") == f"{LOCAL}?state=s"
    assert location(BYE) == BYE
    assert location("http://127.0.0.1:4711/bye") == "http://127.0.0.1:4711/bye"


@pytest.mark.parametrize(
    "uri",
    [
        *(f"{BYE}&x=1", BYE.partition("?")[0], BYE.upper(), f"{BYE}#here", f" {BYE}", "//client.example.test/bye"),
        *("http://127.0.0.1:4711/other", "http://localhost/bye", "javascript:alert(1)", CALLBACK, APP.url),
    ],
)
def test_another_uri_is_refused(uri: str) -> None:
    with pytest.raises(InvalidRequest, match="not registered") as refused:
        location(uri)

    assert (refused.value.client_id, refused.value.proven) == (WEB, False)


def test_redirect_uris_of_sign_ins_are_none_of_logouts() -> None:
    """Without registered URIs, redirect URIs of sign-ins would follow the app's url."""
    app = web_app(redirect_uris=(), post_logout_redirect_uris=())

    with pytest.raises(InvalidRequest, match="not registered"):
        checked_logout(HINT, app, {"post_logout_redirect_uri": CALLBACK})


def test_a_client_id_has_to_be_that_of_the_hint_which_is_its_url_if_a_document_describes_the_app() -> None:
    url = "https://app.example.test/client.json"
    described = APP._replace(owner=DOCUMENTS, document_url=url)

    assert checked_logout(HINT, described, {"client_id": url}).app == described
    for app, client_id in ((APP, OTHER), (described, described.client_id)):
        with pytest.raises(InvalidRequest, match="client_id is not the app"):
            checked_logout(HINT, app, {"client_id": client_id})


# Hints


CLAIMS = {"iss": SETTINGS.issuer, "sub": "alice-id", "aud": WEB, "iat": NOW, "exp": NOW + 60}


def id_token(signer: Signer, settings: Settings = SETTINGS, client_id: str = WEB) -> str:
    who: dict[str, Any] = {"sub": "alice-id", "client_id": client_id, "auth_time": NOW, "sid": "s", "nonce": ""}
    return issue_id_token(signer, settings, **who, access_token="a", lifetime=60, now=NOW)


def pyjwt(key: SigningKey, claims: Any, **header: Any) -> str:
    """Return a token by PyJWT, which signs what ours would not."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jwt.PyJWS().encode(payload, key.pem, key.alg, {"typ": TYPE, "kid": key.kid, **header})


def user_hinted(token: str, *keys: PublicKey, now: float = NOW) -> str | None:
    try:
        return subject_of(token, keys, SETTINGS, client_id=WEB, now=now)
    except InvalidToken:
        return None


def test_a_hint_names_its_user_also_when_it_has_expired(signer: Signer, public_key: PublicKey) -> None:
    assert user_hinted(id_token(signer), public_key) == "alice-id"
    assert user_hinted(id_token(signer), public_key, now=NOW + 86400 * 365) == "alice-id"
    assert user_hinted(id_token(signer), PublicKey(kid="odd", jwk="{}"), public_key) == "alice-id"  # of another token


def test_s204_a_hint_of_another_key_server_or_app_names_nobody(signer: Signer, public_key: PublicKey) -> None:
    token = id_token(signer)

    assert user_hinted(token) is None
    assert user_hinted(token, PublicKey(kid=public_key.kid, jwk=public_key.jwk, expires_at=NOW)) is None
    assert user_hinted(token, PublicKey(kid=public_key.kid, jwk=public_key.jwk, ended_at=NOW)) is None
    assert user_hinted(id_token(signer, Settings(issuer="https://other.example.test")), public_key) is None
    assert user_hinted(id_token(signer, client_id="another-app"), public_key) is None


def test_s203_an_access_token_is_no_hint(signer: Signer, public_key: PublicKey) -> None:
    who = {"sub": "alice-id", "client_id": WEB, "grant_id": "alice-id.g", "audience": WEB}
    token = issue_access_token(signer, SETTINGS, **who, scope=READ, lifetime=60, now=NOW)

    assert user_hinted(token, public_key) is None


def test_s204_forgeries_name_nobody(signing_key: SigningKey, signer: Signer, public_key: PublicKey) -> None:
    header, payload, signature = id_token(signer).split(".")
    other = new_signing_key("ES256", active_from=0)
    forged = (
        f"{base64url(json.dumps({'alg': 'none', 'typ': TYPE, 'kid': signing_key.kid}).encode())}.{payload}.",
        f"{header}.{base64url(json.dumps(CLAIMS | {'sub': 'bob-id'}).encode())}.{signature}",
        pyjwt(other, CLAIMS, kid=signing_key.kid),
        pyjwt(signing_key, CLAIMS, typ="at+jwt"),
        pyjwt(signing_key, CLAIMS, typ="logout+jwt"),
        "",
        "nonsense",
    )
    assert [user_hinted(token, public_key) for token in forged] == [None] * len(forged)
    assert user_hinted(pyjwt(signing_key, CLAIMS), public_key) == "alice-id"


@pytest.mark.parametrize(
    "claims",
    [
        *({name: value for name, value in CLAIMS.items() if name != left} for left in ("iss", "sub", "aud")),
        *(CLAIMS | {"sub": sub} for sub in (None, 1, ["alice-id"])),
        *(CLAIMS | {"aud": aud} for aud in ([WEB], None, 1)),
        *([], "text", 1, None, b"no JSON", b"\xff"),
    ],
)
def test_claims_of_another_form_name_nobody(signing_key: SigningKey, public_key: PublicKey, claims: Any) -> None:
    assert user_hinted(pyjwt(signing_key, claims), public_key) is None
    with pytest.raises(InvalidToken):
        read_hint(pyjwt(signing_key, claims), [public_key], SETTINGS, now=NOW)
    assert read_hint(pyjwt(signing_key, CLAIMS), [public_key], SETTINGS, now=NOW) == ("alice-id", WEB)


def test_the_hash_of_an_access_token_is_half_of_its_digest() -> None:
    # OpenID Connect Core, appendix A.3
    assert half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_s341_a_logout_token_says_which_session_ended_and_is_no_other_token(world: World) -> None:
    about = {"sub": "alice-id", "client_id": WEB, "sid": "sid-1"}
    token, another = (issue_logout_token(world.keys.signing, world.settings, **about, now=NOW + 0.9) for _ in range(2))
    header, claims = (json.loads(from_base64url(part)) for part in token.split(".")[:2])

    assert header["typ"] == "logout+jwt"
    assert len(claims.pop("jti")) == 36
    assert token != another
    assert claims == {
        "iss": world.settings.issuer,
        "sub": "alice-id",
        "aud": WEB,
        "iat": NOW,
        "exp": NOW + 120,
        "sid": "sid-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    with pytest.raises(InvalidToken):
        verify_access_token(token, {world.public.kid: Verifier.of(world.public)}, world.settings, NOW)
    assert user_hinted(token, world.public) is None
