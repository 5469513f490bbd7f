"""Documents of pages of lists and of problems."""

from __future__ import annotations

from pydantic import BaseModel, Field

from gatepost.consumer.grant_documents import GrantDocument, ScopeDocument
from gatepost.consumer.models import AppDocument

_NEXT = Field(description="The cursor for the next page; null on the last page.")


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

    field: str = Field(description="The field's path, for example redirect_uris.0 for the first item of a list.")
    detail: str


class ProblemDocument(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default=[], description="Absent if no field is invalid.")


class GatewayMessage(BaseModel):
    """An error of API Gateway itself."""

    message: str
