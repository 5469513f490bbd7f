"""POST /developer/auth: the user's answer to the consent page."""

from gatepost.authorization import active_app, answered_request, approve
from gatepost.errors import AccessDenied, InvalidRequest
from gatepost.http import Request, Response, endpoint, redirect
from gatepost.model import digest
from gatepost.redirects import answering
from gatepost.sessions import check_form_token
from gatepost.stores.ports import AppKey, ApprovalKey
from gatepost.web import check_origin, render_page, session_cookie, signed_in
from gatepost.wiring import server

_GONE = "this request was answered already, or waited too long"


@endpoint("consent", render_page)
def handler(request: Request) -> Response:
    """Take the request that was shown to this very session and answer the app; the form only says yes or no."""
    form = request.form()
    check_origin(request)
    check_form_token(session_cookie(request), form.one("form_token"))
    decision, request_id = form.one("decision"), form.one("request_id")
    if decision not in ("allow", "deny") or request_id is None:
        raise InvalidRequest("the form is not complete")
    current = signed_in(server(), request)
    if current is None:
        raise InvalidRequest("you are no longer signed in", reason="no session")
    session, user = current
    pending = server().store.take_request(digest(request_id), session.session_hash)
    if pending is None or pending.expires_at <= request.now:
        raise InvalidRequest(_GONE, reason="no such request for this session")
    asked = answered_request(pending, server().settings)
    facts = {"client_id": pending.client_id, "user_id": user.user_id, "decision": decision}
    with answering(asked.callback):
        if decision == "deny":
            raise AccessDenied("the user denied access", **facts)
    found, approval = server().store.read(AppKey(pending.client_id), ApprovalKey(user.user_id, pending.client_id))
    app = active_app(found)
    with answering(asked.callback):
        return redirect(approve(server(), app, user, asked, approval, request.now), facts=facts)
