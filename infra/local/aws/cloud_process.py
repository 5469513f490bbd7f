"""The child process of `cloud`: ministack, until its standard input is closed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from infra.local.aws.conditions import enforce_conditions
from infra.local.aws.saving import FOLDER, SAVE, Saver, SavingFailed
from infra.local.names import is_own

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]
_REFUSAL = b'{"message":"This server is for programs of this machine only."}'


def _end_with_parent(saver: Saver | None) -> None:
    while os.read(0, 1024):
        pass
    if saver:
        with contextlib.suppress(SavingFailed):  # nobody is left to hear of it
            saver.finish()
    os._exit(0)


def for_programs(app: _App) -> _App:
    """Reject browsers: ministack lets every site read its responses, including the mails that were sent.

    A page's request has another Host (see `names`), or an Origin. No SDK sends one.
    """

    async def guarded(scope: _Message, receive: _Receive, send: _Send) -> None:
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope.get("headers", ())]
        hosts = [value for name, value in headers if name == b"host"]
        if scope["type"] == "lifespan" or (is_own(hosts) and not any(name == b"origin" for name, _ in headers)):
            await app(scope, receive, send)
        elif scope["type"] == "http":
            kind = (b"content-type", b"application/json")
            await send({"type": "http.response.start", "status": 403, "headers": [kind]})
            await send({"type": "http.response.body", "body": _REFUSAL})
        else:
            await send({"type": "websocket.close"})

    return guarded


def saved(app: _App, saver: Saver) -> _App:
    """Save after changes, and when the parent asks."""

    async def watched(scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "http" and scope["path"] == SAVE:
            try:
                await asyncio.to_thread(saver.save)
                status, text = 204, ""
            except SavingFailed as error:
                status, text = 500, str(error)
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": text.encode()})
            return
        await app(scope, receive, send)
        if scope["type"] == "http":
            saver.note(scope["headers"], scope["method"])

    return watched


def main() -> None:
    """Run ministack's own command line."""
    os.umask(0o077)  # the files hold keys
    saver = Saver(Path(os.environ[FOLDER])) if FOLDER in os.environ else None
    threading.Thread(target=_end_with_parent, args=(saver,), daemon=True).start()
    sys.argv = ["ministack"]
    from ministack import app as ministack

    enforce_conditions()
    app = saved(ministack.app, saver) if saver else ministack.app
    ministack.app = for_programs(app)
    ministack.main()


if __name__ == "__main__":
    main()
