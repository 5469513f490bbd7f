"""Contexts of the administrators' pages that show every part of them."""

from __future__ import annotations

from gatepost.audit_log.changes import Change
from gatepost.console.charts import Chart
from tests.unit.console.samples import CONNECTIONS, CREATED, DAYS, FRAME, ID, READ, SESSION, USED, WRITE, Context
from tests.unit.console.samples_apps import REFUSED, STANDINGS

USER = {
    "user_id": ID, "user_name": "bob", "email": "bob@example.test", "email_confirmed": True, "role": "user",
    "status": "active", "created": CREATED, "last_sign_in": USED,
}  # fmt: skip
ADMIN_USERS: Context = {
    **FRAME,
    "users": [
        {**USER, "email_confirmed": False},
        {
            **USER, "user_name": "carol", "role": "administrator", "status": "deactivated", "email": "",
            "last_sign_in": None,
        },
    ],
    "query": "b", "order": "name", "narrowed": True, "is_full": True,
    "totals": {"total": 5000, "parts": ["4,999 active", "2 administrators"], "more": True, "most": 50000},
    "filters": [
        {"name": name, "label": label, "value": "", "options": [("", "Any"), ("one", "One"), ("two", "Two")]}
        for name, label in (("role", "Role"), ("status", "Status"), ("sign_in", "Last sign-in"))
    ],
    "orders": [
        {"order": "", "text": "Newest first", "url": "/developer/admin/users?q=b"},
        {"order": "name", "text": "By name", "url": "/developer/admin/users?q=b&order=name"},
    ],
    "next_url": "/developer/admin/users?q=b&cursor=the-cursor",
}  # fmt: skip
ADMIN_USER: Context = {
    **FRAME, "user": USER,
    "signing_in": {
        "factors": ["Password"], "can_reset": True, "last": SESSION, "failures": 7, "last_failure": USED,
        "wait": "4 seconds",
    },
    "sessions": [{**SESSION, "is_current": False}, {**SESSION, "session_id": "two", "address": ""}],
    "more_sessions": 2, "connections": CONNECTIONS["connections"], "connected": 12,
    "more_connections_url": f"/developer/admin/users/{ID}?from=10#connected", "bound_seconds": 10,
    "scope_rule": "chosen", "scopes": [{**READ, "allowed": True}, {**WRITE, "allowed": False}],
    "groups": "editors\nstaff", "groups_claim": "groups", "apps": [], "more_apps": 3, "is_self": False,
    "errors": {
        "scope": "Choose at least one.", "role": "Choose one of the two.", "status": "Try again.",
        "groups": "Too many.",
    },
}  # fmt: skip
REVIEWED_APP = {
    "client_id": ID, "name": "Demo web app", "url": "https://client.example.test", "owner_name": "bob",
    "owner_id": "b0b", "document_url": "", "stranger": "", "unchecked": None, "confidential": True,
    "status": "pending", "status_reason": "", "created": CREATED,
    "redirect_hosts": ["client.example.test", "127.0.0.1"], "version": 3,
}  # fmt: skip
ADMIN_APPS: Context = {
    **FRAME,
    "apps": [
        REVIEWED_APP,
        {**REVIEWED_APP, "client_id": "a", "name": "Photo printer", "status": "active", "redirect_hosts": []},
        {**REVIEWED_APP, "client_id": "d", "status": "deactivated", "status_reason": "It asked for too much."},
    ],
    "status": "", "query": "", "order": "",
    "orders": [
        {"order": "", "text": "Newest first", "url": "/developer/admin/apps"},
        {"order": "oldest", "text": "Oldest first", "url": "/developer/admin/apps?order=oldest"},
    ],
    "next_url": "/developer/admin/apps?after=the-cursor", "errors": {"version": "This app was changed meanwhile."},
    "opened": {"client_id": ID, "name": "Demo web app", "reason": "It", "error": "Say a little more."},
}  # fmt: skip
ADMIN_USER["apps"] = [{**REVIEWED_APP, "stopped": stopped} for stopped in (True, False)]
ADMIN_APP: Context = {
    **FRAME,
    "app": {
        **REVIEWED_APP, "redirect_uris": ["https://client.example.test/callback", "com.example.app:/callback"],
        "grants": ["Authorization code", "Client credentials"], "owner_stopped": True, "owner_scope": ["read"],
        "acts_for_itself": True, "by_update": True, "lost": ["read", "write"], "last_used": USED,
    },
    "people": [
        {"user_id": ID, "user_name": "bob", "scope": "read write", "counts": True, "since": USED},
        {"user_id": "gone", "user_name": "", "scope": "", "counts": False, "since": CREATED},
    ],
    "connected": "100+", "refused_requests": REFUSED,
    "more_people_url": f"/developer/admin/apps/{ID}?people=the-cursor#people", "scopes": STANDINGS,
    "bound_seconds": 10, "version": 7, "typed_owner": "tomas",
    "errors": {
        "own": "write implies read, so it counts only together with that.",
        "marked": "write implies read, so it counts only together with that.",
        "owner": "There is no account of this name.", "version": "This app was changed in another window meanwhile.",
    },
}  # fmt: skip
REGISTERED_APP = {
    **REVIEWED_APP, "owner_name": "", "owner_id": "registered", "stranger": "registered",
    "unchecked": {"hosts": "client.example.test", "claims": [("Calls itself", "Claude")], "only_here": False},
    "status": "active", "last_used": USED, "connected": "3",
}  # fmt: skip
ADMIN_REGISTERED: Context = {
    **FRAME,
    "apps": [REGISTERED_APP, {**REGISTERED_APP, "redirect_hosts": [], "last_used": None, "confidential": False}],
    "mode": "token", "takes_tokens": True,
    "permits": [
        {"permit_hash": "h" * 43, "created": USED, "left": 2, "most": 3, "ends": USED},
        {"permit_hash": "i" * 43, "created": CREATED, "left": 1, "most": 1, "ends": CREATED},
    ],
    "token": "t" * 43, "errors": {"apps": "Type a number from 1 to 10000.", "days": "Type a number from 1 to 365."},
    "next_url": "/developer/admin/registered?cursor=the-cursor",
}  # fmt: skip
ADMIN_AUDIT: Context = {
    **FRAME,
    "entries": [
        {
            "at": USED, "reason": "",
            "parts": [
                {"kind": "who", "text": "alice", "url": f"/developer/admin/users/{ID}"},
                {"kind": "", "text": " granted ", "url": ""},
                {"kind": "app", "text": "Printer", "url": f"/developer/admin/apps/{ID}"},
                {"kind": "", "text": " the scope ", "url": ""}, {"kind": "scope", "text": "write", "url": ""},
            ],
            "changes": [
                Change("status", "pending", "active"), Change("redirect URI", "", "https://new.example.test/cb"),
            ],
            "source_ip": "192.0.2.7", "resources": ["https://reports.example.test"],
        },
        {
            "at": CREATED, "reason": "wrong password", "changes": [], "source_ip": "", "resources": [],
            "parts": [
                {"kind": "", "text": "Sign-in as ", "url": ""}, {"kind": "whom", "text": "bob", "url": ""},
                {"kind": "", "text": " failed", "url": ""},
            ],
        },
    ],
    "fields": {"user": "bob", "app": "Printer", "event": "signed_in", "from": "2026-11-24", "to": "2026-11-24"},
    "subjects_of_events": [
        ("Access", [("App allowed", "approved")]),
        ("Sign-in", [("Sign-in failed", "sign_in_failed"), ("Signed in", "signed_in")]),
    ],
    "days": "2026-11-24",
    "looked": 2000, "reached": USED, "previous_day_url": "/developer/admin/audit?from=2026-11-23&to=2026-11-23",
    "next_day_url": "/developer/admin/audit?from=2026-11-25&to=2026-11-25",
    "next_url": "/developer/admin/audit?from=2026-11-24&cursor=the-cursor",
    "by_day_url": "/developer/admin/audit?user=bob&by=day", "export_url": "/developer/admin/audit/export?user=bob",
}  # fmt: skip
for page in (ADMIN_USER, ADMIN_APP):
    page |= {"history": ADMIN_AUDIT["entries"], "history_url": "/developer/admin/audit?user=bob"}
