"""The user's account and connected apps, and the server's scopes."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from gatepost.accounts.connected_apps import Connection, connections_of, disconnect
from gatepost.consumer.apps import ClientId, Cursor, IfNoneMatch, Limit
from gatepost.consumer.call import CurrentCall, answer_of, empty_answer
from gatepost.consumer.etags import etag_of, is_known
from gatepost.consumer.grant_documents import GrantDocument, ScopeDocument
from gatepost.consumer.listing import cursor_of, part_of, position_of
from gatepost.consumer.lists import GrantList, ScopeList
from gatepost.consumer.models import AccountDocument
from gatepost.consumer.problem_details import NotFound
from gatepost.model.records import User

_END_OF_TIME = 10**12


def list_grants(call: CurrentCall, limit: Limit = 20, cursor: Cursor = None) -> Response[str]:
    """List your connected apps, newest first."""
    found = connections_of(call.server.store, call.user, now=call.now)
    page = part_of(found, _latest_first, after=position_of(cursor), limit=limit)
    return answer_of(
        200,
        GrantList(
            items=[GrantDocument.of(each, call.server.settings) for each in page.items], next=cursor_of(page.cursor)
        ),
    )


def end_grant(call: CurrentCall, client_id: ClientId) -> Response[str]:
    """Disconnect an app; its tokens stop within the server's documented bound."""
    store = call.server.store
    found = connections_of(store, call.user, now=call.now)
    connected = next((each for each in found if each.app.client_id == client_id), None)
    if connected is None:
        raise NotFound
    disconnect(store, call.user, client_id, now=call.now)
    call.note("disconnected", app=connected.app)
    return empty_answer(204)


def list_scopes(call: CurrentCall, limit: Limit = 20, cursor: Cursor = None) -> Response[str]:
    """List the scopes that an app may have, by name."""
    settings = call.server.settings
    page = part_of(settings.descriptions.items(), lambda each: each[0], after=position_of(cursor), limit=limit)
    items = [ScopeDocument.of(name, settings) for name, _ in page.items]
    return answer_of(200, ScopeList(items=items, next=cursor_of(page.cursor)))


def read_account(call: CurrentCall, if_none_match: IfNoneMatch = None) -> Response[str]:
    """Get your account."""
    shown, etag = _shown(call.user)
    return empty_answer(304, ETag=etag) if is_known(if_none_match, etag) else answer_of(200, shown, ETag=etag)


def _shown(user: User) -> tuple[str, str]:
    """Return the account as JSON, and its entity tag."""
    text = AccountDocument.of(user).model_dump_json()
    return text, etag_of(text)


def _latest_first(connection: Connection) -> str:
    return f"{_END_OF_TIME - connection.since:012d}#{connection.app.client_id}"
