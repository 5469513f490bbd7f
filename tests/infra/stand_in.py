"""`make` on a machine without Node, and a stand-in for the parts of AWS that CDK's command line asks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from infra.configuration.context import ROOT

ACCOUNT = "111122223333"
NEEDED = ("make", "sh", "env", "mkdir", "cp", "touch", "cat", "test", "dirname")


def make(folder: Path, *told: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `make` without a terminal, with the programs in its path that it needs: a folder of links."""
    folder.mkdir()
    for name in NEEDED:
        (folder / name).symlink_to(shutil.which(name) or f"no {name}")
    (folder / "python3").symlink_to(sys.executable)
    known = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        ["make", *told],
        cwd=ROOT,
        env={**known, "PATH": str(folder), "MAKEFLAGS": "", "APPROVE": "", "CDK_ARGS": "", **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


class Account(ThreadingHTTPServer):
    """An account whose caller may do what `allowed` names; `template` is the one of every stack, if there is one."""

    def __init__(self, allowed: set[str], template: dict[str, Any] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.allowed, self.template = {*allowed, "sts:GetCallerIdentity"}, template
        self.heard: list[str] = []
        self.refused: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        """The environment that leads a program here."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_port}",
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def account(allowed: set[str], template: dict[str, Any] | None = None) -> Iterator[Account]:
    with Account(allowed, template) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Account

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        service = self.headers.get("Authorization", "//////").split("/")[3]
        action = asked.get("Action") or self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        name = f"{service}:{action}"
        self.server.heard.append(name)
        if name not in self.server.allowed:
            self.server.refused.append(name)
            self._error("AccessDenied", f"not authorized to perform {name}")
        elif action == "GetCallerIdentity":
            who = f"<Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:user/somebody</Arn><UserId>AIDA</UserId>"
            self._answer(200, f"<R><GetCallerIdentityResult>{who}</GetCallerIdentityResult></R>")
        elif self.server.template is None:
            self._error("ValidationError", f"Stack with id {asked['StackName']} does not exist")
        elif action == "GetTemplate":
            text = escape(json.dumps(self.server.template))
            self._answer(200, f"<R><GetTemplateResult><TemplateBody>{text}</TemplateBody></GetTemplateResult></R>")
        else:
            stack = (
                f"<StackName>{asked['StackName']}</StackName><StackStatus>UPDATE_COMPLETE</StackStatus>"
                "<CreationTime>2026-01-01T00:00:00Z</CreationTime>"
            )
            self._answer(
                200, f"<R><DescribeStacksResult><Stacks><member>{stack}</member></Stacks></DescribeStacksResult></R>"
            )

    def _error(self, code: str, message: str) -> None:
        self._answer(400, f"<R><Error><Code>{code}</Code><Message>{message}</Message></Error></R>")

    def _answer(self, status: int, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass
