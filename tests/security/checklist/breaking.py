"""Added to every function of a test's deployment: raises on request, with everything that was sent in the message.

`X-Break: before` or `after` breaks the handler before or after its work, `store` every AWS call that it makes. A bearer
token that begins with `broken` breaks the authorizer, a version that begins with `broken` the rotation of keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gatepost.aws.client import Client
from gatepost.aws.errors import Refusal
from gatepost.http import entry_point
from gatepost.http.request import Request
from gatepost.http.response import Response

try:
    from gatepost.tokens.revocation_list import Watch
except ModuleNotFoundError:  # a function that verifies nothing has no cryptography
    Watch = None  # type: ignore[assignment,misc]

_endpoint, _call = entry_point.endpoint, Client.call
_claims: Any = getattr(Watch, "claims", None)
_breaks = {"store": False}


def endpoint(
    name: str, render: entry_point.Renderer = entry_point.render_json, **options: Any
) -> Callable[[entry_point.Handler], Any]:
    """`entry_point.endpoint` with a handler that breaks on demand."""

    def decorate(handler: entry_point.Handler) -> Any:
        def breaking(request: Request) -> Response:
            asked = request.headers.get("x-break")
            if asked == "before":
                raise RuntimeError(f"{request}")
            _breaks["store"] = asked == "store"
            try:
                response = handler(request)
            finally:
                _breaks["store"] = False
            if asked == "after":
                raise RuntimeError(f"{request} {response}")
            return response

        return _endpoint(name, render, **options)(breaking)

    return decorate


def call(client: Client, operation: str, values: Mapping[str, Any]) -> Any:
    """A call of AWS whose error quotes its input, as errors of AWS may."""
    if operation == "PutSecretValue" and values["ClientRequestToken"].startswith("broken"):
        raise RuntimeError(f"{values}")
    if _breaks["store"]:
        raise Refusal("ValidationException", {"message": f"{values}"})
    return _call(client, operation, values)


def claims(watch: Any, token: str, now: float, audience: str | None = None) -> Any:
    """The authorizer's work, or an error that quotes the token."""
    if token.startswith("broken"):
        raise RuntimeError(token)
    return _claims(watch, token, now, audience)


entry_point.endpoint = endpoint
setattr(Client, "call", call)  # noqa: B010 — it takes the place of a method
if Watch is not None:
    setattr(Watch, "claims", claims)  # noqa: B010 — it takes the place of a method
