"""Sentences that explain refused requests to the owner of an app, and refused grants to an app that proved itself.

Whoever registers an app is its owner, so nothing in here tells what an owner must not learn: of a code or token,
whether it is another app's; of a user, whether the name exists.
"""

from __future__ import annotations

from collections.abc import Mapping

_NO_CODE = (
    "The code is unknown, or was issued to another app. Send it at once and unchanged, to the same server and as the "
    "same app that requested it."
)
_NO_REFRESH = (
    "The refresh token is unknown, or was issued to another app. Send it unchanged, to the same server and as the "
    "same app that received it."
)
_ENDED = (
    "The user's grant has ended: the app was disconnected or stopped, or the account was. Ask the user to sign in "
    "again."
)
_STOPPED = "The app is not active. The top of this page says why."
_VERIFIER = (
    "code_verifier does not match the code_challenge of the authorization request. Keep the verifier of each sign-in; "
    "its challenge is its SHA-256 in base64url without padding."
)

# What happened, and in further sentences what to do, by the reason in the log, or by the description where one stands
# for all its reasons. A reason that is not in here is told to nobody.
REASONS: Mapping[str, str] = {
    # the redirect URI
    "redirect_uri not registered": "redirect_uri is not registered. Register it, or send a registered one.",
    "redirect_uri is missing": "redirect_uri is missing. Send it, unless the app has registered exactly one.",
    "redirect_uri missing": "redirect_uri is missing. The authorization request had it, so this one needs it.",
    "redirect_uri differs": (
        "redirect_uri differs from the one in the authorization request. Send the same, character by character."
    ),
    "redirect_uri was removed": (
        "redirect_uri was removed from the app while the user signed in. Register it again, or send another."
    ),
    # the app
    "app is pending": _STOPPED,
    "app is deactivated": _STOPPED,
    "its owner is stopped": _STOPPED,
    "wrong secret": "The secret is wrong. Copy it again, or make a new one under Secrets.",
    "no secret": "The secret is missing. Send it in the Authorization header or as client_secret.",
    "a public app has no secret": "A secret was sent, but this app has none. Send client_id in the body alone.",
    "grant type not of the app": "The app is not registered for this grant. Choose it under Settings.",
    "a public app may not use grant_type client_credentials": (
        "client_credentials needs an app with a secret. Create one for it."
    ),
    "a public app may not introspect tokens": (
        "Only an app with a secret may introspect tokens. Create one for the API."
    ),
    # the form of a request
    "a parameter is sent more than once": (
        "A parameter was sent more than once. Send each once; only resource may be repeated."
    ),
    "a parameter holds a control character": "A parameter holds a control character. Look for a line break at its end.",
    "response_type is missing": "response_type is missing. To get a code, send code.",
    "response_type is not supported": "The server does not support this response_type. To get a code, send code.",
    "response_mode is not supported for this response_type": (
        "The server does not support this response_mode. Leave it out, or see the metadata."
    ),
    "prompt must be none, or a combination of login, consent and select_account": (
        "prompt must be none, or one or more of login, consent and select_account."
    ),
    "response_mode form_post needs an http or https redirect_uri": (
        "response_mode form_post needs an http or https redirect_uri."
    ),
    "max_age must be a number of seconds": "max_age must be a number of seconds.",
    "nonce is too long": "nonce is too long: 500 characters at most.",
    "request is not supported: send the parameters directly": (
        "The server does not support request. Send its parameters themselves."
    ),
    "request_uri is not supported: send the parameters directly": (
        "The server does not support request_uri. Send its parameters themselves."
    ),
    "code_challenge is missing": "code_challenge is missing. An app without a secret has to use PKCE.",
    "code_challenge must be 43 characters of base64url": (
        "code_challenge is not a SHA-256 in base64url. It has 43 characters, and no padding."
    ),
    "code_challenge_method is missing, which means plain: send S256": (
        "code_challenge_method is missing, which means plain. Send S256."
    ),
    "code_challenge_method must be S256: plain is not supported": (
        "code_challenge_method is not S256. Send S256, and as challenge the SHA-256 of the verifier: plain is not"
        " supported."
    ),
    # logout
    "post_logout_redirect_uri is not registered for this app": (
        "post_logout_redirect_uri is not registered. Register it, or send a registered one."
    ),
    "client_id is not the app that id_token_hint was issued to": (
        "id_token_hint was issued to another app. Send an ID token of this one, or no client_id."
    ),
    "no response of the app": "The app was not notified of a logout: its server did not respond. It will be retried.",
    "the app's server failed": "The app was not notified of a logout: its server failed. It will be retried.",
    "the app's server failed before": "The app was not notified of a logout: its server failed before. To be retried.",
    "the app refused the logout token": "The app was not notified of a logout: it responded with neither 200 nor 204.",
    "the app's URL may not be called": "The app was not notified of a logout: its URI may not be called.",
    # codes and tokens
    "unknown code": _NO_CODE,
    "code of another app": _NO_CODE,
    "no grant for the code": _NO_CODE,
    "expired": "The code has expired. Redeem codes as soon as they arrive.",
    "redeemed a moment ago": "The code was already used, a moment ago. The first time counts; redeem each code once.",
    "redeemed twice": "The code was already used, so all tokens issued for it were revoked. Redeem each code once.",
    "code_verifier does not match": _VERIFIER,
    "code_verifier missing": (
        "code_verifier is missing. The authorization request had a code_challenge, so this one needs it."
    ),
    "code_verifier malformed": "code_verifier is malformed. It has 43 to 128 letters, digits and -._~ (RFC 7636).",
    "code_verifier without code_challenge": (
        "code_verifier was sent, but the authorization request had no code_challenge. Send both, or neither."
    ),
    "malformed": _NO_REFRESH,
    "not authentic": _NO_REFRESH,
    "no such grant": _NO_REFRESH,
    "refresh token of another app": _NO_REFRESH,
    "generation from the future": _NO_REFRESH,
    "reused": "The refresh token was already used, so the grant was revoked. Always store the newest token.",
    "expired or idle": "The refresh token has expired. The user has to sign in again.",
    "revoked": _ENDED,
    "revoked meanwhile": _ENDED,
    "app is not active": _ENDED,
    "account is not active": _ENDED,
    "account is gone": _ENDED,
    "voided with the app": _ENDED,
    "voided by the account": _ENDED,
    # scopes and resources
    "scope unknown": (
        "The server does not have this scope. Check its spelling against scopes_supported in the metadata."
    ),
    "scope not of the app": "The app does not have this scope. Choose it under Settings.",
    "scope not allowed": (
        "An administrator or an account's limit does not allow this scope. Ask an administrator for it."
    ),
    "scope not of the grant": "The user did not grant this scope. Request it when the user signs in.",
    "scope of another resource": (
        "The scope is not for this resource. Request another scope, or name the resource that has it."
    ),
    "scope is too long": "scope is too long. It has 1000 characters at most.",
    "scope holds a character that is not allowed": (
        "scope holds a character that is not allowed. It is names with spaces between them, without quotes."
    ),
    "nothing of the scope is left": (
        "The app or the user no longer has any of the scopes that were granted. Ask the user to sign in again."
    ),
    "unknown resource": "The server does not have this resource. Send the URL of one in the list under Try it.",
    "resource of another grant": (
        "The resource was not named when the user granted access. Name it in the authorization request, too."
    ),
    "too many resources": "The request names too many resources. Ten are allowed.",
    "several resources": "A token is for one resource, and the request names several. Send a request for each.",
    # what was not heeded
    "audience ignored": "audience is ignored. Name the API in resource (RFC 8707).",
    "parameters ignored": "The server does not have these parameters, and ignores them. Check their spelling.",
    # users
    "the user name or password is wrong": "The user name or the password is wrong, or the account is not active.",
    "throttled": "Too many wrong passwords were sent for this user. The response says how long to wait.",
}  # fmt: skip
