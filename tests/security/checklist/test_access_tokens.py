"""Access tokens at the authorizer. Checklist H (S78 … S88)."""

import base64
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gatepost.routes import JWKS, WHOAMI
from gatepost.tokens.signing_keys import SigningKey, active, signing_keys
from infra.local.deployment import Deployment
from tests.people import Client, Person, get, opens, stops


@pytest.fixture
def token(client: Client, person: Person) -> str:
    return str(client.tokens(person, scope="read")["access_token"])


def part(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, Any]:
    return dict(jwt.get_unverified_header(token))


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


Refused = Callable[..., None]


@pytest.fixture
def assert_refused(deployment: Deployment, client: Client) -> Refused:
    """That no protected route takes a token, and that introspection calls it inactive."""

    def check(*forged: str) -> None:
        for each in forged:
            answer = get(deployment, "/demo/read", each)
            assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"}), each[:80]
            assert client.introspect(each).json() == {"active": False}, each[:80]

    return check


@pytest.fixture(scope="module")
def signing_key(deployment: Deployment) -> SigningKey:
    """The key of the deployment."""
    secrets = deployment.client("secretsmanager")
    text = secrets.get_secret_value(SecretId=deployment.secret_arn("signing"))["SecretString"]
    return active(signing_keys(text), time.time())


def test_s82_an_access_token_is_what_rfc_9068_says(
    deployment: Deployment, client: Client, person: Person, token: str
) -> None:
    header, claims = header_of(token), claims_of(token)

    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    assert sorted(claims) == ["aud", "client_id", "exp", "grant_id", "iat", "iss", "jti", "scope", "sub"]
    assert claims["iss"] == claims["aud"] == deployment.base_url
    assert claims["sub"] == person.user.user_id
    assert claims["exp"] - claims["iat"] == 3600


def test_s78_unsigned_and_badly_signed_tokens_are_refused(
    deployment: Deployment, assert_refused: Refused, token: str
) -> None:
    _, payload, signature = token.split(".")
    header = header_of(token)
    for alg in ("none", "None", "NONE", "nOnE", "", None):
        assert_refused(
            f"{part({**header, 'alg': alg})}.{payload}.",
            f"{part({**header, 'alg': alg})}.{payload}.{signature}",
        )
    head = token.rpartition(".")[0]
    stranger = jwt.encode(claims_of(token), rsa.generate_private_key(65537, 2048), "RS256", headers=header)
    assert_refused(f"{head}.", f"{head}.{signature[:-20]}", f"{head}.{'A' * len(signature)}", head, stranger)
    assert opens(deployment, token, "/demo/read")


def test_s79_a_token_keyed_with_the_public_key_is_refused(
    deployment: Deployment, assert_refused: Refused, token: str
) -> None:
    (key,) = get(deployment, JWKS.path, None).json()["keys"]
    public = jwt.PyJWK(key, algorithm="RS256").key
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    payload = token.split(".")[1]
    for alg, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
        signed = f"{part({**header_of(token), 'alg': alg})}.{payload}"
        for secret in (pem, der, json.dumps(key).encode(), key["n"].encode(), b"", b"secret", key["kid"].encode()):
            mac = base64.urlsafe_b64encode(hmac.new(secret, signed.encode(), digest).digest()).rstrip(b"=").decode()
            assert_refused(f"{signed}.{mac}")


def test_s80_a_key_that_the_token_itself_names_is_never_used_or_fetched(
    assert_refused: Refused, token: str, listener: str
) -> None:
    attacker = rsa.generate_private_key(65537, 2048)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(attacker.public_key()))
    header = header_of(token)
    for extra in (
        {"jwk": jwk},
        {"jku": listener, "jwk": jwk},
        {"jku": listener},
        {"x5u": listener},
        {"x5c": ["MIIB"]},
        {"x5u": "http://169.254.169.254/"},
        {"kid": "../../etc/passwd"},
        {"kid": listener},
        {"kid": "unknown"},
        {"kid": ""},
        {"typ": "JWT"},
    ):
        assert_refused(jwt.encode(claims_of(token), attacker, "RS256", headers={**header, **extra}))


