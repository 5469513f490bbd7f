"""`python -m infra.local`: what `make run` starts."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from infra.local.cloud import CloudFailed
from infra.local.coverage import NotCovered
from infra.local.deployment import Deployment
from infra.local.front import PortBusy
from infra.local.provision import DeploymentFailed
from infra.local.synthesis import SynthesisFailed
from infra.local.welcome import welcome

_FOR_PEOPLE = (CloudFailed, DeploymentFailed, NotCovered, PortBusy, SynthesisFailed)
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK_SECONDS = 5
_printing = threading.Lock()


def main(arguments: list[str]) -> int:
    """The exit code. Serves until Ctrl-C, SIGTERM or the end of the terminal."""
    parser = _Parser(prog="make run", add_help=False)
    parser.add_argument("--port", type=_port, default=8080)
    parser.add_argument("--demo", type=Path)
    options = parser.parse_args(arguments)
    for number in _STOPS:
        signal.signal(number, _interrupt)
    try:
        with Deployment(port=options.port, step=_step, on_log=_say) as deployment:
            if options.demo:
                options.demo.write_text(json.dumps(deployment.demo, indent=2) + "\n")
            _say(welcome(deployment))
            _say(f"ready: {deployment.base_url}")
            while True:
                signal.pause()
    except KeyboardInterrupt:
        _say("stopped")
        return 0
    except _FOR_PEOPLE as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"The deployment could not start: {error}.", file=sys.stderr)
    return 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence."""
        self.exit(2, f"{message}\n")


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"PORT is {text}; allowed is a number from 0 (any free port) to 65535.")


def _interrupt(_: int, __: FrameType | None) -> None:
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)  # stopping is under way, a second one would leave half of it
    raise KeyboardInterrupt


def _say(text: str) -> None:
    with _printing:
        print(text, flush=True)


@contextlib.contextmanager
def _step(what: str) -> Iterator[None]:
    """Say what is being done, and how long it takes while it does."""
    began = time.monotonic()
    done = threading.Event()

    def tick() -> None:
        while not done.wait(_TICK_SECONDS):
            _say(f"{what}: {time.monotonic() - began:.0f} s so far")

    _say(f"{what} ...")
    threading.Thread(target=tick, daemon=True).start()
    try:
        yield
    finally:
        done.set()
    _say(f"{what}: {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
