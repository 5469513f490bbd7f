"""GET and POST /authorization/logout: sign-out that an app requests (OpenID Connect RP-Initiated Logout 1.0)."""

from gatepost.authentication.sessions import SESSION_COOKIE, check_form_token
from gatepost.clients.vouching import is_vouched_for
from gatepost.console.leaving import leave
from gatepost.console.pages_base import Visitor, check_origin, page, render_page, session_place, visitor_of
from gatepost.errors import NotFound
from gatepost.http.entry_point import endpoint
from gatepost.http.post_as_get import as_get
from gatepost.http.request import Request
from gatepost.http.response import Response, redirect
from gatepost.model.records import App, User
from gatepost.model.sessions import Session
from gatepost.oauth.redirect_uris import form_target, host_of
from gatepost.oidc.logout_request import LogoutRequest, checked_logout, hint_in
from gatepost.runtime.environment import settings
from gatepost.runtime.telling_owners import tell_owner
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import UserKey, app_key

_REPEATED = ("id_token_hint", "post_logout_redirect_uri", "state")  # by the form of the question


@endpoint("logout", render_page, refused=tell_owner)
def handler(request: Request) -> Response:
    """End the session if an app proves that it knows its user, else ask; a post that is not of that page becomes a GET.

    Only an app with a valid hint gets the browser back.
    """
    if not settings().openid:
        raise NotFound("OpenID Connect is disabled on this server", reason="openid is off")
    confirmed = request.method == "POST"
    if confirmed:
        if "form_token" not in request.form():
            return as_get(request)
        check_origin(request)
        check_form_token(request.cookie(SESSION_COOKIE), request.form().one("form_token"))
    parameters = (request.form() if confirmed else request.query()).once()
    hint = hint_in(parameters, server().store, settings(), request.now)
    session, user, app = _read(request, hint.client_id if hint else None)
    visitor = visitor_of(request, session, user)
    asked = checked_logout(hint, app, parameters)
    if visitor is not None and not confirmed and not asked.means(visitor.user):
        return _question(visitor, asked, parameters)
    facts = {"client_id": asked.app.client_id} if asked.app else {}
    facts |= {"user_id": visitor.user.user_id} if visitor else {}
    return leave(session, _afterwards(asked, confirmed=confirmed)._replace(facts=facts))


def _afterwards(asked: LogoutRequest, *, confirmed: bool) -> Response:
    """Return what follows the sign-out; only a press on a page that names it leads to an app of nobody."""
    known = asked.app is not None and is_vouched_for(asked.app, settings())
    if asked.location and (known or confirmed):
        return redirect(asked.location)
    return page(200, "signed_out.html", url=asked.location, host=host_of(asked.location))


def _read(request: Request, client_id: str | None) -> tuple[Session | None, User | None, App | None]:
    """Return the session of the browser's cookie, its account and the app: one round trip."""
    place = session_place(request)
    if place is None and client_id is None:
        return None, None, None
    if place is None:
        (app,) = server().store.read(app_key(client_id or ""))
        return None, None, app
    if client_id is None:
        return *server().store.read(place, UserKey(place.user_id)), None
    return server().store.read(place, UserKey(place.user_id), app_key(client_id))


def _question(visitor: Visitor, asked: LogoutRequest, parameters: dict[str, str]) -> Response:
    """Ask the user; without a valid hint, nothing of the request is repeated by the form."""
    known = asked.app is not None and is_vouched_for(asked.app, settings())
    repeated = {name: parameters[name] for name in _REPEATED if asked.app and name in parameters}
    return page(
        200,
        "sign_out.html",
        form_targets=(form_target(asked.location),) if asked.location else (),
        user_name=visitor.user.user_name,
        app_name=asked.app.name if asked.app and known else None,
        unchecked=not known,
        host=host_of(asked.location),
        fields={"form_token": visitor.form_token, **repeated},
    )
