"""Every page in each of its states, parsed."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from gatepost.console.charts import Chart
from gatepost.console.pages import render
from tests.unit.console.rendered import CONTEXTS, MARKUP, Parsed, ShownDifference, ShownScope
from tests.unit.console.samples import BY_MAIL, DAYS, ID, Context, Time
from tests.unit.console.samples_admin import ADMIN_APP, ADMIN_OVERVIEW, ADMINISTRATION, PART, REVIEWED_APP, USER
from tests.unit.console.samples_apps import APP, APP_SECRETS, SIGNED_IN

TEMPLATES: dict[str, Context] = {**CONTEXTS, **BY_MAIL, **SIGNED_IN, **ADMINISTRATION}

STRANGER: Context = {
    "hosts": "callback.example.test",
    "claims": [("Calls itself", "Claude"), ("Claims to be from", "app.example.test")], "only_here": True,
}  # fmt: skip
BY_DOCUMENT: Context = {
    "owner_id": "documents", "owner_name": "", "stranger": "documents", "unchecked": STRANGER,
    "document_url": "https://app.example.test/client.json",
}  # fmt: skip
NOTHING: Context = {
    "apps": [], "used": "0", "unused": "0", "counted_until": None, "tokens": Chart("Tokens", DAYS, [0] * 30),
    "failures": [],
}  # fmt: skip
LONG = Chart("Failed sign-ins", DAYS * 3, [100_000 + number for number in range(90)], 1)
QUIET: Context = {"done": None, "errors": {}}
WAITING: Context = {**APP["app"], "confidential": False, "status": "pending", "redirect_uris": [], "last_used": None}
# template: its states, and what differs in them from the sample
_STATES: dict[str, dict[str, Context]] = {
    "goodbye.html": {"goodbye where no mail is sent": {"mail_configured": False}},
    "sign_out.html": {
        "a logout that no app proves": {
            "app_name": None, "host": "", "unchecked": True, "fields": {"form_token": "the-form-token"},
        },
        "a sign-out that leads to a stranger": {"app_name": None, "unchecked": True},
    },
    "signed_out.html": {"a sign-out that leads nowhere": {"url": "", "host": ""}},
    "by_press.html": {
        "an error that the visitor posts": {
            "url": "https://client.example.test/cb", "fields": {"error": "invalid_scope", "state": "s-1"},
        },
    },
    "login.html": {
        "a sign-in for a stranger": {"app_name": None, "error": None},
        "nobody failed to sign in": {"of_an_app": False, "error": None},
    },
    "unknown.html": {
        "an address of programs": {"methods": ("POST",)},
        "an address that takes no form": {"methods": ("GET", "HEAD")},
        "an address that means nothing": {"meant": ""},
    },
    "forgotten.html": {
        "an account is forgotten where no mail is sent": {"mail_configured": False},
        "a link is sent": {"sent": True},
    },
    "reset_done.html": {"a new password is set": {"end_grants": False, "of_an_app": False, "next": "/developer"}},
    "link_gone.html": {
        "a link to confirm is gone": {"of_password": False},
        "a link to confirm is gone where nobody registers": {"of_password": False, "registration_open": False},
    },
    "reset.html": {"a new password is asked for": {"errors": {}, "user_name": None}},
    "confirm.html": {
        "an address is confirmed": {"what": "email", "errors": {}},
        "a registration is confirmed where it was asked for": {"is_theirs": True, "errors": {}},
        "an invitation is accepted": {
            "what": "invite", "is_theirs": True, "password_min_length": 10, "errors": {"new_password": "Use more."},
        },
    },
    "refused_redirect.html": {
        "a link that leads nowhere, for somebody signed in": {"sign_in_url": None, "support_contact": ""},
        "a link to an app without a website": {"app_url": "", "app_host": ""},
        "a link to a stranger": {"app_name": "", "app_url": "", "app_host": "", "sign_in_url": None},
        "a link without an address": {"sent": None},
    },
    "refused_redirect_owner.html": {
        "a link to an app without anything": {"by_origin": True, "nearest": "", "differences": []},
        "a link without an address, for its owner": {"sent": None, "nearest": None, "differences": [], "fault": ""},
        "a link to another origin than the website": {
            "by_origin": True, "differences": [ShownDifference("port", "8080", None, "")], "fault": "",
        },
    },
    "refused_app_owner.html": {
        "a request of a deactivated app, for its owner": {
            "status": "deactivated", "status_reason": "Its website is gone.", "support_contact": "",
        },
    },
    "app.html": {
        "a web app": {"app": {**APP["app"], "status": "active", "status_reason": ""}, "todays_problems": []},
        "a public app that waits": {"app": WAITING, "support_contact": "", "todays_problems": []},
        "a job": {"app": {**APP["app"], "status": "active", "url": "", "redirect_uris": []}},
        "an app without use": {"use": Chart("Tokens", DAYS, [0] * 30)},
        "an app that can't read userinfo": {
            "app": {**APP["app"], "openid": {**APP["app"]["openid"], "userinfo": "RS256", "tells_of_logouts": True}},
        },
    },
    "app_new.html": {"an app is begun": {**QUIET, "name": "", "what": "web"}},
    "app_problems.html": {"an app without problems": {"refused_requests": []}},
    "app_secrets.html": {
        "the only secret is listed": {**QUIET, "secrets": [APP_SECRETS["secrets"][1]], "label": ""},
        "an administrator sees secrets": {**QUIET, "administers": {"user_id": ID, "user_name": "bob"}},
    },
    "app_try.html": {
        "a job is tried": {"app": {**APP["app"], "status": "active"}, "authorize_url": None, "sign_in_snippets": []},
        "an app that nobody can try": {"authorize_url": None, "sign_in_snippets": [], "snippets": []},
        "an app that waits is tried": {"app": WAITING},
    },
    "apps.html": {
        "no apps": {"apps": [], "next_url": None, "done": None, "is_admin": False},
        "too many apps": {"at_limit": True, "next_url": None},
    },
    "app_form.html": {
        "an administrator edits": {**QUIET, "administers": {"user_id": ID, "user_name": "bob"}},
        "a new app": {**QUIET, "mode": "create", "app": None, "at_stake": None},
        "an app is edited": {
            **QUIET, "kind_fixed": True, "at_stake": {}, "app": {**APP["app"], "logo": ""},
        },
        "an app that would wait again is edited": {**QUIET, "withdraws": {"scope": [], "approval": True}},
        "a change that takes scopes back": {**QUIET, "withdraws": {"scope": ["write"], "approval": False}},
    },
    "app_secret_end.html": {
        "the only secret": {**QUIET, "secret": {**APP_SECRETS["secrets"][1], "can_end": False}, "label": ""},
        "a secret that was never used": {**QUIET, "secret": {**APP_SECRETS["secrets"][0], "last_used": None}},
    },
    "app_secret.html": {
        "a new web app": {"created": True, "status": "active"},
        "a new public app": {"created": True, "secret": None},
    },
    "connections.html": {"no connected apps": {"connections": [], "next_url": None, "done": None}},
    "account.html": {
        "an account without an address": {**QUIET, "email": "", "email_state": "none"},
        "an account with a confirmed address": {**QUIET, "email_state": "confirmed"},
        "an account where no mail is sent": {**QUIET, "mail_configured": False},
    },
    "admin_users.html": {
        "nobody is found": {"users": [], "next_url": None, "is_full": False, "totals": None},
        "nobody is found so far": {"users": [], "is_full": False, "totals": None},
        "a server without users": {"users": [], "next_url": None, "narrowed": False, "query": "", "totals": None},
    },
    "admin_invite.html": {"nobody can be invited": {"mail_configured": False, "errors": {}}},
    "admin_user.html": {
        "a user who waits": {**QUIET, "user": {**USER, "status": "pending"}},
        "a user who is being deleted": {**QUIET, "user": {**USER, "status": "leaving"}},
        "a user who is deactivated": {**QUIET, "user": {**USER, "status": "deactivated"}},
        "a user whose apps are stopped": {
            **QUIET, "user": {**USER, "status": "deactivated"}, "apps": [{**REVIEWED_APP, "stopped": True}],
        },
        "a user without access": {
            **QUIET, "signing_in": {
                "factors": ["Password"], "can_reset": False, "last": None, "failures": 0, "last_failure": None,
                "wait": "",
            },
            "sessions": [],
            "more_sessions": 0, "connections": [], "connected": 0, "more_connections_url": None,
        },
        "a user without an app": {**QUIET, "apps": [], "more_apps": 0},
        "oneself": {**QUIET, "is_self": True, "scope_rule": "every"},
    },
    "admin_app.html": {
        "an app by its document": {
            **QUIET, "app": {**ADMIN_APP["app"], **BY_DOCUMENT, "owner_stopped": False, "owner_scope": None},
            "refused_requests": [],
        },
        "an app of an active owner without limits": {
            **QUIET, "typed_owner": "",
            "app": {
                **REVIEWED_APP, "redirect_uris": [], "grants": ["Authorization code"], "owner_stopped": False,
                "owner_scope": None, "acts_for_itself": False, "by_update": False, "lost": [], "last_used": None,
            },
            "people": [], "connected": "0", "more_people_url": None, "refused_requests": None,
        },
        "an app whose owner may nothing": {**QUIET, "app": {**ADMIN_APP["app"], "owner_scope": []}},
        "an app that registered itself": {
            **QUIET,
            "app": {
                **ADMIN_APP["app"], "stranger": "registered", "unchecked": STRANGER, "owner_name": "",
                "owner_scope": None,
            },
        },
    },
    "admin_apps.html": {
        "apps by their documents": {"apps": [{**REVIEWED_APP, **BY_DOCUMENT}], "status": "documents"},
        "no app by a document": {"apps": [], "status": "documents", "opened": None, "next_url": None},
        "no app is found": {"apps": [], "query": "shop", "opened": None, "next_url": None},
        "apps of nobody": {
            "apps": [{**REVIEWED_APP, "stranger": "documents", "unchecked": STRANGER}], "opened": None,
        },
        "no app asks": {"apps": [], "status": "asking", "opened": None, "next_url": None},
        "no app asks so far": {"apps": [], "status": "asking", "opened": None},
        "no app was granted by the update": {"apps": [], "status": "update", "opened": None, "next_url": None},
        "apps that were granted by the update": {"status": "update", "opened": None},
        "no app waits": {"apps": [], "status": "pending", "opened": None, "next_url": None},
    },
    "consent.html": {
        "a stranger asks": {
            "stranger": STRANGER, "notice": "loopback", "implicit": False, "app": {**APP["app"], "logo": ""},
        },
        "a stranger that was approved before asks": {"stranger": STRANGER},
    },
    "admin_registered.html": {
        "no app registered itself": {
            **QUIET, "apps": [], "mode": "open", "takes_tokens": False, "permits": [], "token": "", "next_url": None,
        },
        "no app registered itself so far": {**QUIET, "apps": [], "mode": "closed", "token": ""},
    },
    "admin_overview.html": {
        "a long overview": {"charts": [LONG] * 4, "tokens": LONG},
        "no app is used": {**NOTHING, "show": "used", "next_url": None},
        "every app is used": {**NOTHING, "show": "unused", "next_url": None, "tokens": ADMIN_OVERVIEW["tokens"]},
        "nothing happened": {**NOTHING, "charts": [], "uncounted": 0, "next_url": None},
        "an overview that is counted": {"uncounted": 0, "next_url": None},
    },
    "admin_audit.html": {
        "a day without entries": {
            "entries": [], "fields": {"user": "", "app": "", "event": "", "from": "2026-11-24", "to": "2026-11-24"},
            "next_day_url": None, "next_url": None, "by_day_url": None,
        },
        "several days of the audit list": {"previous_day_url": None},
        "nothing found in the audit list": {"entries": [], "next_url": None},
        "nothing found so far in the audit list": {"entries": []},
    },
    "admin_audit_export.html": {
        "an export without entries": {"parts": [{**PART, "count": 0, "first": None, "last": None}], "next_url": None},
        "a part of an export without entries": {"parts": []},
    },
}  # fmt: skip
# state: template, what differs from the sample
STATES: dict[str, tuple[str, Context]] = {
    **{template: (template, {}) for template in TEMPLATES},
    **{state: (template, differs) for template, states in _STATES.items() for state, differs in states.items()},
}

every_template = pytest.mark.parametrize("template", TEMPLATES)
every_state = pytest.mark.parametrize("state", STATES)


def html(state: str, **changes: object) -> str:
    template, differs = STATES[state]
    return render(template, **{**TEMPLATES[template], **differs, **changes}).html


def page(state: str, **changes: object) -> Parsed:
    return Parsed(html(state, **changes)) if changes else _shown(state)


@cache  # many tests look at the same page
def _shown(state: str) -> Parsed:
    return Parsed(html(state))


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
