"""A demo app that signs people in with OpenID Connect and out again; it knows the server by its metadata alone."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode

from gatepost.identifiers import digest
from gatepost.routes import OPENID_METADATA
from infra.local.apigateway.events import Request, Response
from infra.local.demo.calls import basic, call
from infra.local.demo.client_pages import action, link, page, sentence, shown
from infra.local.demo.id_tokens import NotGenuine, id_token_claims, logout_token_claims
from infra.local.demo.paths import BACKCHANNEL, CALLBACK, HOME, SIGN_IN, SIGN_OUT, SIGNED_OUT
from infra.local.demo.seed import DemoApp

_COOKIE, _ATTEMPT = "demo-account", "demo-attempt"
_AGAIN = link("Sign in", SIGN_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    nonce: str = field(default_factory=secrets.token_urlsafe)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))


@dataclass(frozen=True, slots=True, kw_only=True)
class _SignedIn:
    id_token: str
    claims: dict[str, Any]
    userinfo: dict[str, Any]


class SignInApp:
    """The pages of the app below `/account`. Its sessions end with the process."""

    def __init__(self, app: DemoApp, *, issuer: str, url: str) -> None:
        """Take the registered app, and the app's own URL."""
        self._app, self._issuer, self._url = app, issuer, url
        self._attempts: dict[str, _Attempt] = {}
        self._sessions: dict[str, _SignedIn] = {}
        self._seen: set[str] = set()  # logout tokens
        self._pages = {
            ("GET", HOME): self._show,
            ("GET", SIGN_IN): self._start,
            ("GET", CALLBACK): self._finish,
            ("POST", SIGN_OUT): self._leave,
            ("GET", SIGNED_OUT): self._left,
            ("POST", BACKCHANNEL): self._told,
        }

    def answer(self, request: Request) -> Response | None:
        """Return the response, None if the app has no such page."""
        found = self._pages.get((request.method, request.path))
        return found(request) if found else None

    def _show(self, request: Request) -> Response:
        known = self._sessions.get(_cookie(request, _COOKIE))
        if known is None:
            return page("Nobody is signed in", sentence(f"This app signs people in with {self._issuer}.") + _AGAIN)
        cards = shown("What the ID token says", known.claims) + shown("What userinfo says", known.userinfo)
        name = known.userinfo.get("preferred_username", known.claims["sub"])
        return page(f"Signed in as {name}", cards + action("Sign out", SIGN_OUT))

    def _start(self, request: Request) -> Response:
        """Send the browser to the server; the cookie binds the answer to it (RFC 9700 §4.7)."""
        state, attempt = secrets.token_urlsafe(16), _Attempt()
        self._attempts[state] = attempt
        parameters = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": self._url + CALLBACK,
            "scope": " ".join(self._app.scopes),
            "state": state,
            "nonce": attempt.nonce,
            "code_challenge": digest(attempt.verifier),
            "code_challenge_method": "S256",
        }
        return _redirect(f"{self._server('authorization_endpoint')}?{urlencode(parameters)}", _set(_ATTEMPT, state))

    def _finish(self, request: Request) -> Response:
        answer = _fields(request.query)
        state = answer.get("state", "")
        if not _is_ours(request, state):
            return _refused("This browser did not start that: the state is another one.")
        attempt = self._attempts.pop(state, None)
        if attempt is None or answer.get("iss") != self._issuer:
            return _refused("The answer is to no sign-in of this app, or from another issuer.")
        if "error" in answer:
            return page("Not signed in", shown("The answer", answer) + _AGAIN)
        try:
            known = self._redeemed(attempt, answer.get("code", ""))
        except NotGenuine as error:
            return _refused(f"The sign-in is not genuine: {error}.")
        session = secrets.token_urlsafe(32)
        self._sessions[session] = known
        return _redirect(HOME, _set(_COOKIE, session), _set(_ATTEMPT, ""))

    def _redeemed(self, attempt: _Attempt, code: str) -> _SignedIn:
        """Exchange the code, verify the ID token, and ask for the claims. Raises NotGenuine."""
        redeem = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._url + CALLBACK,
            "code_verifier": attempt.verifier,
        }
        secret = basic(self._app.client_id, self._app.client_secret)
        status, tokens = call(self._server("token_endpoint"), urlencode(redeem).encode(), secret)
        if status != 200:
            raise NotGenuine(f"the token endpoint said {status}")
        claims = id_token_claims(tokens["id_token"], self._keys(), nonce=attempt.nonce, **self._parties())
        bearer = {"authorization": f"Bearer {tokens['access_token']}"}
        status, userinfo = call(self._server("userinfo_endpoint"), None, bearer)
        if status != 200 or userinfo["sub"] != claims["sub"]:  # OpenID Connect Core §5.3.2
            raise NotGenuine("userinfo is about somebody else")
        return _SignedIn(id_token=tokens["id_token"], claims=claims, userinfo=userinfo)

    def _leave(self, request: Request) -> Response:
        """End the app's own session, then the server's (RP-Initiated Logout §2)."""
        known = self._sessions.pop(_cookie(request, _COOKIE), None)
        if known is None:
            return _redirect(HOME)
        state = secrets.token_urlsafe(16)
        parameters = {
            "id_token_hint": known.id_token,
            "post_logout_redirect_uri": self._url + SIGNED_OUT,
            "state": state,
        }
        url = f"{self._server('end_session_endpoint')}?{urlencode(parameters)}"
        return _redirect(url, _set(_COOKIE, ""), _set(_ATTEMPT, state))

    def _left(self, request: Request) -> Response:
        state = _fields(request.query).get("state", "")
        if not _is_ours(request, state):
            return _redirect(HOME)
        text = f"This app does not know you any more, and neither does {self._issuer} in this browser."
        return page("Signed out", sentence(text) + _AGAIN)

    def _told(self, request: Request) -> Response:
        """End the sessions that the server says have ended (Back-Channel Logout §2.7)."""
        token = _fields(request.body.decode(errors="replace")).get("logout_token", "")
        try:
            claims = logout_token_claims(token, self._keys(), **self._parties())
        except NotGenuine as error:
            return Response(status=400, headers=_PLAIN, body=f"{error}".encode())
        if claims["jti"] not in self._seen:
            self._seen.add(claims["jti"])
            ended = [name for name, each in self._sessions.items() if _is_meant(each.claims, claims)]
            for name in ended:
                self._sessions.pop(name, None)
        return Response(status=200, headers=_PLAIN)

    def _server(self, member: str) -> str:
        """Return an endpoint from the server's metadata."""
        return str(call(self._issuer + OPENID_METADATA.path)[1][member])

    def _keys(self) -> dict[str, Any]:
        keys: dict[str, Any] = call(self._server("jwks_uri"))[1]
        return keys

    def _parties(self) -> dict[str, str]:
        return {"issuer": self._issuer, "client_id": self._app.client_id}


_PLAIN = (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"))


def _is_meant(session: dict[str, Any], logout: dict[str, Any]) -> bool:
    """Whether a logout token is about the session: its `sid`, or every session of its `sub`."""
    return all(session.get(name) == logout[name] for name in ("sub", "sid") if name in logout)


def _is_ours(request: Request, state: str) -> bool:
    """Whether this browser was sent away with `state`."""
    return bool(state) and hmac.compare_digest(state.encode(), _cookie(request, _ATTEMPT).encode())


def _refused(text: str) -> Response:
    return page("Refused", sentence(text) + _AGAIN, status=400)


def _redirect(location: str, *cookies: str) -> Response:
    headers = (("location", location), ("cache-control", "no-store"), ("referrer-policy", "no-referrer"))
    return Response(status=303, headers=(*headers, *(("set-cookie", each) for each in cookies)))


def _set(name: str, value: str) -> str:
    """Return a cookie, "" to remove it; not `Secure`, because this is http on loopback."""
    return f"{name}={value}; Path={HOME}; HttpOnly; SameSite=Lax{'' if value else '; Max-Age=0'}"


def _cookie(request: Request, name: str) -> str:
    found = SimpleCookie(request.header("cookie")).get(name)
    return found.value if found else ""


def _fields(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}
