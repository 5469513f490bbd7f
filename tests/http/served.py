"""A local front with two functions made for it: one echoes its event, one authorizes tokens."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import requests

from infra.local.apigateway.deployed_api import ApiRoute, Authorizer, DeployedApi
from infra.local.apigateway.front import Front
from infra.local.apigateway.gateway import Gateway
from infra.local.lambda_runtime.process import FunctionConfig
from infra.local.lambda_runtime.runtime import Function

ECHO = """
    import json, os, sys, time

    CALLS = 0

    def handler(event, context):
        global CALLS
        CALLS += 1
        path = event["rawPath"]
        if path == "/raise":
            raise RuntimeError("broken on purpose")
        if path == "/slow":
            time.sleep(30)
        if path == "/exit":
            os._exit(3)
        if path == "/returns":
            return json.loads(event["body"])
        if path == "/noisy":
            print("plain text")
            print(json.dumps({"message": "first"}))
            sys.stderr.write("to stderr\\n")
        body = {"event": event, "calls": CALLS, "pid": os.getpid(), "environment": dict(os.environ), "path": sys.path}
        return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
"""
AUTHORIZER = """
    CALLS = 0

    def handler(event, context):
        global CALLS
        CALLS += 1
        token = event["headers"]["authorization"]
        if token == "Bearer broken":
            raise RuntimeError("no decision")
        if token == "Bearer odd":
            return {"isAuthorized": "yes"}
        seen = {"calls": CALLS, "identity": event["identitySource"], "type": event["type"], "body": "body" in event}
        return {"isAuthorized": token == "Bearer good", "context": seen}
"""
OPEN = ("GET /echo", "POST /echo", "GET /items/{item}", "GET /files/{path+}", "GET /raise", "GET /slow", "GET /exit",
        "POST /returns", "GET /noisy", "GET /items/fixed", "GET /limited", "OPTIONS /asked",
        "GET /any/known", "ANY /any/{one}", "ANY /any/{rest+}")  # fmt: skip
PROTECTED = ("GET /protected", "GET /protected2", "POST /protected")


class Served:
    """A front with its functions."""

    def __init__(self, folder: Path, cors: dict[str, Any] | None = None) -> None:
        self.lines: list[tuple[str, str]] = []
        self.now = 1000.0
        functions = {
            name: self._function(folder, name, source) for name, source in (("echo", ECHO), ("guard", AUTHORIZER))
        }
        self.functions = functions
        guard = Authorizer(
            function_arn="guard",
            identity_sources=("$request.header.Authorization", "$context.routeKey"),
            cache_seconds=5,
        )
        routes = {key: ApiRoute(key=key, function_arn="echo", authorizer=None) for key in OPEN}
        routes |= {key: ApiRoute(key=key, function_arn="echo", authorizer=guard) for key in PROTECTED}
        routes["GET /limited"] = ApiRoute(key="GET /limited", function_arn="echo", authorizer=None, rate=1, burst=2)
        api = DeployedApi(api_id="abc123", routes=routes, cors=cors)
        self.front = Front(0, Gateway(api, functions, clock=lambda: self.now).handle)
        self.url = self.front.base_url

    def _function(self, folder: Path, name: str, source: str) -> Function:
        code = folder / name
        code.mkdir(parents=True)
        (code / "handler.py").write_text(textwrap.dedent(source))
        config = FunctionConfig(
            name=name, physical_name=f"Fn-{name}", arn=name, role_arn="role", handler="handler.handler", memory=128,
            timeout=1.0, environment={"FROM_TEMPLATE": "yes"}, code=code, layers=(),
        )  # fmt: skip
        return Function(
            config, width=2, credentials=lambda _: {"AWS_REGION": "x"}, log=lambda *line: self.lines.append(line)
        )

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=30, **options)

    def event(self, path: str, **options: Any) -> dict[str, Any]:
        event: dict[str, Any] = self.get(path, **options).json()["event"]
        return event

    def close(self) -> None:
        self.front.close()
        for function in self.functions.values():
            function.close()