PART = {"number": 2, "count": 9800, "first": CREATED, "last": USED, "url": "/developer/admin/audit/export?part=2"}
ADMIN_AUDIT_EXPORT: Context = {
    **FRAME, "days": "2026-11-01 to 2026-11-30", "fields": ADMIN_AUDIT["fields"], "parts": [PART],
    "back_url": "/developer/admin/audit?user=bob",
    "next_url": "/developer/admin/audit/export?cursor=the-cursor&part=3",
}  # fmt: skip
USED_APP = {
    "client_id": ID, "name": "Demo web app", "status": "active", "tokens": 1234, "share": 100, "last_used": USED,
}  # fmt: skip
OVERVIEW = "/developer/admin/overview"
COUNTED = Chart("Sign-ins", DAYS, [None] + [0] * 27 + [12, 3])
ADMIN_OVERVIEW: Context = {
    **FRAME, "length": 30, "periods": [(days, f"{OVERVIEW}?days={days}&show=used") for days in (7, 30, 90)],
    "tokens": Chart("Tokens", DAYS, [0] * 28 + [1234, 30], 1000.5),
    "charts": [COUNTED, COUNTED._replace(title="New accounts"), COUNTED._replace(title="Approvals", numbers=[0] * 30)],
    "failures": [
        {"reason": "Wrong password", "count": 1200, "share": 100},
        {"reason": "Another reason", "count": 12, "share": 1},
    ],
    "counted_until": USED, "uncounted": 1,
    "used_url": f"{OVERVIEW}?days=30", "unused_url": f"{OVERVIEW}?days=30&show=unused",
    "show": "used", "used": "1,234", "unused": "3+",
    "apps": [USED_APP, {**USED_APP, "status": "deactivated", "tokens": 0}, {**USED_APP, "client_id": ""}],
    "next_url": f"{OVERVIEW}?days=30&show=used&from=20",
}  # fmt: skip

ADMIN_INVITE: Context = {
    **FRAME, "user_name_typed": "dora", "email": "dora@example.test", "mail_configured": True,
    "errors": {"user_name": "This user name is taken.", "email": "This is the address of bob."},
}  # fmt: skip

ADMINISTRATION: dict[str, Context] = {
    "admin_overview.html": ADMIN_OVERVIEW,
    "admin_users.html": ADMIN_USERS,
    "admin_user.html": ADMIN_USER,
    "admin_invite.html": ADMIN_INVITE,
    "admin_apps.html": ADMIN_APPS,
    "admin_app.html": ADMIN_APP,
    "admin_registered.html": ADMIN_REGISTERED,
    "admin_audit.html": ADMIN_AUDIT,
    "admin_audit_export.html": ADMIN_AUDIT_EXPORT,
}
