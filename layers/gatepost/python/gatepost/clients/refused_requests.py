"""Problems of an app: refused requests, with the reason that the response does not tell, for its owner.

`REASONS` has everything that an owner is told. Whoever registers an app is its owner, so nothing in it tells what an
owner must not learn: of a code or token, whether it is another app's; of a user, whether the name exists.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gatepost.errors import OAuthError
from gatepost.model.problem import Problem

KEPT = 7 * 86400  # seconds after the last one
EVERY = 10  # seconds between two writes of one app, in a container
MOST_SHOWN = 20
_MOST_APPS = 1000  # that a container remembers
_MOST_WAITING = 10  # problems of one app, besides the one that is written at once

_NO_CODE = "The code is unknown, or not this app's."
_NO_TOKEN = "The refresh token is unknown, or not this app's."  # noqa: S105
_ENDED = "The user's grant has ended: the app was disconnected or stopped, or the account was."
_STOPPED = "The app is not active. The top of this page says why."
_VERIFIER = "code_verifier does not match the code_challenge that was sent when the code was requested."

# What the owner reads, by the reason in the log, or by the description where one stands for all its reasons. A reason
# that is not in here is told to nobody.
REASONS: Mapping[str, str] = {
    # the redirect URI
    "redirect_uri not registered": "redirect_uri is not registered. Register it, or send a registered one.",
    "redirect_uri is missing": "redirect_uri is missing. Send it, unless the app has registered exactly one.",
    "redirect_uri missing": "redirect_uri is missing. The authorization request had it, so this one needs it.",
    "redirect_uri differs": "redirect_uri differs from the one in the authorization request.",
    "redirect_uri was removed": "redirect_uri was removed from the app while the user signed in.",
    # the app
    "app is pending": _STOPPED,
    "app is deactivated": _STOPPED,
    "its owner is stopped": _STOPPED,
    "wrong secret": "The secret is wrong.",
    "no secret": "The secret is missing. Send it in the Authorization header or as client_secret.",
    "a public app has no secret": "A secret was sent, but this app has none.",
    "grant type not of the app": "The app is not registered for this grant. Choose it under Edit app.",
    "a public app may not use grant_type client_credentials": "client_credentials needs an app with a secret.",
    "a public app may not introspect tokens": "Only an app with a secret may introspect tokens.",
    # the form of a request
    "a parameter is sent more than once": "A parameter was sent more than once.",
    "a parameter holds a control character": "A parameter holds a control character.",
    "response_type is missing": "response_type is missing. To get a code, send code.",
    "response_type is not supported": "The server does not support this response_type.",
    "response_mode is not supported for this response_type": "The server does not support this response_mode.",
    "prompt must be none, or a combination of login, consent and select_account": (
        "prompt must be none, or one or more of login, consent and select_account."
    ),
    "response_mode form_post needs an http or https redirect_uri": (
        "response_mode form_post needs an http or https redirect_uri."
    ),
    "max_age must be a number of seconds": "max_age must be a number of seconds.",
    "nonce is too long": "nonce is too long: 500 characters at most.",
    "request is not supported: send the parameters directly": "The server does not support request.",
    "request_uri is not supported: send the parameters directly": "The server does not support request_uri.",
    "code_challenge is missing": "code_challenge is missing. An app without a secret has to use PKCE.",
    "code_challenge must be 43 characters of base64url": "code_challenge is not a base64url-encoded SHA-256.",
    "code_challenge_method must be S256": "code_challenge_method must be S256; plain is not supported.",
    # logout
    "post_logout_redirect_uri is not registered for this app": "post_logout_redirect_uri is not registered.",
    "client_id is not the app that id_token_hint was issued to": "id_token_hint was issued to another app.",
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
    "redeemed a moment ago": "The code was redeemed twice within seconds. The first time counts.",
    "redeemed twice": "The code was redeemed twice. All tokens issued for it have been revoked.",
    "code_verifier does not match": _VERIFIER,
    "code_verifier missing or malformed": "code_verifier is missing, or not 43 to 128 characters long.",
    "code_verifier without code_challenge": "code_verifier was sent, but no code_challenge before.",
    "malformed": _NO_TOKEN,
    "not authentic": _NO_TOKEN,
    "no such grant": _NO_TOKEN,
    "refresh token of another app": _NO_TOKEN,
    "generation from the future": _NO_TOKEN,
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
    "scope unknown": "The server does not have this scope.",
    "scope not of the app": "The app does not have this scope. Choose it under Edit app.",
    "scope not allowed": "An administrator or an account's limit does not allow this scope.",
    "scope not of the grant": "The user did not grant this scope.",
    "scope of another resource": "The scope is not for this resource.",
    "scope is too long": "scope is too long.",
    "scope holds a character that is not allowed": "scope holds a character that is not allowed.",
    "nothing of the scope is left": "The app or the user no longer has any of the scopes that were granted.",
    "unknown resource": "The server does not have this resource.",
    "resource of another grant": "The resource was not named when the user granted access.",
    "too many resources": "The request names too many resources.",
    "several resources": "A token is for one resource, and the request names several.",
    # users
    "the user name or password is wrong": "The user name or the password is wrong, or the account is not active.",
    "throttled": "Too many wrong passwords were sent for this user. The response says how long to wait.",
}  # fmt: skip


def problem_of(error: OAuthError, endpoint: str, now: float) -> Problem | None:
    """Return what to tell the owner of the app, None if the error is of no registered app or not theirs to fix."""
    reason = REASONS.get(error.description) or REASONS.get(error.reason)
    if not error.client_id or reason is None:
        return None
    return Problem(
        client_id=error.client_id,
        endpoint=endpoint,
        error=error.code,
        reason=reason,
        detail=error.detail,
        proven=error.proven,
        times=1,
        first_at=int(now),
        last_at=int(now),
        expires_at=int(now) + KEPT,
    )


def shown_problems(problems: Sequence[Problem], now: float) -> Sequence[Problem]:
    """Return the last problems, newest first. Those that anybody can cause never leave less than half to the others."""
    living = sorted((each for each in problems if each.expires_at > now), key=lambda each: -each.last_at)
    anybodys = [each for each in living if not each.proven]
    proven = [each for each in living if each.proven][: MOST_SHOWN - min(len(anybodys), MOST_SHOWN // 2)]
    return sorted((*proven, *anybodys[: MOST_SHOWN - len(proven)]), key=lambda each: -each.last_at)


class Waiting:
    """The problems of a container that are not written yet: each app has one write in `EVERY` seconds.

    That write takes the newest problem and all that wait. Equal ones wait as one, and of too many the oldest goes that
    was not proven, so nobody keeps an owner from seeing what the app caused by sending other requests. What waits when
    the requests or the container end stands in the log only.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._apps: OrderedDict[str, tuple[float, dict[str, Problem]]] = OrderedDict()

    def due(self, problem: Problem, now: float) -> Sequence[Problem]:
        """Add a problem, and return those of the same app to write now: none if it had a write just before."""
        written_at, waiting = self._apps.pop(problem.client_id, (float("-inf"), {}))
        before = waiting.pop(problem.slot, None)
        if before is not None:
            problem = replace(problem, times=before.times + 1, first_at=before.first_at)
        waiting[problem.slot] = problem
        due = () if 0 <= now - written_at < EVERY else tuple(waiting.values())
        if due:
            written_at, waiting = now, {}
        elif len(waiting) > _MOST_WAITING:
            del waiting[min(waiting, key=lambda slot: waiting[slot].proven)]
        self._apps[problem.client_id] = (written_at, waiting)
        if len(self._apps) > _MOST_APPS:
            self._apps.popitem(last=False)
        return due

    def __len__(self) -> int:
        """Return the number of apps that are remembered."""
        return len(self._apps)