Signed = Callable[..., str]


@pytest.fixture
def signed(token: str, signing_key: SigningKey) -> Signed:
    """Re-sign the claims of `token` with the server's own key; None removes a claim or a header."""
    key = signing_key.load()
    assert isinstance(key, rsa.RSAPrivateKey)

    def sign(header: dict[str, Any] | None = None, **changes: Any) -> str:
        claims = {name: value for name, value in {**claims_of(token), **changes}.items() if value is not None}
        payload = (
            f"{part({k: v for k, v in {**header_of(token), **(header or {})}.items() if v is not None})}.{part(claims)}"
        )
        signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(payload.encode(), key)
        return f"{payload}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    return sign


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ({}, True),
        ({"crit": ["exp"]}, False),
        ({"crit": []}, False),
        ({"typ": "JWT"}, False),
        ({"typ": None}, False),
        ({"kid": None}, False),
        ({"alg": "RS512"}, False),
        ({"alg": "PS256"}, False),
    ],
)
def test_s80_s82_a_genuine_signature_does_not_mend_the_header(
    deployment: Deployment, assert_refused: Refused, signed: Signed, header: dict[str, Any], accepted: bool
) -> None:
    token = signed(header)

    if accepted:
        assert opens(deployment, token, "/demo/read")
    else:
        assert_refused(token)


@pytest.mark.parametrize(
    ("claim", "offset", "accepted"),
    [
        ("exp", -20, True),
        ("exp", -32, False),
        ("exp", -61, False),
        ("nbf", 20, True),
        ("nbf", 61, False),
        ("iat", 20, True),
        ("iat", 61, False),
    ],
)
def test_s81_times_are_read_with_thirty_seconds_of_leeway(
    deployment: Deployment,
    assert_refused: Refused,
    signed: Signed,
    claim: str,
    offset: int,
    accepted: bool,
) -> None:
    token = signed(**{claim: int(time.time()) + offset})

    if accepted:
        assert opens(deployment, token, "/demo/read")
    else:
        assert_refused(token)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("exp", None),
        ("exp", "9999999999"),
        ("exp", True),
        ("exp", 1e400),
        ("iat", None),
        ("nbf", "0"),
        ("sub", None),
        ("jti", None),
        ("client_id", None),
        ("iss", None),
        ("iss", "https://evil.example.test"),
        ("aud", None),
        ("aud", "https://api.example.test"),
        ("aud", ["https://api.example.test"]),
        ("scope", 7),
    ],
)
def test_s81_s82_a_genuine_signature_does_not_mend_a_claim(
    assert_refused: Refused, signed: Signed, claim: str, value: object
) -> None:
    assert_refused(signed(**{claim: value}))


def test_s83_a_changed_payload_and_malformed_tokens_are_refused(
    deployment: Deployment, assert_refused: Refused, token: str
) -> None:
    head, _, signature = token.split(".")
    changed = f"{head}.{part({**claims_of(token), 'scope': 'read write'})}.{signature}"
    assert_refused(changed)
    for malformed in (
        "a",
        ".",
        "..",
        "a.b",
        head + "..",
        "." + token,
        token.rpartition(".")[0],
        "a.b.c",
        "...",
        "e30.e30.e30",
        token + ".x",
        "x" * 9000,
        "%00",
        token.replace(".", ","),
    ):
        assert_refused(malformed)


def test_s83_a_respelled_token_is_revoked_with_the_original(
    deployment: Deployment, assert_refused: Refused, client: Client, person: Person
) -> None:
    token = client.tokens(person)["access_token"]
    client.revoke(token)

    assert stops(deployment, token)
    for respelled in (token + "=", token + "=="):
        assert_refused(respelled)


def test_s82_other_strings_are_no_bearer_tokens(deployment: Deployment, client: Client, person: Person) -> None:
    tokens = client.tokens(person)

    for other in (tokens["refresh_token"], client.code(person), client.secret):
        assert get(deployment, "/demo/read", other).status_code == 403


