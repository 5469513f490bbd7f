"""The issuer of an API's tokens: its URL, and optionally its table of tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Token
from aws_cdk import aws_iam as iam

from gatepost.resource import canonical, is_issuer
from gatepost.scope import Implies, Scope, named_scope
from gatepost.settings import AUDIENCE, Settings, table_variable
from gatepost_cdk.decider import ONLY_THE_FEED, READS

_TABLE = re.compile(r"arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table/[A-Za-z0-9_.-]+")
_SETTINGS = ("issuer", "audience", "scope_implies", "revocation_poll", "revocation_max_stale", "clock_leeway")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """The tokens that an API accepts. Texts may be tokens of CloudFormation. Raises ValueError."""

    url: str
    audience: str | None = None  # the issuer where there is none
    resource: str | None = None  # the API's own URL, in the place of the audience (RFC 8707)
    table_arn: str = ""  # of the tokens table: with it a revoked token is refused, published or not
    scope_implies: Implies = field(default_factory=dict)
    revocation_poll: int = 5
    revocation_max_stale: int = 60

    def __post_init__(self) -> None:
        """Reject values that would only fail later."""
        if not Token.is_unresolved(self.url) and not is_issuer(self.url):
            raise ValueError(f"issuer is {self.url!r}; allowed is an https origin without a slash at the end")
        if self.resource is not None and self.audience is not None:
            raise ValueError("resource and audience are both given; the audience of a resource is its URL")
        if self.resource is not None and not _is_resource(self.resource):
            raise ValueError(
                f"resource is {self.resource!r}; allowed is an https URL of up to 200 characters without query, "
                "fragment or *, as Gatepost's `resources` name it"
            )
        if self.audience is not None and not _is_audience(self.audience):
            raise ValueError(
                f"audience is {self.audience!r}; allowed is a URL or name of up to 200 characters without spaces, "
                "or None for the issuer"
            )
        if self.table_arn and not Token.is_unresolved(self.table_arn) and not _TABLE.fullmatch(self.table_arn):
            raise ValueError(f"tokens_table_arn is {self.table_arn!r}; allowed is the ARN of a DynamoDB table")
        for name, implied in self.scope_implies.items():
            named_scope([name])
            named_scope(implied)
        within("revocation_poll", self.revocation_poll, 0, 300)
        within("revocation_max_stale", self.revocation_max_stale, max(1, self.revocation_poll), 3600)

    @property
    def settings(self) -> Settings:
        """The settings of the functions."""
        return Settings(
            issuer=self.url,
            audience=_plain(self.resource) or self.audience or "",
            scope_implies={name: list(implied) for name, implied in self.scope_implies.items()},
            revocation_poll=self.revocation_poll,
            revocation_max_stale=self.revocation_max_stale,
        )

    def environment(self) -> Mapping[str, str]:
        """Return the environment variables of a function that verifies tokens."""
        table = {table_variable("tokens"): self.table_arn} if self.table_arn else {}
        return {**self.settings.to_env(*_SETTINGS), **table}

    def statements(self) -> Sequence[iam.PolicyStatement]:
        """Return the statements of its role: read the feed of keys and revocations, no other partition."""
        if not self.table_arn:
            return ()
        return (iam.PolicyStatement(actions=[*READS], resources=[self.table_arn], conditions=ONLY_THE_FEED),)

    def table_policy(self, role_arns: Sequence[str]) -> dict[str, Any]:
        """Return the statement for the policy of a table in another account."""
        if not self.table_arn:
            raise ValueError("without tokens_table_arn no table is read, and no policy is needed")
        return {
            "Sid": "GatepostReadersOfTheFeed",
            "Effect": "Allow",
            "Principal": {"AWS": list(role_arns)},
            "Action": [*READS],
            "Resource": self.table_arn,
            "Condition": ONLY_THE_FEED,
        }

    def accepting(self, scope: Scope) -> Scope:
        """Return the scopes that include a single scope: itself and those that imply it."""
        settings = self.settings
        return Scope(name for name in (*scope, *settings.implies) if scope <= settings.reach(Scope.of(name)))


def _is_resource(value: object) -> bool:
    return isinstance(value, str) and (Token.is_unresolved(value) or canonical(value) is not None)


def _plain(resource: str | None) -> str | None:
    """A resource as the `aud` of its tokens has it; a token of CloudFormation is taken as it is."""
    return resource if resource is None or Token.is_unresolved(resource) else canonical(resource)


def _is_audience(value: object) -> bool:
    return isinstance(value, str) and (Token.is_unresolved(value) or re.fullmatch(AUDIENCE, value) is not None)


def within(name: str, value: int, low: int, high: int) -> None:
    """Raise ValueError with the allowed range unless the value is within it."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}; allowed is a whole number from {low} to {high} (seconds)")
