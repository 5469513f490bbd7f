"""The users connected to an app: the remembered approvals, from the index by app."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from gatepost.accounts.approvals import approved_resources, counting_approval
from gatepost.console.access_rows import connected
from gatepost.console.formatting import time_at
from gatepost.model.records import App, Approval, User
from gatepost.routes import ADMIN_APP_PAGE
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import UserKey

_PEOPLE = 20  # per page


def connected_people(app: App, cursor: str | None, now: float) -> dict[str, Any]:
    """Return a page of the people who approved the app, and how many there are."""
    store = server().store
    page = store.approvals_to(app.client_id, cursor=cursor, limit=_PEOPLE)
    users = store.read_each([UserKey(approval.user_id) for approval in page.items])
    path = ADMIN_APP_PAGE.at(client_id=app.client_id)
    complete = cursor is None and page.cursor is None
    return {
        "people": [_row(each, app, user, now) for each, user in zip(page.items, users, strict=True)],
        "connected": str(len(page.items)) if complete else connected(store, app),
        "more_people_url": f"{path}?{urlencode({'people': page.cursor})}#people" if page.cursor else None,
    }


def _row(approval: Approval, app: App, user: User | None, now: float) -> dict[str, Any]:
    scopes = {*approval.scope, *(name for _, scope in approved_resources(approval) for name in scope)}
    return {
        "user_id": approval.user_id,
        "user_name": user.user_name if user else "",
        "scope": " ".join(sorted(scopes)),
        "counts": user is not None and counting_approval(approval, app, user) is not None,
        "since": time_at(approval.approved_at, now),
    }