def test_s84_a_token_counts_in_the_authorization_header_only(deployment: Deployment, token: str) -> None:
    url = f"{deployment.base_url}/demo/read"
    for options in (
        {},
        {"params": {"access_token": token}},
        {"cookies": {"access_token": token}},
        {"headers": {"X-Access-Token": token}},
        {"headers": {"Authorization": token}},
        {"headers": {"Authorization": f"Basic {token}"}},
        {"headers": {"Authorization": "Bearer"}},
        {"headers": {"Authorization": f"Bearer {token}, Bearer {token}"}},
        {"headers": {"Authorization": f"Bearer {token} {token}"}},
    ):
        answer = requests.get(url, timeout=30, **options)  # type: ignore[arg-type]
        assert answer.status_code in (401, 403), options
    assert requests.get(url, headers={"authorization": f"bearer {token}"}, timeout=30).status_code == 200


def test_s84_of_two_authorization_headers_neither_counts(deployment: Deployment, token: str) -> None:
    for first, second in ((token, "x"), ("x", token), (token, token)):
        connection = http.client.HTTPConnection(urlsplit(deployment.base_url).netloc, timeout=30)
        connection.putrequest("GET", "/demo/read")
        connection.putheader("Authorization", f"Bearer {first}")
        connection.putheader("Authorization", f"Bearer {second}")
        connection.endheaders()
        assert connection.getresponse().status == 403
        connection.close()


def test_s85_a_route_that_needs_more_scope_is_forbidden(deployment: Deployment, token: str) -> None:
    answer = get(deployment, "/demo/write", token)

    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_s86_cached_answers_leak_neither_between_routes_nor_between_tokens(
    deployment: Deployment, client: Client, person: Person
) -> None:
    reads = client.tokens(person, scope="read")["access_token"]
    writes = client.tokens(person, scope="write")["access_token"]

    for _ in range(2):
        assert opens(deployment, reads, "/demo/read")
        assert not opens(deployment, reads, "/demo/write")
        assert not opens(deployment, writes, "/demo/read")
        assert opens(deployment, writes, "/demo/write")
        assert get(deployment, WHOAMI.path, reads).json()["scope"] == "read"
        assert get(deployment, WHOAMI.path, writes).json()["scope"] == "write"


def test_s87_no_decision_is_anything_but_a_boolean(deployment: Deployment, token: str) -> None:
    event = {
        "version": "2.0",
        "type": "REQUEST",
        "routeKey": "GET /demo/read",
        "headers": {"authorization": f"Bearer {token}"},
    }

    assert deployment.invoke("authorizer", event)["isAuthorized"] is True
    for broken in ({}, {**event, "headers": {}}, {**event, "routeKey": "GET /elsewhere"}, {**event, "headers": None}):
        assert deployment.invoke("authorizer", broken) == {"isAuthorized": False}


def test_s88_the_jwk_set_holds_public_members_only(deployment: Deployment, token: str) -> None:
    answer = get(deployment, JWKS.path, None)

    (key,) = answer.json()["keys"]
    assert sorted(key) == ["alg", "e", "kid", "kty", "n", "use"]
    assert (key["alg"], key["kty"], key["use"]) == ("RS256", "RSA", "sig")
    assert len(base64.urlsafe_b64decode(key["n"] + "==")) >= 256
    assert header_of(token)["kid"] == key["kid"]
    assert answer.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("confirmation", [{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}, {}, None, "x"])
def test_s142_a_token_that_is_bound_to_a_key_is_no_bearer_token(
    assert_refused: Refused, deployment: Deployment, signing_key: SigningKey, token: str, confirmation: object
) -> None:
    def by_the_server(claims: dict[str, Any]) -> str:
        return jwt.encode(claims, signing_key.pem, signing_key.alg, headers=header_of(token))

    claims = {**claims_of(token), "jti": f"bound-{confirmation}"}
    assert opens(deployment, by_the_server(claims), "/demo/read")

    assert_refused(by_the_server({**claims, "cnf": confirmation}))
