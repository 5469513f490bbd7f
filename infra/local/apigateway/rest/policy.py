"""The policy that an authorizer of a REST API returns."""

from __future__ import annotations

from enum import Enum
from typing import Any

from infra.local.aws import arns

_INVOKE = "execute-api:invoke"
_PARTS = {"Action", "Effect", "Resource", "Sid"}


class Malformed(Exception):
    """The authorizer returned no policy, or one that is not supported here."""


class Decision(Enum):
    """A policy's effect on an ARN: an explicit deny wins, and the default is to deny."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not allowed"
    DENIED = "denied"


def decide(output: Any, method_arn: str) -> Decision:
    """Return the decision of an authorizer's output on a method. Raises Malformed."""
    said = [
        effect for effect, resources in _statements(output) if any(arns.matches(each, method_arn) for each in resources)
    ]
    if "Deny" in said:
        return Decision.DENIED
    return Decision.ALLOWED if "Allow" in said else Decision.NOT_ALLOWED


def context(output: Any) -> dict[str, str]:
    """Return the function's authorizer context: the principal and the context, each value as a string.

    Raises Malformed for a value that is an object or a list ("Output from an API Gateway Lambda authorizer").
    """
    values = output.get("context") or {}
    if not isinstance(values, dict) or not isinstance(output.get("principalId"), str):
        raise Malformed("principalId or context")
    return {"principalId": output["principalId"], **{str(name): _text(value) for name, value in values.items()}}


def _statements(output: Any) -> list[tuple[str, list[str]]]:
    """Return the effect and the resources of every statement about invoking."""
    try:
        statements = output["policyDocument"]["Statement"]
        found = []
        for statement in statements if isinstance(statements, list) else [statements]:
            if set(statement) - _PARTS or statement["Effect"] not in ("Allow", "Deny"):
                raise Malformed("a statement has what is not known here")
            if any(arns.matches(action.lower(), _INVOKE) for action in _listed(statement["Action"])):
                found.append((statement["Effect"], _listed(statement["Resource"])))
    except (KeyError, TypeError, AttributeError) as error:
        raise Malformed("no policy") from error
    return found


def _listed(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        raise Malformed("no text")
    return values


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise Malformed("a value of the context is neither a text nor a number nor true or false")
