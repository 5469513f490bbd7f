"""The authorization request that a consent page shows: kept while the user decides, and answered as it was checked."""

from __future__ import annotations

from gatepost.endpoints.authorization import AuthorizationRequest
from gatepost.endpoints.response_modes import in_fragment, is_posted
from gatepost.grants.authorization_code import FORM_POST
from gatepost.identifiers import digest, new_secret
from gatepost.model.records import App, User
from gatepost.model.sessions import PendingRequest
from gatepost.oauth.redirect_uris import Callback
from gatepost.oauth.resource_indicators import resources_of, targets_of
from gatepost.oidc.authorization_request import sign_in_target
from gatepost.settings import Settings


def pending_request(
    app: App, user: User, request: AuthorizationRequest, *, session_hash: str, settings: Settings, now: float
) -> tuple[str, PendingRequest]:
    """Return the id for the consent page's form, and the request to keep until its answer."""
    request_id = new_secret()
    return request_id, PendingRequest(
        request_hash=digest(request_id),
        session_hash=session_hash,
        user_id=user.user_id,
        client_id=app.client_id,
        response_type=request.response_type,
        redirect_uri=request.callback.redirect_uri,
        redirect_uri_sent=request.callback.sent,
        scope=request.scope,
        state=request.callback.state,
        code_challenge=request.code_challenge,
        response_mode=_mode(request.callback),
        expires_at=int(now) + settings.consent_lifetime,
        resources=resources_of(request.targets),
        nonce=request.nonce,
        claims=request.claims,
    )


def answered_callback(pending: PendingRequest, settings: Settings) -> Callback:
    """The callback of the request that was kept."""
    return Callback(
        redirect_uri=pending.redirect_uri,
        sent=pending.redirect_uri_sent,
        state=pending.state,
        issuer=settings.issuer,
        fragment=in_fragment(pending.response_type, pending.response_mode),
        posted=is_posted(pending.redirect_uri, pending.response_type, pending.response_mode),
    )


def answered_request(pending: PendingRequest, settings: Settings) -> AuthorizationRequest:
    """The request that was kept, as it was checked. Raises InvalidTarget for a resource that is configured no more."""
    targets = targets_of(settings, pending.resources)
    return AuthorizationRequest(
        callback=answered_callback(pending, settings),
        response_type=pending.response_type,
        scope=pending.scope,
        targets=targets,
        code_challenge=pending.code_challenge,
        prompts=frozenset(),
        nonce=pending.nonce,
        claims=pending.claims,
        sign_in=sign_in_target(targets, pending.scope, settings),
    )


def _mode(callback: Callback) -> str:
    return FORM_POST if callback.posted else "fragment" if callback.fragment else "query"
