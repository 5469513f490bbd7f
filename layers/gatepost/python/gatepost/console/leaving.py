"""Sign-out of a browser."""

from __future__ import annotations

from dataclasses import replace

from gatepost.authentication.sessions import SESSION_COOKIE
from gatepost.console.pages_base import session_place, set_cookie
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.runtime.wiring import server


def leave(request: Request, response: Response) -> Response:
    """Remove the browser's session, so that copies of its cookie are invalid, and return `response` without the cookie.

    The caller has checked who asks for it: the form of a page, or an app with an ID token of the user.
    """
    place = session_place(request)
    if place is not None:
        server().store.end_session(place.user_id, place.session_hash)
    return replace(response, cookies=(*response.cookies, set_cookie(SESSION_COOKIE, "", max_age=0)))
