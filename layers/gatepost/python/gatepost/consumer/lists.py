"""The parts of lists, and the documents of what goes wrong or has no other place."""

from __future__ import annotations

from pydantic import BaseModel, Field

from gatepost.consumer.granted import GrantDocument, ScopeDocument
from gatepost.consumer.models import AppDocument

_NEXT = Field(description="The cursor of the next part; null at the end.")


class AppList(BaseModel):
    """Part of a user's apps, the newest first."""

    items: list[AppDocument]
    next: str | None = _NEXT


class GrantList(BaseModel):
    """Part of the apps that a user is connected with, the latest first."""

    items: list[GrantDocument]
    next: str | None = _NEXT


class ScopeList(BaseModel):
    """Part of the server's scopes, by name."""

    items: list[ScopeDocument]
    next: str | None = _NEXT


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Where it stands, redirect_uris.0 for the first one of a list.")
    detail: str


class ProblemDocument(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default=[], description="Absent where no field is at fault.")


class GatewayMessage(BaseModel):
    """What API Gateway itself says."""

    message: str
