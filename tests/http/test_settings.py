"""A deployment with other settings: grants off, ES256, registration closed, short lifetimes, rotation."""

import json
import time

import jwt
import pytest
import requests
from botocore.exceptions import ClientError

from gatepost.routes import (
    JWKS,
    METADATA,
    OPENID_METADATA,
    REGISTER_APP,
    REGISTER_PAGE,
    REGISTERED_APP,
    RESET_PAGE,
    USERINFO,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.http.deployed import approved_client
from tests.http.documents import PKCE, Publisher, message_of
from tests.people import CALLBACK, Client, Person, entered, get, new_person, opens
from tests.security.checklist.acting import as_role, is_allowed
from tests.security.checklist.rights import READS, REGISTERED, WRITES


def activate_next_key(deployment: Deployment, secret: str) -> None:
    """Let `key_activation_delay` have passed, also for the keys of two algorithms that a rotation makes."""
    client, secret_id = deployment.client("secretsmanager"), deployment.secret_arn(secret)
    keys = json.loads(client.get_secret_value(SecretId=secret_id)["SecretString"])["keys"]
    now = int(time.time())
    keys = [{**key, "active_from": min(now, key["active_from"])} for key in keys]
    client.put_secret_value(SecretId=secret_id, SecretString=json.dumps({"keys": keys}))


@pytest.fixture
def someone(strict: Deployment) -> Person:
    return new_person(strict)


@pytest.fixture
def app(strict: Deployment, someone: Person) -> Client:
    return approved_client(strict, someone)


def test_grants_that_are_off_are_refused_and_not_listed(strict: Deployment, app: Client, someone: Person) -> None:
    browser = entered(strict, someone)

    password = app.token(grant_type="password", username=someone.name, password=someone.password)
    implicit = answer_of(browser.get(app.authorize_path(response_type="token")))
    metadata = get(strict, "/.well-known/oauth-authorization-server", None).json()

    assert (password.status_code, password.json()["error"]) == (400, "unsupported_grant_type")
    assert password.json()["error_description"] == "grant_type is not supported: password"
    assert implicit["error"] == "unsupported_response_type"
    assert metadata["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["response_modes_supported"] == ["query", "fragment", "form_post"]


def test_a_route_has_the_limit_that_is_set_for_it_and_the_others_theirs(strict: Deployment) -> None:
    def statuses(path: str) -> list[int]:
        return sorted(get(strict, path, None).status_code for _ in range(9))

    limited = statuses("/.well-known/openid-configuration")
    assert (limited[:2], limited[-1]) == ([200, 200], 429)
    assert statuses("/.well-known/oauth-authorization-server") == [200] * 9


def test_s232_what_is_closed_shows_no_form_and_no_link_and_takes_no_url_as_client_id(
    strict: Deployment, someone: Person, publisher: Publisher
) -> None:
    browser = Browser(strict.base_url)
    assert browser.get(REGISTER_PAGE.path).status_code == 400
    assert "<form" not in browser.get(REGISTER_PAGE.path).text
    assert REGISTER_PAGE.path not in browser.get("/developer/login").text

    app = publisher.publish(strict)
    page = message_of(entered(strict, someone).get(app.authorize_path(**PKCE)))
    assert "this server does not accept a URL as client_id" in page
    assert publisher.requested == []
    assert "client_id_metadata_document_supported" not in get(strict, METADATA.path, None).json()


def test_s372_a_role_lacks_the_rights_of_what_is_off_and_its_function_says_that_it_is_off(
    strict: Deployment, someone: Person
) -> None:
    for function, among, attempt in (
        ("register_app", WRITES, "an app that registered itself"),
        ("register_app", WRITES, "a revocation"),
        ("authorize", WRITES, "an app of a metadata document"),
        ("authorize", WRITES, "a counter of attempts"),
        ("registration", WRITES, "an account"),
        ("registration", WRITES, "a session"),
        ("token", WRITES, "a password's hash"),
        ("token", READS, "a login"),
        ("recovery", WRITES, "a session"),
        ("admin", WRITES, "an initial access token"),
    ):
        assert not is_allowed(as_role(strict, function), strict, among[attempt][0]), (function, attempt)
    for function in ("userinfo", "consent"):
        with pytest.raises(ClientError, match="AccessDenied"):
            as_role(strict, function, "secretsmanager").get_secret_value(SecretId=strict.secret_arn("signing"))

    path = REGISTERED_APP.at(client_id=REGISTERED)
    for method, where in (("POST", REGISTER_APP.path), ("GET", path), ("PUT", path), ("DELETE", path)):
        refused = requests.request(method, strict.base_url + where, headers={"Authorization": "Bearer x"}, timeout=30)
        assert (refused.status_code, refused.json()["error"]) == (403, "access_denied")
    for target in (f"{RESET_PAGE.path}?token=x", REGISTER_PAGE.path):
        assert Browser(strict.base_url).get(target).status_code == 400
    app = approved_client(strict, someone, scope=Scope.of("openid"))
    token = app.tokens(someone, scope="openid")["access_token"]
    assert get(strict, USERINFO.path, token).json()["sub"] == someone.user.user_id
    (known,) = strict.store.read(AppKey(app.app.client_id))
    assert known is not None
    changed = known._replace(userinfo_signed_response_alg="RS256", version=known.version + 1)
    strict.store.update_app(changed, before=known)
    chosen_before = get(strict, USERINFO.path, token)
    assert (chosen_before.status_code, chosen_before.json()["error"]) == (400, "invalid_request")
    time.sleep(1.1)  # STRICT lets one request a second read the second document
    documents = [get(strict, path, None).json() for path in (METADATA.path, OPENID_METADATA.path)]
    for document in documents:
        assert document["issuer"] == strict.settings.issuer
        assert "registration_endpoint" not in document
    assert "userinfo_signing_alg_values_supported" not in documents[1]


def test_s39_s43_s67_s72_what_is_older_than_the_lifetimes_and_the_window_allow_is_refused(
    app: Client, someone: Person
) -> None:
    def exchanged(code: str) -> requests.Response:
        return app.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)

    late, replayed = app.code(someone), app.code(someone)
    produced = exchanged(replayed).json()
    turned = app.tokens(someone)["refresh_token"]
    successor = app.refresh(turned).json()["refresh_token"]
    idle = app.tokens(someone)["refresh_token"]
    time.sleep(1.1)
    alive = app.refresh(idle)
    assert alive.status_code == 200
    time.sleep(3)

    expired = exchanged(late)  # though it is still stored
    assert (expired.status_code, expired.json()["error"]) == (400, "invalid_grant")
    exchanged(replayed)
    assert app.introspect(produced["access_token"]).json() == {"active": False}
    for reused in (turned, successor):
        assert app.refresh(reused).json()["error"] == "invalid_grant"
    time.sleep(6.1)
    assert app.refresh(alive.json()["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_rotation_refuses_nothing_and_publishes_the_next_key_before_it_is_used(
    strict: Deployment, app: Client, someone: Person
) -> None:
    old = app.token(grant_type="client_credentials").json()["access_token"]
    before = jwt.get_unverified_header(old)["kid"]

    strict.rotate("signing")
    listed = {key["kid"] for key in get(strict, JWKS.path, None).json()["keys"]}
    strict.restart("token")  # a container that reads the secret anew, as every one does within five minutes
    waiting = app.tokens(someone)

    assert len(listed) == 4  # and those of ID tokens
    assert jwt.get_unverified_header(waiting["access_token"])["kid"] == before
    strict.rotate("refresh")
    for secret in ("signing", "refresh"):
        activate_next_key(strict, secret)
    strict.restart("token")
    answer = app.refresh(waiting["refresh_token"])
    new = answer.json()["access_token"]
    assert jwt.get_unverified_header(new)["kid"] in listed - {before}
    assert opens(strict, new)
    assert opens(strict, old)
    assert app.refresh(answer.json()["refresh_token"]).status_code == 200


def test_s216_id_tokens_are_signed_with_rs256_where_access_tokens_are_not(strict: Deployment, someone: Person) -> None:
    made = approved_client(strict, someone, scope=Scope.of("openid", "read"))
    tokens = made.tokens(someone, scope="openid read")

    document = get(strict, JWKS.path, None).json()
    keys = jwt.PyJWKSet.from_dict(document)
    for token, algorithm in ((tokens["access_token"], "ES256"), (tokens["id_token"], "RS256")):
        header = jwt.get_unverified_header(token)
        assert header["alg"] == algorithm
        jwt.decode(token, keys[header["kid"]], algorithms=[algorithm], options={"verify_aud": False})
    (published,) = [
        key for key in document["keys"] if key["kid"] == jwt.get_unverified_header(tokens["access_token"])["kid"]
    ]
    assert sorted(published) == ["alg", "crv", "kid", "kty", "use", "x", "y"]
    assert opens(strict, tokens["access_token"])
