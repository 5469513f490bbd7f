"""Documents of pages of lists and of problems."""

from __future__ import annotations

from pydantic import BaseModel, Field

from gatepost.consumer.grant_documents import GrantDocument, ScopeDocument
from gatepost.consumer.models import AppDocument

_NEXT = Field(description="The cursor of the next part; null at the end.")


class AppList(BaseModel):
    """A page of your apps, newest first."""

    items: list[AppDocument]
    next: str | None = _NEXT


class GrantList(BaseModel):
    """A page of your connected apps, newest first."""

    items: list[GrantDocument]
    next: str | None = _NEXT


class ScopeList(BaseModel):
    """A page of the server's scopes, by name."""

    items: list[ScopeDocument]
    next: str | None = _NEXT


class FieldProblem(BaseModel):
    """An invalid field."""

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
    """An error of API Gateway itself."""

    message: str
