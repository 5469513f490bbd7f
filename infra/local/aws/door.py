"""A proxy in front of ministack, for operators, and for functions whose calls are recorded.

ministack has no code of the functions to run. So this door answers Lambda's Invoke, and when an alias moves, the
function goes on as that version. All else is handed on.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import urllib3

from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.front import Front
from infra.local.aws.calls import AwsCall, calls_of, was_refused
from infra.local.aws.cloud import Access
from infra.local.lambda_runtime.process import InvocationFailed, InvocationTimedOut
from infra.local.lambda_runtime.runtime import Function

OnCall = Callable[[AwsCall], None]
Credentials = Callable[[str], Mapping[str, str]]  # of a role, by its ARN, as environment variables
_SECONDS = 60
_NOT_HANDED_ON = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}
_FUNCTION = re.compile(r"/2015-03-31/functions/([^/]+)/(invocations|configuration|versions|aliases(?:/[^/]+)?)")
_CREDENTIAL = re.compile(r"Credential=([A-Z0-9]+)/")


class Door:
    """A proxy that runs until `close`. `endpoint` is its URL."""

    def __init__(self, access: Access, on_call: OnCall | None) -> None:
        """Take the endpoint to forward to; `on_call` receives every call of a function that passes through."""
        self._access = access
        self._on_call = on_call
        self._pool = urllib3.connection_from_url(access.endpoint, maxsize=32, timeout=_SECONDS)
        self._callers: dict[str, str] = {}
        self._keys: Mapping[str, str] = {}
        self._functions: Mapping[str, Function] = {}
        self._lock = threading.Lock()
        self._front = Front(0)
        self.endpoint = f"http://127.0.0.1:{self._front.port}"

    def serve(self, functions: Mapping[str, Function], keys: Mapping[str, str]) -> None:
        """Answer, from now on for these. `functions` by what they are invoked by; `keys` are for `calls.calls_of`."""
        started, self._functions, self._keys = bool(self._functions), functions, keys
        if not started:
            self._front.serve(self._answer)

    def credentials(self, of_role: Credentials, function: str, *, by: bool) -> Credentials:
        """Return the credentials of a function's roles, by which its calls are known; `by` leads them through here."""

        def known(role_arn: str) -> Mapping[str, str]:
            found = of_role(role_arn)
            self._callers[found["AWS_ACCESS_KEY_ID"]] = function
            return {**found, "AWS_ENDPOINT_URL": self.endpoint} if by else found

        return known

    def close(self) -> None:
        """Stop serving."""
        self._front.close()
        self._pool.close()

    def _answer(self, request: Request) -> Response:
        credential = _CREDENTIAL.search(request.header("authorization"))
        caller = credential[1] if credential else ""
        found = _FUNCTION.fullmatch(request.path)
        function = self._functions.get(unquote(found[1])) if found else None
        if found and function and found[2] == "invocations":
            if caller != self._access.key_id:  # ministack looks at the rights, and runs an empty function
                response = self._handed_on(request)
                self._note(caller, request, response)
                if response.status in (401, 403):
                    return response
            return _invoked(function, request)
        response = self._handed_on(request)
        if found and function and request.method == "PUT" and response.status == 200 and "aliases/" in found[2]:
            self._moved(function, json.loads(response.body))
        self._note(caller, request, response)
        return response

    def _moved(self, function: Function, alias: Mapping[str, Any]) -> None:
        """Go on as the version that the alias points to from now on."""
        api = self._access.client("lambda")
        found = api.get_function_configuration(
            FunctionName=function.config.physical_name, Qualifier=alias["FunctionVersion"]
        )
        function.reconfigure(found["Environment"]["Variables"], version=found["Version"])

    def _handed_on(self, request: Request) -> Response:
        answer = self._pool.urlopen(
            request.method,
            request.path + (f"?{request.query}" if request.query else ""),
            body=request.body,
            headers=dict(request.headers),
            redirect=False,
            retries=False,
            decode_content=False,
        )
        headers = tuple((name, value) for name, value in answer.headers.items() if name.lower() not in _NOT_HANDED_ON)
        return Response(status=answer.status, headers=headers, body=answer.data)

    def _note(self, caller: str, request: Request, response: Response) -> None:
        function = self._callers.get(caller)
        if self._on_call is None or function is None:
            return
        refused = response.status >= 400 and was_refused(response.body)
        with self._lock:
            for call in calls_of(function, request, self._keys, refused=refused):
                self._on_call(call)


def _invoked(function: Function, request: Request) -> Response:
    """Respond as Lambda does to an Invoke of type RequestResponse."""
    try:
        result = function.invoke(json.loads(request.body or b"null"))
    except InvocationFailed as error:
        failure: dict[str, Any] = {"errorMessage": str(error), "errorType": "Exception"}
    except InvocationTimedOut:
        failure = {"errorMessage": "Task timed out", "errorType": "Sandbox.Timedout"}
    else:
        return Response(status=200, headers=(("content-type", "application/json"),), body=json.dumps(result).encode())
    headers = (("content-type", "application/json"), ("x-amz-function-error", "Unhandled"))
    return Response(status=200, headers=headers, body=json.dumps(failure).encode())
