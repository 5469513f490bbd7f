"""GET /developer/auth: the authorization endpoint (RFC 6749 §3.1)."""

from collections.abc import Collection, Sequence
from functools import partial
from urllib.parse import quote

from gatepost.accounts.api_lists import asked_apis
from gatepost.accounts.approvals import counting_approval
from gatepost.authentication.reauthentication import is_fresh, with_demand
from gatepost.console.app_responses import error_sent_to_app, sent_to_app
from gatepost.console.consent_claims import learned
from gatepost.console.consent_lines import with_lines
from gatepost.console.pages_base import Visitor, page, session_place, to_login, visitor_of
from gatepost.console.refusal_pages import render_refusal
from gatepost.console.unvouched_apps import stranger
from gatepost.endpoints.authorization import AuthorizationRequest, active_app, checked_request, proven_callback
from gatepost.endpoints.decision import approve, needs_consent
from gatepost.endpoints.guarded_callback import guarded, silent_refusal
from gatepost.endpoints.pending_request import pending_request
from gatepost.errors import InvalidRequest, LoginRequired, Unheeded
from gatepost.grants import implicit
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.identifiers import names_document
from gatepost.model.records import App, Approval
from gatepost.model.subject import Subject
from gatepost.oauth.client_authentication import concerning
from gatepost.oauth.ignored_parameters import OF_AUTHORIZATION
from gatepost.oauth.parameters import Parameters
from gatepost.oauth.redirect_uris import Callback, answering, form_target, host_of, redirect_notice
from gatepost.oauth.resource_indicators import PARAMETER, resources_of
from gatepost.oidc.authorization_request import Demand
from gatepost.routes import LOGIN_PAGE
from gatepost.runtime.environment import settings
from gatepost.runtime.telling_owners import tell_owner
from gatepost.runtime.wiring import server
from gatepost.stores.audit_lists import THE_APP
from gatepost.stores.record_keys import ApprovalKey, UserKey, app_key

_OTHER_SITES = ("cross-site", "same-site")  # from which a navigation spends no fetch of a signed-in user


@endpoint("authorize", render_refusal, refused=tell_owner, answered=error_sent_to_app)
def handler(request: Request) -> Response:
    """Prove the callback, find the user, validate the request, then show the consent page or respond."""
    query = request.query()
    client_id = query.one("client_id")
    if client_id is None:
        raise InvalidRequest("client_id is missing")
    visitor, found, remembered = _read(request, client_id)
    demand = Demand.of(query)
    if names_document(client_id) and _is_to_be_fetched(client_id, found, request.now):
        if demand.silent and _approval(remembered, found, visitor) is None:
            raise silent_refusal()  # on a page: no callback is proven
        if visitor is None:
            return _sign_in(request, demand)
        if request.headers.get("sec-fetch-site") in _OTHER_SITES:
            return page(200, "before_fetch.html", host=host_of(client_id), url=f"{request.path}?{request.raw_query}")
        found = _fetched(request, client_id, found, visitor, remembered)
    proven = visitor is not None and found is not None and visitor.user.user_id == found.owner
    app = active_app(found, request.now, named=client_id, proven=proven)
    owned = partial(concerning, app, proven=proven)
    approval = _approval(remembered, app, visitor)
    with owned():
        callback = proven_callback(app, query, server().settings)
    callback = guarded(callback, app, approval, settings(), silent=demand.silent, proven=proven)
    visitor = _who_counts(request, query, demand, visitor, app, callback)
    if visitor is None:
        # nothing is sent to the app before a sign-in (RFC 9700 §4.11.2), except for `prompt=none`
        return _sign_in(request, demand)
    user = visitor.user
    with answering(callback), owned():
        parameters = query.once(several=(PARAMETER,))
        asked = checked_request(app, user, callback, parameters, server().settings)
        notices = _notices(app, asked, parameters.keys() - OF_AUTHORIZATION, proven=proven)
        if not needs_consent(app, asked, approval, server().settings.implies):
            response = approve(server(), app, user, asked, approval, request.now, session=visitor.session)
            facts = {"client_id": app.client_id, "scope": str(asked.scope)}
            resources = resources_of(asked.targets)
            facts |= {"resources": " ".join(resources)} if resources else {}
            return sent_to_app(response, facts=facts | _dropped(asked))._replace(notices=notices)
    shown = _consent_page(request, app, visitor, asked, approval)
    return shown._replace(facts=_dropped(asked), notices=notices)


