"""The export of the audit list: parts that fit into a response of Lambda, oldest entries first."""

from __future__ import annotations

from gatepost.audit_log.exporting import FORMATS, ROOM, weight
from gatepost.audit_log.searching import MOST_WORK, Found, search
from gatepost.audit_log.writing import write_audit
from gatepost.console.audit_pages import Asked, asked_in
from gatepost.console.formatting import time_at
from gatepost.console.pages_base import Visitor, console_page
from gatepost.errors import InvalidRequest
from gatepost.http.request import Request
from gatepost.http.response import SAFE, Response
from gatepost.routes import ADMIN_AUDIT_FILE, ADMIN_AUDIT_PAGE, ADMIN_AUDIT_PARTS_PAGE
from gatepost.runtime.wiring import server
from gatepost.stores.audit_lists import position_of

_MOST_PARTS = 3  # found for one page: each takes a second or two
_MARGIN = 1.1  # for entries that were written between the page and the file
_GROWN = "the audit list has grown since this page was made: open the export again"


def show_parts(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/audit/export: the parts of a search, each with its files."""
    query = request.query()
    asked, cursor = asked_in(query, request.now), query.sole("cursor")
    first = number = _number(query.sole("part"))
    parts = []
    while number < first + _MOST_PARTS:
        found = _part(asked, cursor)
        if found.entries or found.cursor is None:
            until = found.cursor or ""
            found_by = {"cursor": cursor or "", "until": until, "part": str(number)}
            parts.append(
                {
                    "number": number,
                    "count": len(found.entries),
                    "first": time_at(found.entries[0].at, request.now) if found.entries else None,
                    "last": time_at(found.entries[-1].at, request.now) if found.entries else None,
                    "url": asked.url(ADMIN_AUDIT_FILE.path, **found_by),
                }
            )
        number, cursor = number + 1, found.cursor
        if cursor is None:
            break
    more = {"cursor": cursor or "", "part": str(number)}
    return console_page(
        200,
        "admin_audit_export.html",
        visitor,
        days=asked.days,
        fields=asked.fields,
        parts=parts,
        back_url=asked.url(ADMIN_AUDIT_PAGE.path),
        next_url=asked.url(ADMIN_AUDIT_PARTS_PAGE.path, **more) if cursor else None,
    )


def send_file(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/audit/export: one part, with the search of the URL; the export is itself an entry."""
    name = request.form().text("format")
    if name not in FORMATS:
        raise InvalidRequest("the form is incomplete")
    query = request.query()
    asked, until, part = asked_in(query, request.now), query.sole("until"), _number(query.sole("part"))
    found = _part(asked, query.sole("cursor"), margin=_MARGIN)
    if found.cursor is not None and (until is None or found.cursor < until):
        raise InvalidRequest(_GROWN)
    entries = [each for each in found.entries if until is None or position_of(each) <= until]
    write_audit(server(), request, "audit_exported", actor=visitor.user, subject=f"{asked.days}, part {part}, {name}")
    content_type, written = FORMATS[name]
    file_name = f"audit-{asked.sought.first}-{asked.sought.last}-part-{part}.{name}"
    headers = {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        **SAFE,
    }
    return Response(status=200, body=written(entries), headers=headers, facts={"entries": len(entries)})


def _part(asked: Asked, cursor: str | None, *, margin: float = 1) -> Found:
    """Return the entries of a part; one that takes too long to find ends earlier."""
    return search(
        server().store,
        asked.sought,
        cursor=cursor,
        room=int(ROOM * margin),
        newest_first=False,
        weigh=weight,
        most_work=int(MOST_WORK * margin),
    )


def _number(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
