"""The settings of a deployment, and the environment variables that hold them.

The stack writes `Settings` into the functions' environment (`to_env`) and the functions read it there (`from_env`), so
no variable name is typed twice. All lifetimes are in seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from gatepost.resource import Resource
from gatepost.scope import CONSUMER_IMPLIES, OPENID_SCOPES, Implies, Scope, parse_scope, reach

_PREFIX = "GATEPOST_"
LOGOUT_QUEUE_VARIABLE = f"{_PREFIX}LOGOUT_QUEUE"  # the URL, in the environment of functions that end sessions
SLOW_LOGOUT_QUEUE_VARIABLE = f"{_PREFIX}SLOW_LOGOUT_QUEUE"  # the URL, for the function that tells apps
AUDIENCE = r"[!-~]{1,200}"  # a URL or a name; what a token's `aud` is compared with, character by character
# No access token lives longer, with leeway, whatever the settings said when it was issued (allowed_values in infra).
LONGEST_LEEWAY = 300
LONGEST_LIFETIME = 86400 + LONGEST_LEEWAY
CLOSED, WITH_TOKEN = "closed", "token"  # and OPEN
NEVER, APPROVED, OPEN = "never", "approved", "open"
# The server's own scopes, in addition to those in `cdk.json`.
_CONSUMER_SCOPE = reach(Scope(CONSUMER_IMPLIES), CONSUMER_IMPLIES)
_OPENID_SCOPE, _NONE = Scope(OPENID_SCOPES), Scope()
RS256, ES256 = "RS256", "ES256"
# Of ID tokens: the first is what every client can verify (OpenID Connect Core §15.1), and that of apps that chose none.
ID_TOKEN_ALGORITHMS = (RS256, ES256)


class _Given(NamedTuple):
    issuer: str  # https URL without query, fragment or trailing slash (RFC 8414 §2)
    audience: str = ""  # `aud` of the access tokens; empty: the issuer
    service_name: str = "Gatepost"
    support_contact: str = ""  # shown on error pages, an address or a sentence
    scopes: Mapping[str, str] = MappingProxyType({})  # name: the text on the consent page
    default_scopes: Scope = Scope()  # for a request without scope
    scope_implies: Implies = MappingProxyType({})  # name: the scopes that it implies
    # name: "never" or "open" to apps for themselves; for any other an administrator decides
    client_credentials_scopes: Mapping[str, str] = MappingProxyType({})
    restricted_scopes: Scope = _CONSUMER_SCOPE  # users grant them only to their own apps and to those that are marked
    # by URL, by prefix that ends in `/*`, or by path of the issuer: APIs besides `audience` that tokens may be for
    resources: Mapping[str, Resource] = MappingProxyType({})
    resource_scopes: Scope = Scope()  # described by resources alone: no token of `audience` holds them
    signing_algorithm: str = RS256  # or ES256: of access tokens
    openid: bool = False  # OpenID Connect: ID tokens for apps with the scope openid
    signed_userinfo: bool = False  # with openid: apps may have userinfo signed, so its function reads the signing key
    backchannel_logout: bool = False  # with openid: apps are told at their own URLs that a session ended
    groups_claim: str = ""  # the name of the user's groups in tokens and at userinfo; "": in none
    custom_claims: bool = False  # whether a `claims.py` of the deployment is in the functions' layers
    client_id_documents: str = "closed"  # or approval (by an administrator), or open: a URL as client_id
    client_id_document_domains: tuple[str, ...] = ()  # hosts of the documents, `*.example.com` for those below; (): any

    explain_to_public_apps: bool = False  # why a grant is invalid, as apps with a secret are told

    grant_implicit: bool = True
    grant_password: bool = True

    code_lifetime: int = 60
    access_token_lifetime: int = 3600
    implicit_token_lifetime: int = 600
    refresh_token_lifetime: int = 30 * 86400  # absolute: rotation does not move it
    refresh_token_idle_lifetime: int = 14 * 86400
    refresh_retry_window: int = 10
    session_lifetime: int = 12 * 3600
    consent_lifetime: int = 600

    authorizer_cache_seconds: int = 5  # API Gateway caches the authorizer's response
    revocation_poll: int = 5  # the authorizer reads the revocation feed this often
    feed_parts: int = 0  # partitions of the feed beside the first one; 0: as the load wants it, -1: never any
    replication_lag: int = 0  # entries of the feed are this late at most, if another region writes to the tables too
    revocation_max_stale: int = 60  # the authorizer works so long without the feed, then denies
    published_revocations: bool = False  # as a list for APIs that know the issuer's URL alone
    key_activation_delay: int = 900  # a new key is published this long before it signs
    clock_leeway: int = 30

    app_cache_seconds: int = 0  # token and introspection endpoint keep an app so long that has authenticated

    aws_client: str = "own"  # or boto3: the client for DynamoDB and Secrets Manager

    dynamic_registration: str = CLOSED  # or token (with an initial access token), or open: of apps by themselves
    registrations_per_network: int = 100  # of apps, in an hour
    registrations_per_hour: int = 1000
    registered_app_idle_lifetime: int = 30 * 86400  # without use, and never less than that of its refresh tokens
    registration: str = "open"  # or approval (by an administrator), or closed
    mail_sender: str = ""  # an address that Amazon SES may send from; "": no mail, and no confirmation
    mail_configuration_set: str = ""  # of SES, for every mail
    audit_retention_days: int = 90
    app_approval: bool = False
    apps_per_user: int = 16
    password_min_length: int = 10
    bcrypt_cost: int = 12
    attempts_free: int = 5  # failed sign-ins before throttling begins
    attempts_max_wait: int = 900
    network_attempts_free: int = 100  # failed sign-ins and guesses from one network before throttling begins
    network_attempts_max_wait: int = 60
    mails_per_address: int = 3  # per hour, of each kind
    mails_per_network: int = 100


class Settings(_Given):
    """The settings of one deployment; `cdk.json` has the same names."""

    __slots__ = ()

    if not TYPE_CHECKING:  # where the fields are the parameters

        def __new__(cls, **given: object) -> Settings:
            """Take the fields by name, and derive what follows from others."""
            made = super().__new__(cls, **given)
            return made if made.audience else made._replace(audience=made.issuer)

    @property
    def descriptions(self) -> Mapping[str, str]:
        """Every scope that the server offers, with the text on the consent page."""
        return {**OPENID_SCOPES, **self.scopes} if self.openid else self.scopes

    @property
    def scope(self) -> Scope:
        """Every scope that the server offers."""
        return Scope(self.descriptions)

    @property
    def openid_scope(self) -> Scope:
        """The scopes of OpenID Connect: about the user, so outside of people's limits and never for an app itself."""
        return _OPENID_SCOPE if self.openid else _NONE

    @property
    def keeps_subject(self) -> bool:
        """Whether tokens may state more of their user than the id, so that a code keeps it for the exchange."""
        return self.custom_claims or bool(self.groups_claim)

    @property
    def signing_algorithms(self) -> tuple[str, ...]:
        """The algorithms that there are keys for, that of access tokens first."""
        of_id_tokens = ID_TOKEN_ALGORITHMS if self.openid else ()
        return tuple(dict.fromkeys((self.signing_algorithm, *of_id_tokens)))

    @property
    def tells_of_logouts(self) -> bool:
        """Whether apps are told that a session ended."""
        return self.openid and self.backchannel_logout

    @property
    def signs_userinfo(self) -> bool:
        """Whether userinfo is a signed JWT for apps that chose so."""
        return self.openid and self.signed_userinfo

    @property
    def takes_documents(self) -> bool:
        """Whether the URL of a metadata document is a `client_id`."""
        return self.client_id_documents != "closed"

    @property
    def fetches_urls(self) -> bool:
        """Whether requests are sent to URLs that people gave, which the function `fetch` does."""
        return self.tells_of_logouts or self.takes_documents

    @property
    def implies(self) -> Implies:
        """The scope hierarchy: that of the consumer API and that of `cdk.json`."""
        return {**CONSUMER_IMPLIES, **self.scope_implies}

    def reach(self, scope: Scope) -> Scope:
        """Return the scope with everything that it implies; a route's scope must be within it."""
        return reach(scope, self.implies)

    @property
    def revocation_bound(self) -> int:
        """Seconds until every route rejects a revoked access token, while the feed can be read."""
        return self.authorizer_cache_seconds + self.revocation_poll

    @property
    def secret_refresh(self) -> int:
        """Seconds for which a function caches a secret, short enough to read a new key well before its use."""
        return min(300, self.key_activation_delay // 2)

    def to_env(self, *names: str) -> dict[str, str]:
        """Return the environment variables that `from_env` reads: those of the settings in `names`, else what it needs.

        A setting with its default needs none: Lambda takes 4 KB for all variables of a function.
        """
        given, usual = self._asdict(), self._field_defaults
        wanted = names or [name for name, value in given.items() if name not in usual or value != usual[name]]
        return {_variable(name): _written(given[name]) for name in sorted(wanted)}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings that the stack wrote. Missing variables keep their defaults."""
        values: dict[str, Any] = {}
        for name, kind in _Given.__annotations__.items():
            text = environ.get(_variable(name))
            if text is not None:
                values[name] = _READERS[kind.__forward_arg__](text)
        return cls(**values)


def table_variable(table: str) -> str:
    """Return the environment variable that holds the name of a table, `"GATEPOST_TABLE_APPS"`."""
    return f"{_PREFIX}TABLE_{table.upper()}"


def secret_variable(secret: str) -> str:
    """Return the environment variable that holds the ARN of a secret, `"GATEPOST_SECRET_SIGNING"`."""
    return f"{_PREFIX}SECRET_{secret.upper()}"


def function_variable(function: str) -> str:
    """Return the environment variable that holds the ARN of a function for others, `"GATEPOST_FUNCTION_FETCH"`."""
    return f"{_PREFIX}FUNCTION_{function.upper()}"


def _variable(name: str) -> str:
    return _PREFIX + name.upper()


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, Mapping):
        return json.dumps(dict(value), separators=(",", ":"))
    return str(value)


_READERS: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": int,
    "bool": lambda text: text == "true",
    "Scope": parse_scope,
    "tuple[str, ...]": lambda text: tuple(text.split()),
    "Mapping[str, str]": json.loads,
    "Implies": json.loads,
    "Mapping[str, Resource]": lambda text: {url: Resource(*values) for url, values in json.loads(text).items()},
}
