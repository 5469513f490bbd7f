"""The decision about an authorization request (RFC 6749 §3.1, §4.1.2): whether to ask the user, and the response."""

from __future__ import annotations

from gatepost.accounts.approvals import approved_also, approved_scope
from gatepost.clients.owners import read_completed
from gatepost.clients.scopes import allowed_by, most_requested
from gatepost.clients.use import note_first_use
from gatepost.endpoints.authorization import AuthorizationRequest, active_app, checked_response_type
from gatepost.errors import AccessDenied, Conflict, ConsentRequired
from gatepost.grants import authorization_code, implicit
from gatepost.model.records import App, Approval, Code, Grant, User
from gatepost.model.sessions import PendingRequest, Session
from gatepost.oauth.client_authentication import Requester
from gatepost.oauth.redirect_uris import AuthorizationResponse
from gatepost.oauth.resource_indicators import resources_of
from gatepost.oauth.server import Server
from gatepost.oidc import authorization_request as openid
from gatepost.scope import Implies, Scope, granted_scope, reach


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
    checked_response_type(app, request.response_type, server.settings)
    allowed = allowed_by(app, user, request.targets, server.settings)
    scope = granted_scope(request.scope, app=most_requested(app, server.settings), allowed=allowed, default=Scope())
    news = None
    if not all(target.within(scope) <= approved_scope(approval, target) for target in request.consent):
        at = int(now) if pending is None else pending.expires_at - server.settings.consent_lifetime
        known = approval or Approval(user_id=user.user_id, client_id=app.client_id, scope=Scope(), approved_at=at)
        news = approved_also(known, request.consent, scope)._replace(approved_at=at)
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
        raise AccessDenied(
            "the account has changed in the meantime", reason="account changed while approving"
        ) from None
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
