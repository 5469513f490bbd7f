"""Telling an app of a logout (OpenID Connect Back-Channel Logout §2.5): a request, before it is sent and after.

Nothing here waits for an app, so that a batch of requests can be sent at the same time.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from gatepost.errors import OAuthError, TemporarilyUnavailable, about
from gatepost.model.fetching import FetchFailed, FetchRefused, Outbound, Outcome
from gatepost.model.logout import LogoutNotice
from gatepost.model.records import App
from gatepost.oauth.server import Server
from gatepost.observability.log import note
from gatepost.oidc.failing_servers import Failures, failures_of
from gatepost.oidc.id_token import id_token_algorithm
from gatepost.oidc.logout_notices import is_told
from gatepost.oidc.logout_token import issue_logout_token
from gatepost.stores.ports.logouts import LogoutQueues
from gatepost.stores.record_keys import AppKey

_TRIES_OF_STRANGERS = 2
# Seconds for a response: in the first queue others wait behind it, and who is cut off there has received the token.
_OF_FIRST, _OF_SLOW = 2.0, 5.0
_DONE, _TOO_MANY = (200, 204), 429  # §2.8; a response that asks to come again later


class LogoutRefused(OAuthError):
    """The app takes no logout token, or its URL may not be called: it is not asked again."""

    code = "logout_refused"


class Receipt(NamedTuple):
    """How a notice came: from which queue, and how often from there."""

    slow: bool
    attempt: int


class Telling(NamedTuple):
    """A notice whose request may be sent."""

    app: App
    notice: LogoutNotice
    receipt: Receipt
    failures: Failures
    request: Outbound


def request_for(
    server: Server, queues: LogoutQueues, notice: LogoutNotice, receipt: Receipt, now: float
) -> Telling | None:
    """Return the request of a notice; None if it is not sent now: the app has changed, or the slow queue has it.

    Raises TemporarilyUnavailable if the app may take it later, LogoutRefused if it had its tries.
    """
    (app,) = server.store.read(AppKey(notice.client_id))
    if not is_told(app):
        return None  # it was changed meanwhile
    failures = failures_of(server.store, app, now)
    if not receipt.slow and (app.is_stranger or failures.is_slow):
        queues.slow.send(notice)
        return None
    try:
        failures.admit(server.store, now)
    except TemporarilyUnavailable as error:
        raise _of_app(error, app, notice, receipt) from None
    signer = server.keys.signer(now, id_token_algorithm(app))
    token = issue_logout_token(
        signer, server.settings, sub=notice.user_id, client_id=app.identifier, sid=notice.session_id, now=now
    )
    request = Outbound(
        method="POST",
        url=app.backchannel_logout_uri,
        body=urlencode({"logout_token": token}),
        content_type="application/x-www-form-urlencoded",
        seconds=_OF_SLOW if receipt.slow else _OF_FIRST,
    )
    return Telling(app=app, notice=notice, receipt=receipt, failures=failures, request=request)


def conclude(server: Server, telling: Telling, outcome: Outcome, now: float) -> None:
    """Note that an app was told. Raises as `request_for` if it was not, once its server's failure is counted."""
    app, notice, failures = telling.app, telling.notice, telling.failures
    try:
        status = _status(outcome)
    except TemporarilyUnavailable as error:
        if not (isinstance(outcome, FetchFailed) and outcome.here):
            failures.count_one(server.store, now)
        raise _of_app(error, app, notice, telling.receipt) from None
    except LogoutRefused as error:
        failures.forget(server.store)
        raise _of_app(error, app, notice, telling.receipt) from None
    note("logout.told", {"client_id": app.client_id, "user_id": notice.user_id, "status": status})
    failures.forget(server.store)


def _status(outcome: Outcome) -> int:
    """Return the status of an app that was told. Raises TemporarilyUnavailable and LogoutRefused."""
    if isinstance(outcome, FetchRefused):
        raise LogoutRefused("not told", reason="the app's URL may not be called", detail=outcome.reason)
    if isinstance(outcome, FetchFailed):
        raise TemporarilyUnavailable("not told", reason="no response of the app", detail=outcome.reason)
    status = outcome.status
    if status == _TOO_MANY or status >= 500:
        raise TemporarilyUnavailable("not told", reason="the app's server failed", detail=f"status {status}")
    if status not in _DONE:
        raise LogoutRefused("not told", reason="the app refused the logout token", detail=f"status {status}")
    return status


def _of_app(error: OAuthError, app: App, notice: LogoutNotice, receipt: Receipt) -> OAuthError:
    """Return the error as the app's; for a stranger that had its tries it is final."""
    if app.is_stranger and receipt.attempt >= _TRIES_OF_STRANGERS:
        error = LogoutRefused("not told", reason=error.reason, detail=error.detail)
    error.facts["user_id"] = notice.user_id
    return about(error, app.client_id, proven=True)
