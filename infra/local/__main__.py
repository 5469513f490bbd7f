"""`python -m infra.local`: the program of `make run`."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from infra.local.apigateway.front import PortBusy
from infra.local.arguments import Parser, guest_app, port
from infra.local.aws.cloud import CloudFailed
from infra.local.aws.made_stack import DeploymentFailed
from infra.local.aws.mail import as_block
from infra.local.coverage import NotCovered
from infra.local.demo.welcome import guest_welcome, welcome
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from infra.local.running import announced
from infra.local.settings_file import BadSettings, read_settings
from infra.local.state import FOLDER, State, StateRefused
from infra.local.synthesis import SynthesisFailed
from infra.local.terminal import standard_output

_FOR_PEOPLE = (BadSettings, CloudFailed, DeploymentFailed, NotCovered, PortBusy, StateRefused, SynthesisFailed)
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK_SECONDS = 5
_terminal = standard_output()


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C, SIGTERM or the end of the terminal, and return the exit code."""
    parser = Parser(prog="make run", add_help=False)
    parser.add_argument("--port", type=port, default=8080)
    parser.add_argument("--demo", type=Path)
    parser.add_argument("--mail-sender")
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--guest", type=guest_app)
    parser.add_argument("--state", type=Path, help="where the state is kept")
    options = parser.parse_args(arguments)
    for number in _STOPS:
        signal.signal(number, _interrupt)
    try:
        with (
            _state(options.state, options.port) as state,
            Deployment(
                port=options.port,
                overrides={
                    **(read_settings(options.settings) if options.settings else {}),
                    **({"mail_sender": options.mail_sender} if options.mail_sender else {}),
                },
                step=_step,
                on_log=_terminal.log,
                on_request=_terminal.request,
                on_https=_terminal.https,
                on_mail=lambda mail: _terminal.say(as_block(mail)),
                state=state,
            ) as deployment,
            announced(deployment.running),
            _guest(deployment, options.guest) as guest,
        ):
            if options.demo:
                _write_private(options.demo, json.dumps(deployment.demo, indent=2) + "\n")
            deployment.keep()
            _terminal.store = deployment.store
            _terminal.say(welcome(deployment))
            if guest:
                _terminal.say(guest_welcome(options.guest.name, guest))
            _terminal.say(f"ready: {deployment.base_url}")
            while True:
                signal.pause()
    except KeyboardInterrupt:
        _terminal.say("stopped")
        return 0
    except _FOR_PEOPLE as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"The deployment could not start: {error}.", file=sys.stderr)
    return 1


def _state(folder: Path | None, port: int) -> contextlib.AbstractContextManager[State | None]:
    """Return the state of an earlier run: none is kept where any port will do."""
    if folder is None and port == 0:
        return contextlib.nullcontext()
    return State.opened(folder or FOLDER / str(port), port)


def _guest(deployment: Deployment, app: Path | None) -> contextlib.AbstractContextManager[Guest | None]:
    """Return the CDK app to deploy beside Gatepost, if one is named."""
    if app is None:
        return contextlib.nullcontext()
    return Guest(deployment, app=app, step=_step, on_log=_terminal.log)


def _write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, because it holds passwords and secrets."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)


def _interrupt(_: int, __: FrameType | None) -> None:
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)  # already stopping; a second signal would interrupt the cleanup
    raise KeyboardInterrupt


@contextlib.contextmanager
def _step(what: str) -> Iterator[None]:
    """Print the step, and its duration while it runs."""
    began = time.monotonic()
    done = threading.Event()

    def tick() -> None:
        while not done.wait(_TICK_SECONDS):
            _terminal.say(f"{what}: {time.monotonic() - began:.0f} s so far")

    _terminal.say(f"{what} ...")
    threading.Thread(target=tick, daemon=True).start()
    try:
        yield
    finally:
        done.set()
    _terminal.say(f"{what}: {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
