"""The authorization endpoint (RFC 6749 §3.1): from a request to a proven callback, a decision, and a response.

The checks run in the order of the functions: the callback first, then the app and its request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from gatepost.accounts.approvals import approved_also, approved_scope
from gatepost.clients.owners import read_completed
from gatepost.clients.scopes import allowed_by, most_requested
from gatepost.clients.use import note_first_use
from gatepost.endpoints.response_modes import in_fragment, is_posted
from gatepost.errors import (
    AccessDenied,
    Conflict,
    ConsentRequired,
    InvalidRequest,
    UnsupportedResponseType,
    about,
    quoted,
)
from gatepost.grants import RESPONSES, authorization_code, implicit, is_offered
from gatepost.grants.authorization_code import FORM_POST
from gatepost.grants.token_response import requested_scope, scope_there
from gatepost.model.records import PENDING, App, Approval, Code, Grant, User
from gatepost.model.sessions import PendingRequest, Session
from gatepost.oauth.client_authentication import Requester, not_registered_for, why_stopped
from gatepost.oauth.parameters import Parameters
from gatepost.oauth.pkce import check_challenge
from gatepost.oauth.redirect_uris import AuthorizationResponse, Callback, proven_redirect_uri
from gatepost.oauth.resource_indicators import Target, requested_targets, resources_of, sole_target
from gatepost.oauth.server import Server
from gatepost.oidc import authorization_request as openid
from gatepost.scope import Implies, Scope, granted_scope, reach
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
    response_type = _checked_response_type(app, parameters.get("response_type"), settings)
    if parameters.get("response_mode") not in (None, *RESPONSES[response_type].RESPONSE_MODES):
        raise InvalidRequest("response_mode is not supported for this response_type")
    if parameters.get("response_mode") == FORM_POST and not callback.posted:
        raise InvalidRequest("response_mode form_post needs a redirect_uri of the web")
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


def needs_consent(app: App, request: AuthorizationRequest, approval: Approval | None, implies: Implies) -> bool:
    """Whether consent is required: for more than was approved, for `prompt=consent`, and for every public app.

    A public app can't authenticate, nor any in the implicit flow: its approval could serve another (RFC 6749 §10.2).
    Raises ConsentRequired if consent is required and `prompt=none` forbids it.
    """
    proves_itself = app.confidential and request.response_type != implicit.RESPONSE_TYPE
    remembered = proves_itself and all(
        target.within(request.scope) <= reach(approved_scope(approval, target), implies) for target in request.consent
    )
    if remembered and "consent" not in request.prompts:
        return False
    if "none" in request.prompts:
        raise ConsentRequired("the user has to consent")
    return True


def approve(
    server: Server,
    app: App,
    user: User,
    request: AuthorizationRequest,
    approval: Approval | None,
    now: float,
    *,
    pending: PendingRequest | None = None,
    session: Session | None = None,
) -> AuthorizationResponse:
    """Grant the request, remember the approval, and return the response to the app; `pending` was shown to the user.

    `session` is that of the user's browser; without it there is no ID token.
    An approval dates from the display of the page: if the app was changed since, it is not what the user saw.
    Raises UnauthorizedClient, UnsupportedResponseType and InvalidScope if the app, the server or the user's scope
    changed since the request was validated, AccessDenied if the account changed concurrently, and Conflict("request")
    if `pending` was submitted concurrently.
    """
    app = active_app(read_completed(server.store, app), now)
    _checked_response_type(app, request.response_type, server.settings)
    allowed = allowed_by(app, user, request.targets, server.settings)
    scope = granted_scope(request.scope, app=most_requested(app, server.settings), allowed=allowed, default=Scope())
    news = None
    if not all(target.within(scope) <= approved_scope(approval, target) for target in request.consent):
        at = int(now) if pending is None else pending.expires_at - server.settings.consent_lifetime
        known = approval or Approval(user_id=user.user_id, client_id=app.client_id, scope=Scope(), approved_at=at)
        news = replace(approved_also(known, request.consent, scope), approved_at=at)
    answer, grant, code = _answer(server, app, user, request._replace(scope=scope), session, now)
    if code is None:
        note_first_use(server.store, Requester(app), now=now)
    try:
        server.store.approve(
            grant,
            user=user,
            code=code,
            approval=news,
            request=pending,
            signed_into=openid.signed_into(grant, session, now),
            session=session if server.settings.tells_of_logouts else None,
        )
    except Conflict as conflict:
        if conflict.field == "request":
            raise
        raise AccessDenied("the account was changed meanwhile", reason="account changed while approving") from None
    return request.callback.response(answer)


def _answer(
    server: Server, app: App, user: User, request: AuthorizationRequest, session: Session | None, now: float
) -> tuple[dict[str, str], Grant, Code | None]:
    """Return the response parameters, the grant to write, and the code's record if there is one."""
    if request.response_type == implicit.RESPONSE_TYPE:
        (target,) = request.targets
        token, grant = implicit.new_token(server, app=app, user=user, scope=request.scope, target=target, now=now)
        return {name: str(value) for name, value in token.members().items()}, grant, None
    code, record, grant = authorization_code.new_code(
        server,
        user_id=user.user_id,
        client_id=app.client_id,
        scope=request.scope,
        redirect_uri=request.callback.redirect_uri,
        redirect_uri_sent=request.callback.sent,
        code_challenge=request.code_challenge,
        now=now,
        resources=resources_of(request.targets),
        **openid.id_token_facts(user, request.scope, request.nonce, request.claims, session, server.settings),
    )
    return {"code": code}, grant, record


def _checked_response_type(app: App, response_type: str | None, settings: Settings) -> str:
    if response_type is None:
        raise InvalidRequest("response_type is missing")
    grant = RESPONSES.get(response_type)
    if grant is None or not is_offered(grant.GRANT_TYPE, settings):
        raise UnsupportedResponseType("response_type is not supported", detail=quoted(response_type))
    if grant.GRANT_TYPE not in app.grant_types:
        raise not_registered_for(grant.GRANT_TYPE)
    return response_type
