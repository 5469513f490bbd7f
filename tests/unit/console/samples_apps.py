"""Contexts of the pages of apps that show every part of them; and those of all pages of signed-in users."""

from __future__ import annotations

from gatepost.console.charts import Chart
from tests.unit.console.samples import ACCOUNT, CONNECTIONS, CREATED, DAYS, FRAME, ID, READ, USED, WRITE, Context

STANDINGS = [
    {**READ, "users": "open", "itself": "granted"},
    {**WRITE, "users": "asked", "itself": "asked"},
    {"name": "people", "description": "Read names", "users": "granted", "itself": "never"},
    {"name": "free", "description": "Read what is public", "users": "open", "itself": "open"},
]
SNIPPETS = [
    {
        "id": "curl",
        "label": "curl",
        "code": f"curl https://auth.example.test/authorization/token \\\n  --user {ID}:$SECRET \\\n"
        "  --data grant_type=client_credentials \\\n  --data scope=read",
    },
    {
        "id": "python",
        "label": "Python",
        "code": "from authlib.integrations.requests_client import OAuth2Session\n\n"
        f'client = OAuth2Session("{ID}", "…", scope="read")\n'
        'token = client.fetch_token("https://auth.example.test/authorization/token")\nprint(token)',
    },
    {"id": "javascript", "label": "Node.js", "code": 'import * as oauth from "oauth4webapi"\n'},
]
SIGN_IN_SNIPPETS = [
    {"id": "authlib", "label": "Authlib (Python)", "code": "from authlib.integrations.flask_client import OAuth\n"},
    {"id": "curl", "label": "curl", "code": f"curl --data client_id={ID}\n"},
]
LISTED_APP = {
    "client_id": ID, "name": "Demo web app", "confidential": True, "status": "active", "status_reason": "",
    "connected": "3", "last_used": USED, "created": CREATED,
}  # fmt: skip
APPS: Context = {
    **FRAME,
    "apps": [
        LISTED_APP,
        {**LISTED_APP, "name": "Photo printer", "confidential": False, "status": "pending", "last_used": None},
        {**LISTED_APP, "name": "Newsletter", "status": "deactivated", "status_reason": "It asked for too much."},
    ],
    "at_limit": False, "limit": 16, "next_url": "/developer/apps?after=the-cursor",
}  # fmt: skip
REFUSED = [
    {
        "reason": "redirect_uri differs from the one in the authorization request.",
        "remedy": "Send the same, character by character.",
        "detail": "sent https://client.example.test/cb/, was https://client.example.test/cb",
        "endpoint": "/authorization/token", "error": "invalid_grant", "count": "12 times today, the last at",
        "proven": True, "last": USED,
    },
    {
        "reason": "audience is ignored.", "remedy": "Name the API in resource (RFC 8707).", "detail": "",
        "endpoint": "/developer/auth", "error": "", "count": "Once, at", "proven": False, "last": USED,
    },
]  # fmt: skip
APP: Context = {
    **FRAME,
    "app": {
        "client_id": ID, "name": "Demo web app", "url": "https://client.example.test", "confidential": True,
        "status": "deactivated", "status_reason": "It asked for too much.", "logo": "the-logos-digest",
        "redirect_uris": ["https://client.example.test/callback"], "grants": ["Authorization code", "Refresh token"],
        "scopes": STANDINGS, "acts_for_itself": True, "created": CREATED, "connected": "3", "last_used": USED,
        "administered": USED,
        "openid": {
            "post_logout_redirect_uris": ["https://client.example.test/bye"],
            "backchannel_logout_uri": "https://client.example.test/logout", "tells_of_logouts": False,
            "signs_userinfo": False, "id_token": "RS256", "userinfo": "",
        },
    },
    "use": Chart("Tokens", DAYS, [0] * 28 + [12, 3]), "todays_problems": REFUSED[:1],
    "support_contact": "support@example.test",
}  # fmt: skip
APP_PROBLEMS: Context = {**FRAME, "app": APP["app"], "refused_requests": REFUSED}
APP_SECRETS: Context = {
    **FRAME, "app": APP["app"],
    "secrets": [
        {"secret_id": "one", "label": "Staging", "created": CREATED, "last_used": USED, "can_end": True},
        {"secret_id": "two", "label": "", "created": USED, "last_used": None, "can_end": False},
    ],
    "can_add_secret": True, "errors": {"label": "A label has at most 60 characters."}, "label": "Production",
}  # fmt: skip
APP_TRY: Context = {
    **FRAME, "app": APP["app"], "support_contact": "support@example.test",
    "authorize_url": f"https://auth.example.test/developer/auth?response_type=code&client_id={ID}&scope=read",
    "addresses": [
        ("Issuer", "https://auth.example.test"), ("Token", "https://auth.example.test/authorization/token"),
    ],
    "sign_in_snippets": SIGN_IN_SNIPPETS, "snippets": SNIPPETS, "audience": "https://auth.example.test",
    "apis": [
        {
            "name": "Reports", "url": "https://reports.example.test/*", "scopes": STANDINGS, "acts_for_itself": True,
            "authorize_url": "https://auth.example.test/developer/auth?resource=https%3A%2F%2Freports.example.test",
            "below": True,
        },
    ],
}  # fmt: skip
APP_NEW: Context = {
    **FRAME, "kinds": [("web", "Web app", "Runs on your server."), ("job", "Job", "Acts on its own behalf.")],
    "what": "job", "name": "Nightly report", "errors": {"name": "Give the app a name."},
}  # fmt: skip
APP_FORM: Context = {
    **FRAME, "mode": "edit", "action": f"/developer/apps/{ID}/edit", "app": APP["app"],
    "confirm_name": "Demo",
    "values": {
        "name": "Demo web app!", "url": "https://client.example.test",
        "redirect_uris": "https://client.example.test/callback\r\nhttps://client.example.test/other",
        "kind": "confidential", "grant_types": ["authorization_code", "refresh_token"], "scope": ["read"],
        "post_logout_redirect_uris": "https://client.example.test/bye",
        "backchannel_logout_uri": "https://client.example.test/logout", "id_token_signed_response_alg": "RS256",
        "userinfo_signed_response_alg": "",
    },
    "withdraws": None, "at_stake": {"scope": ["read", "write"], "approval": True}, "openid": True,
    "tells_of_logouts": True, "signs_userinfo": True, "algorithms": ("RS256", "ES256"), "kind_fixed": False,
    "grants": [
        {
            "name": "authorization_code", "label": "Authorization code",
            "sentence": "People sign in here and allow the app.", "warning": None, "available": True,
        },
        {
            "name": "implicit", "label": "Implicit", "sentence": "The app gets its token in the address of the page.",
            "warning": "Others may read it there. Use authorization code instead.", "available": False,
        },
        {
            "name": "refresh_token", "label": "Refresh token",
            "sentence": "The app stays connected when its access token has expired.", "warning": None,
            "available": True,
        },
    ],
    "scopes": [
        {**READ, "itself": "open", "users": "open", "apis": []},
        {**WRITE, "itself": "approved", "users": "restricted", "apis": []},
        {"name": "people", "description": "Read names", "itself": "never", "users": "marked", "apis": ["Reports"]},
        {"name": "free", "description": "Read what is public", "itself": "granted", "users": "open", "apis": []},
    ],
    "errors": {
        "name": "You already have an app with this name.", "url": "The url must start with https://.",
        "redirect_uris": "Redirect URI 2 must not have a fragment.", "kind": "Choose one of the two.",
        "grant_types": "Choose at least one grant.", "scope": "Choose at least one scope.",
        "version": "The app was changed in another window.", "confirm_name": "This is not the name of the app.",
        "logo": "Choose an image.",
    },
    "version": 7,
}  # fmt: skip
APP_SECRET_END: Context = {
    **FRAME, "name": "Demo web app", "client_id": ID, "secret": APP_SECRETS["secrets"][0], "label": "Stag",
    "errors": {"label": "The label holds a character that can't be seen."},
}  # fmt: skip
APP_SECRET: Context = {
    **FRAME, "name": "Demo web app", "client_id": ID, "secret": "Zt8vXqJm2W0c5n1uYb7kR4eH9sLpA3dGfTiNoQxVwKE",
    "created": False, "status": "pending", "status_reason": "", "support_contact": "support@example.test",
    "sign_in_snippets": SIGN_IN_SNIPPETS, "snippets": SNIPPETS,
}  # fmt: skip
SIGNED_IN: dict[str, Context] = {
    "apps.html": APPS,
    "app_form.html": APP_FORM,
    "app.html": APP,
    "app_new.html": APP_NEW,
    "app_problems.html": APP_PROBLEMS,
    "app_secrets.html": APP_SECRETS,
    "app_try.html": APP_TRY,
    "app_secret.html": APP_SECRET,
    "app_secret_end.html": APP_SECRET_END,
    "connections.html": CONNECTIONS,
    "account.html": ACCOUNT,
}
