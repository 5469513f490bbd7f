"""A warm execution environment of a function. Started with `python -I -S`: it sees only the layers.

Reads invocations from standard input, one per line. The function's output goes to standard output as log lines; a line
that begins with NUL ends the start or an invocation.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from typing import Any

_END = b"\0"


class Context:
    """The context object that Lambda passes to a handler."""

    def __init__(self, request_id: str, arn: str, deadline: float) -> None:
        """Take the `deadline` in epoch seconds."""
        self.aws_request_id = request_id
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = arn
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Return the rest of the timeout."""
        return max(0, int((self._deadline - time.time()) * 1000))


def _failure(error: BaseException, request_id: str) -> dict[str, Any]:
    """Return Lambda's error response for an exception, and log it with its traceback, as Lambda's JSON format does."""
    kind, text = type(error).__name__, str(error)
    trace = traceback.format_tb(error.__traceback__)
    line = {"level": "ERROR", "message": text, "errorType": kind, "stackTrace": trace, "requestId": request_id}
    print(json.dumps(line), flush=True)
    return {"errorMessage": text, "errorType": kind}


def _reply(message: dict[str, Any]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    data = b"\n" + _END + json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(1, data) :]


def _invoke(handler: Any, invocation: dict[str, Any]) -> dict[str, Any]:
    request_id = invocation["request_id"]
    os.environ["_X_AMZN_TRACE_ID"] = invocation["trace_id"]
    try:
        result = handler(invocation["event"], Context(request_id, invocation["arn"], invocation["deadline"]))
        return {"result": json.loads(json.dumps(result))}
    except Exception as error:  # noqa: BLE001 - Lambda's runtime catches all of them
        return {"error": _failure(error, request_id)}


def main() -> None:
    """Load the handler, then process invocations until standard input ends."""
    os.dup2(1, 2)  # one log: keeps stderr in order with the rest
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    task, *layers = sys.argv[1:]
    sys.path[0:0] = [task, *(f"{layer}/python" for layer in layers)]
    os.chdir(task)
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    try:
        handler = getattr(importlib.import_module(module), name)
    except BaseException as error:  # noqa: BLE001 - also SystemExit, so that it is reported
        _reply({"error": _failure(error, "")})
        raise SystemExit(1) from None
    _reply({})
    for line in sys.stdin.buffer:
        _reply(_invoke(handler, json.loads(line)))


if __name__ == "__main__":
    main()
