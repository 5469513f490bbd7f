"""The audit list for administrators: the search in a URL, and its page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from gatepost.accounts.search import user_named
from gatepost.audit_log.event_texts import EVENTS, SUBJECTS
from gatepost.audit_log.searching import Search, moment_of, search
from gatepost.authentication.sign_in import normalized
from gatepost.console.audit_rows import audit_row
from gatepost.console.formatting import time_at
from gatepost.console.pages_base import Visitor, console_page
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.identifiers import is_id
from gatepost.model.records import User
from gatepost.oauth.parameters import Parameters
from gatepost.routes import ADMIN_AUDIT_PAGE, ADMIN_AUDIT_PARTS_PAGE
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import UserKey

_PAGE = 20
_USUAL_DAYS = 30  # of a search without days
_LONGEST_KEPT = 3650  # days
_FILTERS = ("user", "app", "event")
# The events by their subject, as the form offers them.
_SUBJECTS = [
    (subject, sorted((name, event) for event, (name, _) in events.items()))
    for subject, events in sorted(SUBJECTS.items())
]


class Asked(NamedTuple):
    """A search as a URL has it: `fields` are the values of the form, and `sought` is what they mean."""

    fields: dict[str, str]
    sought: Search

    def url(self, path: str, **more: str) -> str:
        """Return the URL of a page with the same search."""
        return f"{path}?{urlencode({name: value for name, value in {**self.fields, **more}.items() if value})}"

    @property
    def days(self) -> str:
        """The days, for people."""
        first, last = self.sought.first, self.sought.last
        return first.isoformat() if first == last else f"{first} to {last}"


def asked_in(query: Parameters, now: float) -> Asked:
    """Return the search of a query string: without a filter of today, otherwise of the last 30 days."""
    typed = {name: (query.sole(name) or "").strip() for name in _FILTERS}
    typed["event"] = typed["event"] if typed["event"] in EVENTS else ""
    today = datetime.fromtimestamp(now, UTC).date()
    last = min(_day(query.sole("to"), today), today)
    usual = last - timedelta(days=_USUAL_DAYS - 1) if any(typed.values()) else last
    first = max(min(_day(query.sole("from"), usual), last), today - timedelta(days=_LONGEST_KEPT))
    by_day = query.sole("by") == "day"
    fields = {**typed, "from": first.isoformat(), "to": last.isoformat(), "by": "day" if by_day else ""}
    user, app = _user_of(typed["user"]), typed["app"]
    sought = Search(
        first=first,
        last=max(first, last),
        event=typed["event"],
        user_id=user.user_id if user else typed["user"] if is_id(typed["user"]) else "",
        user_name=normalized(user.user_name if user else "" if is_id(typed["user"]) else typed["user"]),
        client_id=app if is_id(app) else "",
        app_name="" if is_id(app) else app,
        by_day=by_day,
    )
    return Asked(fields=fields, sought=sought)


def show_audit(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/audit: entries of an account, an app, an event and a range of days, newest first."""
    asked = asked_in(request.query(), request.now)
    sought, path = asked.sought, ADMIN_AUDIT_PAGE.path
    found = search(server().store, sought, cursor=request.query().sole("cursor"), room=_PAGE)
    filtered = any(asked.fields[name] for name in _FILTERS)
    return console_page(
        200,
        "admin_audit.html",
        visitor,
        entries=[audit_row(entry, request.now) for entry in found.entries],
        fields=asked.fields,
        subjects_of_events=_SUBJECTS,
        days=asked.days,
        looked=found.looked,
        reached=time_at((found.cursor and moment_of(found.cursor)) or 0, request.now),
        next_url=asked.url(path, cursor=found.cursor) if found.cursor else None,
        by_day_url=asked.url(path, by="day") if sought.kept_in else None,
        export_url=asked.url(ADMIN_AUDIT_PARTS_PAGE.path),
        **({"previous_day_url": None, "next_day_url": None} if filtered else _neighbours(sought, request.now)),
    )


def _neighbours(sought: Search, now: float) -> dict[str, str | None]:
    """Return the URLs of the days before and after a single day."""
    if sought.first != sought.last:
        return {"previous_day_url": None, "next_day_url": None}
    before, after = (sought.first + timedelta(days=step) for step in (-1, 1))
    is_past = after <= datetime.fromtimestamp(now, UTC).date()
    path = ADMIN_AUDIT_PAGE.path
    return {
        "previous_day_url": f"{path}?from={before}&to={before}",
        "next_day_url": f"{path}?from={after}&to={after}" if is_past else None,
    }


def _user_of(typed: str) -> User | None:
    """Return the account of a name or an id."""
    if not typed:
        return None
    if is_id(typed):
        found: User | None = server().store.read(UserKey(typed))[0]
        return found
    return user_named(server().store, normalized(typed))


def _day(typed: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(typed or "")
    except ValueError:
        return otherwise
