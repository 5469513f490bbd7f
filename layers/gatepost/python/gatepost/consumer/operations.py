"""The operations of the API: the function of each route, and all its responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.request import Request as Resolved
from pydantic import BaseModel

from gatepost.consumer import account, apps
from gatepost.consumer import models as m
from gatepost.consumer.call import answer_of
from gatepost.consumer.lists import AppList, GrantList, ScopeList
from gatepost.routes import (
    API_ACCOUNT,
    API_APP,
    API_APPS,
    API_CHANGE_APP,
    API_CREATE_APP,
    API_CREATE_SECRET,
    API_DELETE_APP,
    API_DOCUMENT,
    API_END_GRANT,
    API_END_SECRET,
    API_GRANTS,
    API_SCOPES,
    Route,
)

DOCUMENT = "gatepost_document"  # its key in the resolver's context
_ETAG = {"ETag": "Identifies this version, for If-Match and If-None-Match."}
_LOCATION = {"Location": "The path of the app."}


def read_document(request: Resolved) -> Response[str]:
    """Get this description of the API."""
    return answer_of(200, request.context[DOCUMENT])


class Success(NamedTuple):
    """A successful response. `model` is None if there is no body."""

    sentence: str
    model: type[BaseModel] | None = None
    headers: Mapping[str, str] = MappingProxyType({})


class Operation(NamedTuple):
    """A function and its responses; those common to every operation are not repeated in `problems`."""

    run: Callable[..., Response[str]]
    answers: Mapping[int, Success]
    problems: tuple[int, ...] = ()
    may_lack_body: bool = False

    @property
    def reads_json(self) -> bool:
        """Whether it takes a body."""
        return 415 in self.problems


_UNCHANGED = Success(sentence="Not modified: it still has the ETag you sent.", headers=_ETAG)
_BODY = (413, 415)

OPERATIONS: Mapping[Route, Operation] = {
    API_APPS: Operation(run=apps.list_apps, answers={200: Success(sentence="One page of the list.", model=AppList)}),
    API_CREATE_APP: Operation(
        run=apps.create_app,
        answers={
            201: Success(
                sentence="The app was registered. The secret is shown only once.",
                model=m.CreatedAppDocument,
                headers={**_LOCATION, **_ETAG},
            )
        },
        problems=(*_BODY, 409),
    ),
    API_APP: Operation(
        run=apps.read_app,
        answers={200: Success(sentence="The app.", model=m.AppDocument, headers=_ETAG), 304: _UNCHANGED},
        problems=(404,),
    ),
    API_CHANGE_APP: Operation(
        run=apps.change_app,
        answers={200: Success(sentence="The app after the change.", model=m.AppDocument, headers=_ETAG)},
        problems=(*_BODY, 404, 412, 428),
    ),
    API_DELETE_APP: Operation(run=apps.delete_app, answers={204: Success(sentence="Deleted.")}, problems=(404, 412)),
    API_CREATE_SECRET: Operation(
        run=apps.create_secret,
        answers={201: Success(sentence="The secret, shown only once.", model=m.CreatedSecretDocument)},
        problems=(*_BODY, 404, 409, 412),
        may_lack_body=True,
    ),
    API_END_SECRET: Operation(
        run=apps.end_secret, answers={204: Success(sentence="The secret no longer works.")}, problems=(404, 409, 412)
    ),
    API_GRANTS: Operation(
        run=account.list_grants, answers={200: Success(sentence="One page of the list.", model=GrantList)}
    ),
    API_END_GRANT: Operation(
        run=account.end_grant, answers={204: Success(sentence="The app is disconnected.")}, problems=(404,)
    ),
    API_SCOPES: Operation(
        run=account.list_scopes, answers={200: Success(sentence="One page of the list.", model=ScopeList)}
    ),
    API_ACCOUNT: Operation(
        run=account.read_account,
        answers={200: Success(sentence="The account.", model=m.AccountDocument, headers=_ETAG), 304: _UNCHANGED},
    ),
    API_DOCUMENT: Operation(run=read_document, answers={200: Success(sentence="An OpenAPI document.")}),
}