def _who_counts(
    request: Request, query: Parameters, demand: Demand, visitor: Visitor | None, app: App, callback: Callback
) -> Visitor | None:
    """Return the visitor, None if a sign-in has to come first.

    Raises AnswerError with login_required if nobody may be asked, and if the user who signed in is not the one meant.
    """
    with answering(callback):
        if visitor is None:
            if demand.silent:
                raise LoginRequired("nobody is signed in")
            return None
        meant = demand.means(visitor.user, app.identifier, server().store, settings(), request.now)
        enough = meant and not demand.asks(visitor.session, request.now)
        if not enough and demand.silent:
            raise LoginRequired("the user has to sign in")
        if not enough and not is_fresh(visitor.session, query, settings(), request.now):
            return None
        if not meant:
            raise LoginRequired("another user signed in")
    return visitor


def _sign_in(request: Request, demand: Demand) -> Response:
    return to_login(request, with_demand(request.raw_query, request.now) if demand.any else request.raw_query)


def _approval(remembered: Approval | None, app: App | None, visitor: Visitor | None) -> Approval | None:
    """Return the visitor's approval of the app if it counts."""
    return counting_approval(remembered, app, visitor.user) if app and visitor else None


def _is_to_be_fetched(url: str, known: App | None, now: float) -> bool:
    """Whether the document of an app has to be fetched first. Raises InvalidRequest, for a page, if it may not be."""
    from gatepost.clients.documents import check_accepted, needs_fetch

    check_accepted(url, settings())
    return needs_fetch(known, now)


def _fetched(request: Request, url: str, known: App | None, visitor: Visitor, remembered: Approval | None) -> App:
    from gatepost.clients.documents import fetched_app
    from gatepost.endpoints.changed_apps import write_withdrawal
    from gatepost.runtime.drawing import illustrator
    from gatepost.runtime.fetching import fetcher

    return fetched_app(
        *(server(), fetcher, url, known),
        user=visitor.user,
        source_ip=request.source_ip,
        now=request.now,
        changed=partial(write_withdrawal, server(), request, by=THE_APP),
        illustrator=illustrator,
        approved=lambda app: _approval(remembered, app, visitor) is not None,
    )


def _read(request: Request, client_id: str) -> tuple[Visitor | None, App | None, Approval | None]:
    """Return the visitor, the app, and the user's approval of it: one round trip."""
    place = session_place(request)
    if place is None:
        (app,) = server().store.read(app_key(client_id))
        return None, app, None
    app_place = app_key(client_id)
    approval_place = ApprovalKey(place.user_id, app_place.client_id)
    session, user, app, approval = server().store.read(place, UserKey(place.user_id), app_place, approval_place)
    return visitor_of(request, session, user), app, approval


def _dropped(asked: AuthorizationRequest) -> dict[str, object]:
    """For the log: what was requested, and will not be granted."""
    return {"dropped_scope": str(asked.dropped)} if asked.dropped else {}


def _notices(app: App, asked: AuthorizationRequest, ignored: Collection[str], *, proven: bool) -> Sequence[Unheeded]:
    if not asked.dropped and not ignored:
        return ()
    from gatepost.clients.unheeded import unheeded  # for few requests

    return unheeded(app, asked.dropped, ignored, settings(), proven=proven)


def _consent_page(
    request: Request, app: App, visitor: Visitor, asked: AuthorizationRequest, approval: Approval | None
) -> Response:
    request_id, pending = pending_request(
        app, visitor.user, asked, session_hash=visitor.session.session_hash, settings=settings(), now=request.now
    )
    server().store.save_request(pending)
    redirect_uri, subject = asked.callback.redirect_uri, Subject.of(visitor.user)
    unvouched = stranger(app, settings())
    return page(
        200,
        "consent.html",
        form_targets=(form_target(redirect_uri),),
        app_name=app.name,
        app={"client_id": app.client_id, "logo": app.logo if approval or not unvouched else ""},
        client_id=app.identifier,
        checked=bool(app.document_url),
        app_host=host_of(app.document_url or app.url),
        redirect_host=host_of(redirect_uri),
        notice=redirect_notice(redirect_uri),
        stranger=unvouched,
        user_name=visitor.user.user_name,
        learned=learned(subject, asked.scope, settings()),
        apis=with_lines(asked_apis(asked.consent, asked.scope, approval, settings()), subject, asked.scope, settings()),
        implicit=asked.response_type == implicit.RESPONSE_TYPE,
        token_minutes=max(1, settings().implicit_token_lifetime // 60),
        form_token=visitor.form_token,
        request_id=request_id,
        switch_url=f"{LOGIN_PAGE.path}?next={quote(f'{request.path}?{request.raw_query}', safe='')}",
    )
