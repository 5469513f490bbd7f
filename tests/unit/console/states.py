"""Every page in each of its states, parsed."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.console.charts import Chart
from gatepost.console.pages import render
from tests.unit.console.rendered import CONTEXTS, MARKUP, Parsed, ShownDifference, ShownScope
from tests.unit.console.samples import BY_MAIL, DAYS, Context, Time
from tests.unit.console.samples_admin import ADMIN_APP, ADMINISTRATION, PART, REVIEWED_APP, USER
from tests.unit.console.samples_apps import APP, SIGNED_IN

WITHOUT_SESSION = (
    *(
        "login.html",
        "register.html",
        "consent.html",
        "form_post.html",
        "error.html",
        "by_press.html",
        "before_fetch.html",
        "sign_out.html",
        "signed_out.html",
        "unknown.html",
        "goodbye.html",
        "api_reference.html",
    ),
    *("refused_redirect.html", "refused_redirect_owner.html", "refused_app_owner.html"),
)
FORMER: dict[str, Context] = {name: CONTEXTS[name] for name in WITHOUT_SESSION}
TEMPLATES: dict[str, Context] = {**FORMER, **BY_MAIL, **SIGNED_IN, **ADMINISTRATION}

STRANGER: Context = {
    "hosts": "callback.example.test",
    "claims": [("Calls itself", "Claude"), ("Claims to be from", "app.example.test")],
    "only_here": True,
}
BY_DOCUMENT: Context = {
    "owner_id": "documents",
    "owner_name": "",
    "stranger": "documents",
    "unchecked": STRANGER,
    "document_url": "https://app.example.test/client.json",
}
NOTHING: Context = {
    "apps": [],
    "used": "0",
    "unused": "0",
    "counted_until": None,
    "tokens": Chart("Tokens", DAYS, [0] * 30),
}
LONG = Chart("Failed sign-ins", DAYS, [1_000_000 + number for number in range(30)])
QUIET: Context = {"done": None, "errors": {}}
# state: template, what differs from the sample
STATES: dict[str, tuple[str, Context]] = {
    **{template: (template, {}) for template in TEMPLATES},
    "goodbye where no mail is sent": ("goodbye.html", {"mail_configured": False}),
    "a logout that no app proves": (
        "sign_out.html",
        {"app_name": None, "host": "", "unchecked": True, "fields": {"form_token": "the-form-token"}},
    ),
    "a sign-out that leads to a stranger": ("sign_out.html", {"app_name": None, "unchecked": True}),
    "a sign-out that leads nowhere": ("signed_out.html", {"url": "", "host": ""}),
    "an error that the visitor posts": (
        "by_press.html",
        {"url": "https://client.example.test/cb", "fields": {"error": "invalid_scope", "state": "s-1"}},
    ),
    "a sign-in for a stranger": ("login.html", {"app_name": None, "error": None}),
    "an address of programs": ("unknown.html", {"methods": ("POST",)}),
    "an address that takes no form": ("unknown.html", {"methods": ("GET", "HEAD")}),
    "an address that means nothing": ("unknown.html", {"meant": ""}),
    "nobody failed to sign in": ("login.html", {"of_an_app": False, "error": None}),
    "an account is forgotten where no mail is sent": ("forgotten.html", {"mail_configured": False}),
    "a link is sent": ("forgotten.html", {"sent": True}),
    "a new password is asked for": ("reset.html", {"errors": {}, "user_name": None}),
    "an address is confirmed": ("confirm.html", {"what": "email", "errors": {}}),
    "a registration is confirmed where it was asked for": ("confirm.html", {"is_theirs": True, "errors": {}}),
    "a link that leads nowhere, for somebody signed in": (
        "refused_redirect.html",
        {"sign_in_url": None, "support_contact": ""},
    ),
    "a link to an app without a website": ("refused_redirect.html", {"app_url": "", "app_host": ""}),
    "a link to a stranger": (
        "refused_redirect.html",
        {"app_name": "", "app_url": "", "app_host": "", "sign_in_url": None},
    ),
    "a link to an app without anything": (
        "refused_redirect_owner.html",
        {"by_origin": True, "nearest": "", "differences": []},
    ),
    "a request of a deactivated app, for its owner": (
        "refused_app_owner.html",
        {"status": "deactivated", "status_reason": "Its website is gone.", "support_contact": ""},
    ),
    "a link without an address": ("refused_redirect.html", {"sent": None}),
    "a link without an address, for its owner": (
        "refused_redirect_owner.html",
        {"sent": None, "nearest": None, "differences": [], "fault": ""},
    ),
    "a link to another origin than the website": (
        "refused_redirect_owner.html",
        {"by_origin": True, "differences": [ShownDifference("port", "8080", None, "")], "fault": ""},
    ),
    "an app without problems": ("app.html", {"refused_requests": []}),
    "no apps": ("apps.html", {"apps": [], "next_url": None, "done": None, "is_admin": False}),
    "too many apps": ("apps.html", {"at_limit": True, "next_url": None}),
    "a new app": (
        "app_form.html",
        {**QUIET, "mode": "create", "client_id": None, "app_name": "", "at_stake": None},
    ),
    "an app is edited": ("app_form.html", {**QUIET, "kind_fixed": True, "at_stake": {}}),
    "an app that would wait again is edited": (
        "app_form.html",
        {**QUIET, "withdraws": {"scope": [], "approval": True}},
    ),
    "a change that takes scopes back": (
        "app_form.html",
        {**QUIET, "withdraws": {"scope": ["write"], "approval": False}},
    ),
    "a web app": (
        "app.html",
        {**QUIET, "app": {**APP["app"], "status": "active", "status_reason": ""}, "secrets": [APP["secrets"][1]]},
    ),
    "a public app that waits": (
        "app.html",
        {
            **QUIET,
            "app": {**APP["app"], "confidential": False, "status": "pending", "redirect_uris": [], "last_used": None},
            "secrets": [],
            "can_add_secret": False,
            "support_contact": "",
        },
    ),
    "a job": (
        "app.html",
        {**QUIET, "app": {**APP["app"], "status": "active", "url": "", "redirect_uris": []}, "authorize_url": None},
    ),
    "an app that nobody can try": ("app.html", {"authorize_url": None, "snippets": []}),
    "the only secret": (
        "app_secret_end.html",
        {**QUIET, "secret": {**APP["secrets"][1], "can_end": False}, "label": ""},
    ),
    "a secret that was never used": (
        "app_secret_end.html",
        {**QUIET, "secret": {**APP["secrets"][0], "last_used": None}},
    ),
    "a new web app": ("app_secret.html", {"created": True, "status": "active"}),
    "a new public app": ("app_secret.html", {"created": True, "secret": None}),
    "no connected apps": ("connections.html", {"connections": [], "next_url": None, "done": None}),
    "an account without an address": ("account.html", {**QUIET, "email": "", "email_state": "none"}),
    "an account with a confirmed address": ("account.html", {**QUIET, "email_state": "confirmed"}),
    "an account where no mail is sent": ("account.html", {**QUIET, "mail_configured": False}),
    "nobody is found": ("admin_users.html", {"users": [], "next_url": None}),
    "a user who waits": ("admin_user.html", {**QUIET, "user": {**USER, "status": "pending"}}),
    "a user who is being deleted": ("admin_user.html", {**QUIET, "user": {**USER, "status": "leaving"}}),
    "a user who is deactivated": ("admin_user.html", {**QUIET, "user": {**USER, "status": "deactivated"}}),
    "a user whose apps are stopped": (
        "admin_user.html",
        {**QUIET, "user": {**USER, "status": "deactivated"}, "apps": [{**REVIEWED_APP, "stopped": True}]},
    ),
    "a user without access": (
        "admin_user.html",
        {
            **QUIET,
            "signing_in": {"last": None, "failures": 0, "last_failure": None, "wait": ""},
            "sessions": [],
            "more_sessions": 0,
            "connections": [],
            "connected": 0,
            "more_connections_url": None,
        },
    ),
    "an app by its document": (
        "admin_app.html",
        {
            **QUIET,
            "app": {**ADMIN_APP["app"], **BY_DOCUMENT, "owner_stopped": False, "owner_scope": None},
            "refused_requests": [],
        },
    ),
    "apps by their documents": ("admin_apps.html", {"apps": [{**REVIEWED_APP, **BY_DOCUMENT}], "status": "documents"}),
    "no app by a document": ("admin_apps.html", {"apps": [], "status": "documents", "opened": None, "next_url": None}),
    "a stranger asks": ("consent.html", {"stranger": STRANGER, "notice": "loopback", "implicit": False}),
    "no app is found": ("admin_apps.html", {"apps": [], "query": "shop", "opened": None, "next_url": None}),
    "a user without an app": ("admin_user.html", {**QUIET, "apps": [], "more_apps": 0}),
    "an app of an active owner without limits": (
        "admin_app.html",
        {
            **QUIET,
            "typed_owner": "",
            "app": {
                **REVIEWED_APP,
                "redirect_uris": [],
                "grants": ["Authorization code"],
                "owner_stopped": False,
                "owner_scope": None,
                "acts_for_itself": False,
                "by_update": False,
                "lost": [],
                "last_used": None,
            },
            "people": [],
            "connected": "0",
            "more_people_url": None,
            "refused_requests": None,
        },
    ),
    "an app whose owner may nothing": ("admin_app.html", {**QUIET, "app": {**ADMIN_APP["app"], "owner_scope": []}}),
    "an app that registered itself": (
        "admin_app.html",
        {
            **QUIET,
            "app": {
                **ADMIN_APP["app"],
                "stranger": "registered",
                "unchecked": STRANGER,
                "owner_name": "",
                "owner_scope": None,
            },
        },
    ),
    "apps of nobody": (
        "admin_apps.html",
        {"apps": [{**REVIEWED_APP, "stranger": "documents", "unchecked": STRANGER}], "opened": None},
    ),
    "no app registered itself": (
        "admin_registered.html",
        {**QUIET, "apps": [], "mode": "open", "takes_tokens": False, "permits": [], "token": "", "next_url": None},
    ),
    "no app registered itself so far": ("admin_registered.html", {**QUIET, "apps": [], "mode": "closed", "token": ""}),
    "no app asks": ("admin_apps.html", {"apps": [], "status": "asking", "opened": None, "next_url": None}),
    "no app asks so far": ("admin_apps.html", {"apps": [], "status": "asking", "opened": None}),
    "no app was granted by the update": (
        "admin_apps.html",
        {"apps": [], "status": "update", "opened": None, "next_url": None},
    ),
    "apps that were granted by the update": ("admin_apps.html", {"status": "update", "opened": None}),
    "oneself": ("admin_user.html", {**QUIET, "is_self": True, "scope_rule": "every"}),
    "no app waits": ("admin_apps.html", {"apps": [], "status": "pending", "opened": None, "next_url": None}),
    "a long overview": ("admin_overview.html", {"charts": [LONG] * 4, "tokens": LONG}),
    "no app is used": ("admin_overview.html", {**NOTHING, "show": "used", "next_url": None}),
    "every app is used": ("admin_overview.html", {**NOTHING, "show": "unused", "next_url": None}),
    "an overview that is counted": ("admin_overview.html", {"uncounted": 0, "next_url": None}),
    "an app without use": ("app.html", {"use": Chart("Tokens", DAYS, [0] * 30)}),
    "a day without entries": (
        "admin_audit.html",
        {
            "entries": [],
            "fields": {"user": "", "app": "", "event": "", "from": "2026-11-24", "to": "2026-11-24"},
            "next_day_url": None,
            "next_url": None,
            "by_day_url": None,
        },
    ),
    "several days of the audit list": ("admin_audit.html", {"one_day": False, "previous_day_url": None}),
    "nothing found in the audit list": ("admin_audit.html", {"entries": [], "next_url": None}),
    "nothing found so far in the audit list": ("admin_audit.html", {"entries": []}),
    "an export without entries": (
        "admin_audit_export.html",
        {"parts": [{**PART, "count": 0, "first": None, "last": None}], "next_url": None},
    ),
    "a part of an export without entries": ("admin_audit_export.html", {"parts": []}),
}

every_template = pytest.mark.parametrize("template", TEMPLATES)
every_state = pytest.mark.parametrize("state", STATES)


def html(state: str, **changes: object) -> str:
    template, differs = STATES[state]
    return render(template, **{**TEMPLATES[template], **differs, **changes}).html


def page(state: str, **changes: object) -> Parsed:
    return Parsed(html(state, **changes))


def policy(state: str, *form_targets: str) -> dict[str, str]:
    template, differs = STATES[state]
    made = render(template, form_targets=form_targets, **{**TEMPLATES[template], **differs})
    directives = made.content_security_policy.split("; ")
    return {name: sources for name, _, sources in (directive.partition(" ") for directive in directives)}


def hostile(value: Any) -> Any:
    """The same context value with markup wherever it holds a text, however deep."""
    if isinstance(value, str):
        return MARKUP
    if isinstance(value, dict):
        return {**{name: hostile(inner) for name, inner in value.items()}, MARKUP: MARKUP}
    if isinstance(value, list):
        return [hostile(inner) for inner in value]
    if isinstance(value, ShownScope):
        return ShownScope(MARKUP, MARKUP, True)
    if isinstance(value, Time):
        return Time(MARKUP, MARKUP, MARKUP)
    return value
