"""A demo app with its own page, the target of authorize links. It shows what an app receives."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from gatepost.routes import AUTHORIZE, DEMO_NOTES, DEMO_READ, TOKEN, Route
from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.front import Front
from infra.local.demo.calls import basic, call
from infra.local.demo.client_pages import AGAIN, HAND_ON, links, page, sentence, shown
from infra.local.demo.paths import HOME
from infra.local.demo.seed import Demo, DemoApp
from infra.local.demo.sign_in_app import SignInApp


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    app: DemoApp
    verifier: str
    route: Route  # to call with the token


class ClientApp:
    """The demo apps' own web server, on another port. It uses only the authorization server's public facts."""

    def __init__(self, front: Front) -> None:
        """Take the server; `serve` starts serving."""
        self._front = front
        self.url = f"http://127.0.0.1:{self._front.port}"
        self._attempts: dict[str, _Attempt] = {}
        self._demo = Demo(base_url="")
        self._sign_in: SignInApp | None = None

    def serve(self, demo: Demo) -> None:
        """Start serving as the apps of `demo`."""
        self._demo = demo
        if app := demo.sign_in_app:
            self._sign_in = SignInApp(app, issuer=demo.base_url, url=self.url)
        self._front.serve(self._answer)

    def close(self) -> None:
        """Stop listening."""
        self._front.close()

    def authorize_link(self, app: DemoApp, response_type: str = "code", route: Route = DEMO_READ) -> str:
        """Return the link that starts a flow for a token for `route`. It may be used again."""
        state, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        self._attempts[state] = _Attempt(app=app, verifier=verifier, route=route)
        parameters = {
            "response_type": response_type,
            "client_id": app.client_id,
            "redirect_uri": f"{self.url}/callback",
            "scope": " ".join(app.scopes),
            "state": state,
            **self._resource(route),
        }
        if response_type == "code":
            challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
            parameters |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        return f"{self._demo.base_url}{AUTHORIZE.path}?{urlencode(parameters)}"

    def _answer(self, request: Request) -> Response:
        if (request.method, request.path) == ("GET", "/"):
            return page("Demo apps", self._home())
        if (request.method, request.path) == ("GET", "/callback"):
            return self._callback(_fields(request.query))
        if (request.method, request.path) == ("POST", "/implicit"):
            fragment = _fields(request.body.decode(errors="replace")).get("fragment", "")
            return self._callback(_fields(fragment))
        if self._sign_in and (found := self._sign_in.answer(request)):
            return found
        return Response(status=404, headers=(("content-type", "text/plain"),), body=b"Not found")

    def _home(self) -> str:
        apps = [app for app in self._demo.apps if app != self._demo.sign_in_app]
        ways = [(app.name, "Authorization code with PKCE", self.authorize_link(app)) for app in apps]
        ways += [(app.name, "Implicit grant", self.authorize_link(app, "token")) for app in apps if app.confidential]
        ways += [
            (app.name, "Authorization code for the demo notes alone", self.authorize_link(app, route=DEMO_NOTES))
            for app in apps[:1]
        ]
        if app := self._demo.sign_in_app:
            ways += [(app.name, "Sign in with OpenID Connect, and out", HOME)]
        return links(f"Sign in with {self._demo.base_url}", ways)

    def _callback(self, answer: dict[str, str]) -> Response:
        if not answer:
            return page("Waiting for an answer", HAND_ON)
        attempt = self._attempts.get(answer.get("state", ""))
        if attempt is None:
            return page("Refused", sentence("This app did not start that: the state is unknown.") + AGAIN, status=400)
        if answer.get("iss") != self._demo.base_url:
            return page("Refused", sentence("The answer comes from another issuer than was asked.") + AGAIN, status=400)
        if "error" in answer:
            return page("Not authorized", shown("The answer", answer) + AGAIN)
        if "access_token" in answer:
            body = shown("The answer", answer) + self._protected(answer["access_token"], attempt.route)
            return page("Authorized", body)
        return self._redeem(attempt, answer)

    def _redeem(self, attempt: _Attempt, answer: dict[str, str]) -> Response:
        fields = {
            "grant_type": "authorization_code",
            "code": answer.get("code", ""),
            "redirect_uri": f"{self.url}/callback",
            "code_verifier": attempt.verifier,
            **self._resource(attempt.route),
        }
        headers = {}
        if attempt.app.confidential:
            headers = basic(attempt.app.client_id, attempt.app.client_secret)
        else:
            fields["client_id"] = attempt.app.client_id
        status, tokens = call(f"{self._demo.base_url}{TOKEN.path}", urlencode(fields).encode(), headers)
        body = shown("The answer", answer) + shown(f"The token response ({status})", tokens)
        if status != 200 or not isinstance(tokens, dict):
            return page("The code was refused", body + AGAIN, status=400)
        return page("Authorized", body + self._protected(tokens["access_token"], attempt.route))

    def _resource(self, route: Route) -> dict[str, str]:
        """Return the parameter that names the API of a route (RFC 8707 §2)."""
        return {"resource": f"{self._demo.base_url}{route.resource}"} if route.resource else {}

    def _protected(self, access_token: str, route: Route) -> str:
        """Call the route with the token and, for a token of a resource, another route too."""
        headers = {"authorization": f"Bearer {access_token}"}
        cards = ""
        for each in (route, DEMO_READ) if route.resource else (route,):
            status, said = call(f"{self._demo.base_url}{each.path}", None, headers)
            cards += shown(f"{each.key} with the token ({status})", said)
        return cards + AGAIN


def _fields(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}
