"""What a deployment decides, and the names of the things it made.

`Settings` is written into the functions' environment by the stack (`to_env`) and read there (`from_env`): no name
of a variable is typed twice. All lifetimes are in seconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

from gatepost.scope import Implies, Scope, parse_scope, reach

_PREFIX = "GATEPOST_"
AUDIENCE = r"[!-~]{1,200}"  # a URL or a name; what a token's `aud` is compared with, character by character
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")  # hosts that need no https
# No access token lives longer, whatever the settings were when it was issued (see infra/configuration/allowed_values.py); with leeway.
LONGEST_LEEWAY = 300
LONGEST_LIFETIME = 86400 + LONGEST_LEEWAY
NEVER, APPROVED, OPEN = "never", "approved", "open"
# Of the consumer API, whatever `cdk.json` declares beside it.
_OWN_IMPLIES: Implies = {"consumer": ("consumer.account", "consumer.apps", "consumer.grants")}
_OWN_SCOPES = Scope(("consumer", *_OWN_IMPLIES["consumer"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one deployment; `cdk.json` has the same names."""

    issuer: str  # https URL without query, fragment or trailing slash (RFC 8414 §2)
    audience: str = ""  # `aud` of the access tokens; empty: the issuer
    service_name: str = "Gatepost"
    support_contact: str = ""  # shown on error pages, an address or a sentence
    scopes: Mapping[str, str] = field(default_factory=dict)  # name: what the user reads on the consent page
    default_scopes: Scope = Scope()  # what a request without scope gets
    scope_implies: Implies = field(default_factory=dict)  # name: what whoever holds it holds too
    # name: "never" or "open", whether an app may have it for itself; of any other an administrator decides
    client_credentials_scopes: Mapping[str, str] = field(default_factory=dict)
    restricted_scopes: Scope = _OWN_SCOPES  # users grant them only to their own apps and to those that are marked
    signing_algorithm: str = "RS256"  # or ES256

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

    authorizer_cache_seconds: int = 5  # API Gateway keeps an answer of the authorizer
    revocation_poll: int = 5  # the authorizer reads the revocation feed
    revocation_max_stale: int = 60  # without the feed it goes on, then denies
    key_activation_delay: int = 900  # a new key is known everywhere before it is used
    clock_leeway: int = 30

    aws_client: str = "own"  # or boto3: what calls DynamoDB and Secrets Manager

    registration: str = "open"  # or approval (by an administrator), or closed
    mail_sender: str = ""  # an address that Amazon SES may send from; "": no mail, and no confirmation
    mail_configuration_set: str = ""  # of SES, for every mail
    audit_retention_days: int = 90
    app_approval: bool = False
    apps_per_user: int = 16
    password_min_length: int = 10
    bcrypt_cost: int = 12
    attempts_free: int = 5  # failed sign-ins before the wait begins
    attempts_max_wait: int = 900
    network_attempts_free: int = 100  # failed sign-ins and guesses from one network before its wait begins
    network_attempts_max_wait: int = 60
    mails_per_address: int = 3  # in an hour, of each kind
    mails_per_network: int = 100

    def __post_init__(self) -> None:
        """Fill in what follows from the rest."""
        if not self.audience:
            object.__setattr__(self, "audience", self.issuer)

    @property
    def scope(self) -> Scope:
        """Every scope that the server offers."""
        return Scope(self.scopes)

    @property
    def implies(self) -> Implies:
        """The hierarchy of scopes: the one of the consumer API, and what `cdk.json` declares."""
        return {**_OWN_IMPLIES, **self.scope_implies}

    def reach(self, scope: Scope) -> Scope:
        """The scope and everything that it implies: what a route asks for must be in here."""
        return reach(scope, self.implies)

    @property
    def revocation_bound(self) -> int:
        """Seconds after which no route accepts a revoked access token any more, while the feed can be read."""
        return self.authorizer_cache_seconds + self.revocation_poll

    @property
    def secret_refresh(self) -> int:
        """Seconds that a function keeps a secret in memory: it has read a new key well before that is used."""
        return min(300, self.key_activation_delay // 2)

    @property
    def longest_access_token(self) -> int:
        """Seconds after which no access token issued now is accepted anywhere, leeway included."""
        return max(self.access_token_lifetime, self.implicit_token_lifetime) + self.clock_leeway

    def to_env(self, *names: str) -> dict[str, str]:
        """The environment variables that `from_env` reads: all, or those of the settings in `names`."""
        return {
            _variable(f.name): _written(getattr(self, f.name)) for f in fields(self) if not names or f.name in names
        }

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """The settings that the stack wrote. Variables that are absent keep their defaults."""
        values: dict[str, object] = {}
        for f in fields(cls):
            text = environ.get(_variable(f.name))
            if text is not None:
                values[f.name] = _READERS[str(f.type)](text)
        return cls(**values)  # type: ignore[arg-type]


def is_issuer(value: object) -> bool:
    """An origin as browsers write it: https, lower case, no default port, no path; http only on loopback.

    RFC 8414 §2 would allow a path; an origin puts the well-known documents where every client looks for them, and
    form posts can be compared with it.
    """
    form = (
        re.fullmatch(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::([1-9]\d{0,4}))?", value)
        if isinstance(value, str)
        else None
    )
    if form is None:
        return False
    scheme, host, port = form.groups()
    if port is not None and (int(port) > 65535 or int(port) == {"https": 443, "http": 80}[scheme]):
        return False
    return scheme == "https" or host in LOOPBACK


def table_variable(table: str) -> str:
    """The environment variable that holds the name of a table, `"GATEPOST_TABLE_APPS"`."""
    return f"{_PREFIX}TABLE_{table.upper()}"


def secret_variable(secret: str) -> str:
    """The environment variable that holds the ARN of a secret, `"GATEPOST_SECRET_SIGNING"`."""
    return f"{_PREFIX}SECRET_{secret.upper()}"


def _variable(name: str) -> str:
    return _PREFIX + name.upper()


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return json.dumps(dict(value), separators=(",", ":"))
    return str(value)


_READERS: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": int,
    "bool": lambda text: text == "true",
    "Scope": parse_scope,
    "Mapping[str, str]": json.loads,
    "Implies": json.loads,
}
