"""The current call of the API: its user and the dependencies of the operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.request import Request as Resolved
from pydantic import BaseModel

from gatepost.audit_log.changes import Change
from gatepost.audit_log.writing import write_audit
from gatepost.consumer.problem_details import NotFound, NoUser
from gatepost.errors import InvalidToken
from gatepost.http.request import Request
from gatepost.model.records import ACTIVE, App, User
from gatepost.oauth.server import Server
from gatepost.stores.record_keys import UserKey

CALL = "gatepost_call"  # its key in the resolver's context
JSON = "application/json"


class Call(NamedTuple):
    """A request with the user of its token."""

    server: Server
    request: Request
    user: User

    @property
    def now(self) -> float:
        """The time of the request."""
        return self.request.now

    def note(self, event: str, *, app: App | None = None, client_id: str = "", changes: Sequence[Change] = ()) -> None:
        """Write to the audit log."""
        name = app.name if app else ""
        client_id = app.client_id if app else client_id
        write_audit(
            *(self.server, self.request, event), actor=self.user, client_id=client_id, subject=name, changes=changes
        )


def current_call(request: Resolved) -> Call:
    """Return the call that the resolver is processing."""
    call: Call = request.context[CALL]
    return call


CurrentCall = Annotated[Call, Depends(current_call)]


def user_behind(server: Server, request: Request) -> User:
    """Return the user of the token. Raises NoUser for an app's own token, InvalidToken if the account is not active."""
    if not request.authorizer["grant_id"]:
        raise NoUser("this token is an app's own; a user must have granted it", reason="no user")
    (user,) = server.store.read(UserKey(request.authorizer["sub"]))
    if user is None or user.status != ACTIVE:
        raise InvalidToken("the token is not valid", reason="account is not active")
    return user


def own(app: App | None, user: User) -> App:
    """Return the app if it belongs to the user. Raises NotFound otherwise."""
    if app is None or app.owner != user.user_id:
        raise NotFound
    return app


def answer_of(status: int, document: BaseModel | str, **headers: str) -> Response[str]:
    """Return a JSON response; `headers` are written with underscores for hyphens."""
    body = document if isinstance(document, str) else document.model_dump_json()
    return Response(status_code=status, content_type=JSON, body=body, headers=_named(headers))


def empty_answer(status: int, **headers: str) -> Response[str]:
    """Return a response without a body."""
    return Response(status_code=status, body="", headers=_named(headers))


def _named(headers: dict[str, str]) -> dict[str, str | list[str]]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
