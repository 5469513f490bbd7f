"""The output of `make run`: a line a request for people, and lines of JSON for programs."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, TextIO

from gatepost.http.no_route import meant_path, methods_at
from gatepost.routes import (
    AUTHORIZE,
    INTROSPECT,
    JWKS,
    LOGIN_PAGE,
    METADATA,
    REGISTER_PAGE,
    REVOKE,
    TOKEN,
    Route,
)
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import app_key
from infra.local.apigateway.events import Request, Response

# The last part of a path that other servers use for an endpoint.
_NAMED_ELSEWHERE: Mapping[str, tuple[str, Route]] = {
    "token": ("the token endpoint", TOKEN),
    "authorize": ("the authorization endpoint", AUTHORIZE),
    "auth": ("the authorization endpoint", AUTHORIZE),
    "revoke": ("the revocation endpoint", REVOKE),
    "revocation": ("the revocation endpoint", REVOKE),
    "introspect": ("the introspection endpoint", INTROSPECT),
    "jwks": ("the JWK Set", JWKS),
    "jwks.json": ("the JWK Set", JWKS),
    "certs": ("the JWK Set", JWKS),
    "oauth-authorization-server": ("the metadata", METADATA),
    "openid-configuration": ("the metadata", METADATA),
    "login": ("the sign-in page", LOGIN_PAGE),
    "signin": ("the sign-in page", LOGIN_PAGE),
    "register": ("the page to register", REGISTER_PAGE),
    "signup": ("the page to register", REGISTER_PAGE),
}
_GREEN, _YELLOW, _RED, _DIM, _PLAIN = "\033[32m", "\033[33m", "\033[31m", "\033[2m", "\033[0m"
_NO_HEADER = "no Authorization header"
_MOST_FACTS = 1_000  # of requests whose response never came


class Terminal:
    """Writes texts, the functions' log and the requests to a stream."""

    def __init__(self, out: TextIO, environ: Mapping[str, str]) -> None:
        """Write for people if `out` is a terminal and `LOG` is not `json`."""
        self._out = out
        self._whole = environ.get("LOG") == "json"
        self._people = out.isatty() and not self._whole
        self._colours = self._people and "NO_COLOR" not in environ and environ.get("TERM", "dumb") != "dumb"
        self._lock = threading.Lock()
        self._facts: dict[str, dict[str, Any]] = {}
        self.store: Store | None = None  # for the names of apps, once the deployment is ready

    def say(self, text: str) -> None:
        """Write a text as it is."""
        with self._lock:
            print(text, file=self._out, flush=True)

    def log(self, line: str) -> None:
        """Write a line of a function; for people, what belongs to a request waits for its line.

        What is only told of the making of the deployment is left out, unless `LOG` is `json`.
        """
        facts = json.loads(line)
        if not self._people:
            if self._whole or self.store or facts.get("level") != "INFO":
                self.say(line)
            return
        if request_id := facts.get("request_id"):
            self._remember(str(request_id), facts)
        if "level" not in facts or facts["level"] == "ERROR":  # the first is another program's
            details = {name: facts[name] for name in ("errorType", "reason", "at", "function") if facts.get(name)}
            said = " ".join((str(facts.get("message", "")), *(f"{name}={value}" for name, value in details.items())))
            self.say(self._painted(_RED if "level" in facts else _DIM, f"{_clock()} {_visible(said)}"))

    def request(self, request: Request, response: Response, ms: float) -> None:
        """Write a request and its response; for programs only what no function saw, as functions log the others."""
        missed = None if response.status not in (404, 405) else hint(request.method, request.path)
        unsigned = _lacks_header(request, response)
        if not self._people:
            what = {"method": request.method, "path": request.path, "status": response.status}
            if missed is not None:
                self.say(json.dumps({"message": "gateway.no_route", "level": "INFO", **what, "hint": missed}))
            elif unsigned:
                self.say(json.dumps({"message": "gateway.unauthorized", "level": "INFO", **what, "reason": _NO_HEADER}))
            return
        with self._lock:
            facts = self._facts.pop(request.request_id, {})
        why = ": ".join(str(facts[name]) for name in ("error", "reason", "detail") if facts.get(name))
        app = self._app_name(str(facts.get("client_id", "")))
        said = f" – {missed}" if missed else f" {_visible(why)}" if why else f" – {_NO_HEADER}" if unsigned else ""
        status = self._painted(_colour(response.status), str(response.status)) + said
        head = f"{_clock()} {request.method} {_visible(request.path)} "
        self.say(head + " · ".join(part for part in (status, _visible(app), f"{ms:.0f} ms") if part))

    def https(self) -> None:
        """Write that a client speaks TLS to a port that does not."""
        said = "https was sent to this port, which speaks http only"
        if self._people:
            self.say(self._painted(_YELLOW, f"{_clock()} {said}"))
        else:
            self.say(json.dumps({"message": "gateway.https", "level": "INFO", "reason": said}))

    def _app_name(self, client_id: str) -> str:
        (app,) = self.store.read(app_key(client_id)) if self.store and client_id else (None,)
        return app.name if app else client_id

    def _remember(self, request_id: str, facts: Mapping[str, Any]) -> None:
        with self._lock:
            if len(self._facts) >= _MOST_FACTS:
                self._facts.clear()
            self._facts[request_id] = {**self._facts.get(request_id, {}), **facts}

    def _painted(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self._colours else text


def hint(method: str, path: str) -> str | None:
    """Return what to request instead of a path that no route has; None if one has it."""
    methods = methods_at(path)
    if method in methods:
        return None
    if methods:
        return f"this takes {' and '.join(methods)}"
    if meant := meant_path(path):
        return f"perhaps {meant}"
    if named := _NAMED_ELSEWHERE.get(path.rstrip("/").rpartition("/")[2]):
        return f"{named[0]} is {named[1].path}"
    return "no route"


def _lacks_header(request: Request, response: Response) -> bool:
    """Return whether API Gateway itself refused a request, which its authorizer is not asked about without a header."""
    refused = response.status == 401 and response.body == Response.message(401, "Unauthorized").body
    return refused and not any(name.lower() == "authorization" for name, _ in request.headers)


def standard_output() -> Terminal:
    """Return the terminal of this process."""
    return Terminal(sys.stdout, os.environ)


def _colour(status: int) -> str:
    return _GREEN if status < 400 else _YELLOW if status < 500 else _RED


def _clock() -> str:
    return time.strftime("%H:%M:%S")


def _visible(text: str) -> str:
    """Replace control characters, which a client could send to the terminal."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
