"""The specification of a function for the stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from gatepost.settings import Settings
from infra.stack.access import TableAccess
from infra.stack.features import Feature

CLAIMS = "claims"  # the layer of the deployment's claims.py
FETCH, LOGO = "fetch", "logo"  # functions that others invoke
ALIAS = "live"  # of each function, and what is called

WHOLE_CORE = 1769  # MB; with less, Lambda gives a share of it


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """A function: a folder of functions/, one Lambda, one role."""

    name: str
    purpose: str
    tables: tuple[TableAccess, ...] = ()
    reads_secrets: tuple[str, ...] = ()  # secretsmanager:GetSecretValue
    rotates_secrets: tuple[str, ...] = ()
    sends_mail: bool = False  # ses:SendEmail, if `mail_sender` is set
    invokes: tuple[str, ...] = ()  # lambda:InvokeFunction of these functions
    announces_logouts: bool = False  # sqs:SendMessage to the queue of logouts, if there is one
    takes_logouts: bool = False  # what Lambda needs to receive from its queues, and sqs:SendMessage to the slow one
    serves: bool = True  # requests to the API; the others are called by AWS, or by functions
    features: tuple[Feature, ...] = ()  # what it needs besides, each where a setting says so
    only_if: Callable[[Settings], bool] | None = None  # deployed where this holds; None: always
    imports: tuple[str, ...] = ()  # layers of gatepost_cdk.packages in addition to those of `layers`
    states_claims: bool = False  # has the deployment's claims.py, if there is one
    memory: int = 512  # MB
    timeout: int = 10
    demo: bool = False

    def deployed(self, settings: Settings) -> FunctionSpec:
        """Return the specification with what the features need that these settings turn on, and no others."""
        return self._with(each for each in self.features if each.only_if(settings))

    @property
    def whole(self) -> FunctionSpec:
        """The specification with what every feature needs."""
        return self._with(self.features)

    def _with(self, features: Iterable[Feature]) -> FunctionSpec:
        found = tuple(features)
        return replace(
            self,
            tables=(*self.tables, *(access for each in found for access in each.tables)),
            reads_secrets=(*self.reads_secrets, *(name for each in found for name in each.reads_secrets)),
            invokes=(*self.invokes, *(name for each in found for name in each.invokes)),
            features=(),
        )

    def layers(self, *, mail: bool, boto3: bool, edge: bool = False, claims: bool = False) -> tuple[str, ...]:
        """Return the names of the function's layers; boto3 only if it sends mail or uses boto3 for all calls.

        `mail`, `boto3` and `claims` are the deployment's settings: `mail_sender`, `aws_client` and `claims`. Behind an
        `edge` every function reads its secret.
        """
        calls = edge or bool(self.tables or self.reads_secrets or self.rotates_secrets or self.invokes)
        needed = (mail and self.sends_mail) or (boto3 and calls)
        own = (CLAIMS,) if claims and self.states_claims else ()
        return ("gatepost", *(("boto3",) if needed else ()), *self.imports, *own)
