"""One call of the API: who calls, and what its functions work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.request import Request as Resolved
from pydantic import BaseModel

from gatepost.audit_log import events as audit
from gatepost.consumer.problems import NotFound, NoUser
from gatepost.errors import InvalidToken, OAuthError
from gatepost.http.request import Request
from gatepost.model.records import ACTIVE, App, User
from gatepost.oauth.server import Server
from gatepost.observability.log import note
from gatepost.stores.record_keys import UserKey

CALL = "gatepost_call"  # where the resolver's context holds the call
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request of the user behind a token."""

    server: Server
    request: Request
    user: User

    @property
    def now(self) -> float:
        """When it came."""
        return self.request.now

    def note(self, event: str, *, app: App | None = None, client_id: str = "") -> None:
        """Add to the audit list. What was done stands even if this can't be written: then it is only logged."""
        try:
            audit.record(
                self.server.store,
                self.server.settings,
                event,
                now=self.now,
                source_ip=self.request.source_ip,
                actor=self.user,
                client_id=app.client_id if app else client_id,
                subject=app.name if app else "",
            )
        except OAuthError as error:
            note("audit.lost", {"event": event, "reason": error.reason}, failed=True)


def current_call(request: Resolved) -> Call:
    """The call that the resolver is busy with."""
    call: Call = request.context[CALL]
    return call


CurrentCall = Annotated[Call, Depends(current_call)]


def user_behind(server: Server, request: Request) -> User:
    """Whose token it is. Raises NoUser for an app's own token, InvalidToken if the account is gone or stopped."""
    if not request.authorizer["grant_id"]:
        raise NoUser("this token is an app's own; a user must have granted it", reason="no user")
    (user,) = server.store.read(UserKey(request.authorizer["sub"]))
    if user is None or user.status != ACTIVE:
        raise InvalidToken("the token is not valid", reason="account is not active")
    return user


def own(app: App | None, user: User) -> App:
    """The app, if it is the user's. Raises NotFound."""
    if app is None or app.owner != user.user_id:
        raise NotFound
    return app


def answer_of(status: int, document: BaseModel | str, **headers: str) -> Response[str]:
    """A JSON answer; `headers` with underscores for hyphens."""
    body = document if isinstance(document, str) else document.model_dump_json()
    return Response(status_code=status, content_type=JSON, body=body, headers=_named(headers))


def empty_answer(status: int, **headers: str) -> Response[str]:
    """An answer without a body."""
    return Response(status_code=status, body="", headers=_named(headers))


def _named(headers: dict[str, str]) -> dict[str, str | list[str]]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
