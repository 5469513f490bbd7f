"""Sign-out of a browser."""

from __future__ import annotations

from gatepost.authentication.sessions import SESSION_COOKIE
from gatepost.console.pages_base import set_cookie
from gatepost.http.response import Response
from gatepost.model.sessions import Session
from gatepost.runtime.wiring import server


def leave(session: Session | None, response: Response) -> Response:
    """Remove the browser's session, so that copies of its cookie are invalid, and return `response` without the cookie.

    `session` was read, so that a made-up cookie announces and writes nothing. The caller has checked who asks for it:
    the form of a page, or an app with an ID token of the user.
    """
    if session is not None:
        server().store.end_session(session.user_id, session.session_hash)
    return response._replace(cookies=(*response.cookies, set_cookie(SESSION_COOKIE, "", max_age=0)))
