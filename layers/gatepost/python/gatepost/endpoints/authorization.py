"""The authorization endpoint (RFC 6749 §3.1): from a request to a proven callback, and a checked request.

The checks run in the order of the functions: the callback first, then the app and its request. `decision` follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gatepost.clients.scopes import allowed_by, most_requested
from gatepost.endpoints.response_modes import in_fragment, is_posted
from gatepost.errors import InvalidRequest, InvalidScope, InvalidTarget, UnsupportedResponseType, about
from gatepost.grants import RESPONSES, authorization_code, implicit, is_offered
from gatepost.grants.authorization_code import FORM_POST
from gatepost.grants.token_response import requested_scope, scope_there
from gatepost.model.records import PENDING, App, User
from gatepost.oauth.client_authentication import not_registered_for, why_stopped
from gatepost.oauth.ignored_parameters import hint
from gatepost.oauth.parameters import Parameters
from gatepost.oauth.pkce import check_challenge
from gatepost.oauth.redirect_uris import Callback, proven_redirect_uri
from gatepost.oauth.resource_indicators import Target, requested_targets, sole_target
from gatepost.oidc import authorization_request as openid
from gatepost.quoting import quoted
from gatepost.scope import Scope, granted_scope
from gatepost.settings import Settings


class AuthorizationRequest(NamedTuple):
    """A request that was checked; `scope` is what will be granted if the user approves, for `targets`."""

    callback: Callback
    response_type: str
    scope: Scope
    targets: tuple[Target, ...]
    code_challenge: str
    prompts: frozenset[str]
    dropped: Scope = Scope()  # requested, and not granted; for the log
    nonce: str = ""  # of OpenID Connect
    claims: tuple[str, ...] = ()  # about the user, for the ID token
    sign_in: tuple[Target, ...] = ()  # the server itself, to which users consent beside APIs that have no such scope

    @property
    def consent(self) -> tuple[Target, ...]:
        """Every API that the user consents to a use of, the server itself among them."""
        return (*self.targets, *self.sign_in)


class StoppedApp(InvalidRequest):
    """A request of an app that is pending or deactivated, or whose owner is; shown on a page."""

    def __init__(self, app: App) -> None:
        """Take the app."""
        self.app = app
        waits = app.is_stranger and app.status == PENDING
        description = "an administrator has to approve this app first" if waits else "the app is not active"
        super().__init__(description, reason=why_stopped(app))


def active_app(app: App | None, now: float, *, named: str = "", proven: bool = False) -> App:
    """Return the app of the request, whose client_id is `named`; `proven` if its owner sent it.

    Raises InvalidRequest and StoppedApp, for a page: there is no callback to send an error to.
    """
    if app is None or named not in ("", app.identifier) or app.is_expired(now):
        reason = "app expired unused" if app is not None and app.is_expired(now) else "unknown app"
        raise InvalidRequest("client_id is unknown", reason=reason, detail=quoted(named))
    if not app.works:
        raise about(StoppedApp(app), app.client_id, proven=proven)
    return app


def proven_callback(app: App, query: Parameters, settings: Settings) -> Callback:
    """Return the callback.

    Raises InvalidRequest, for a page, if the redirect URI is sent twice, UnprovenRedirectURI if it is not the app's.
    """
    sent = query.one("redirect_uri")
    redirect_uri = proven_redirect_uri(app, sent)
    return Callback(
        redirect_uri=redirect_uri,
        sent=sent is not None,
        state=query.sole("state"),
        issuer=settings.issuer,
        fragment=in_fragment(query.sole("response_type") or "", query.sole("response_mode") or ""),
        posted=is_posted(redirect_uri, query.sole("response_type") or "", query.sole("response_mode") or ""),
    )


def check_callback(app: App, callback: Callback) -> None:
    """Raise InvalidRequest, for a page, if the app no longer has this redirect URI."""
    if proven_redirect_uri(app, callback.redirect_uri if callback.sent else None) != callback.redirect_uri:
        raise InvalidRequest("redirect_uri is no longer registered for this app", client_id=app.client_id)


def checked_request(
    app: App, user: User, callback: Callback, parameters: Mapping[str, str], settings: Settings
) -> AuthorizationRequest:
    """Validate the app's request to `user`.

    Raises InvalidRequest, UnsupportedResponseType, UnauthorizedClient, InvalidTarget, InvalidScope, for the callback.
    """
    try:
        return _checked(app, user, callback, parameters, settings)
    except (InvalidScope, InvalidTarget) as error:
        hint(error, parameters)
        raise


def _checked(
    app: App, user: User, callback: Callback, parameters: Mapping[str, str], settings: Settings
) -> AuthorizationRequest:
    response_type = checked_response_type(app, parameters.get("response_type"), settings)
    if parameters.get("response_mode") not in (None, *RESPONSES[response_type].RESPONSE_MODES):
        raise InvalidRequest("response_mode is not supported for this response_type")
    if parameters.get("response_mode") == FORM_POST and not callback.posted:
        raise InvalidRequest("response_mode form_post needs an http or https redirect_uri")
    prompts = openid.checked_prompts(parameters)
    challenge = check_challenge(
        parameters.get("code_challenge"),
        parameters.get("code_challenge_method"),
        required=not app.confidential and response_type == authorization_code.RESPONSE_TYPE,
    )
    is_implicit = response_type == implicit.RESPONSE_TYPE  # one token, so one API
    targets = (sole_target(settings, parameters),) if is_implicit else requested_targets(settings, parameters)
    allowed = allowed_by(app, user, targets, settings)
    requested, claims = openid.checked_claims(requested_scope(parameters), parameters, settings)
    scope = granted_scope(
        requested,
        app=most_requested(app, settings),
        allowed=allowed,
        default=app.default_scope or settings.default_scopes,
        known=settings.scope,
    )
    for target in targets:
        scope_there(target, scope)
    return AuthorizationRequest(
        callback=callback,
        response_type=response_type,
        scope=scope,
        targets=targets,
        code_challenge=challenge,
        prompts=prompts,
        dropped=(requested or Scope()) - scope,
        sign_in=openid.sign_in_target(targets, scope, settings),
        nonce=openid.checked_nonce(parameters) if openid.is_openid(scope, settings) else "",
        claims=claims.id_token,
    )


def checked_response_type(app: App, response_type: str | None, settings: Settings) -> str:
    """Return the response type of a request that the server and the app have.

    Raises InvalidRequest, UnsupportedResponseType and UnauthorizedClient.
    """
    if response_type is None:
        raise InvalidRequest("response_type is missing")
    grant = RESPONSES.get(response_type)
    if grant is None or not is_offered(grant.GRANT_TYPE, settings):
        raise UnsupportedResponseType("response_type is not supported", detail=quoted(response_type))
    if grant.GRANT_TYPE not in app.grant_types:
        raise not_registered_for(grant.GRANT_TYPE)
    return response_type
