"""The operator's commands as typed, on a deployment of a test."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from unittest.mock import patch

from infra.local import running
from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment


def operate(command: str, *arguments: str, typed: str = "", **environment: str) -> tuple[int, str]:
    """Return the exit code and all output of a command of `infra.tools.operator`.

    It runs in this process, with nothing of its environment: the start of another one takes longer than the command.
    """
    return run_command(f"infra.tools.operator.{command}", *arguments, typed=typed, **environment)


def run_command(module: str, *arguments: str, typed: str = "", **environment: str) -> tuple[int, str]:
    """Return the exit code and all output of a module's `main`."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, {"PATH": os.environ["PATH"], **environment}, clear=True),
        patch.object(sys, "stdin", io.StringIO(typed)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            code = importlib.import_module(module).main(list(arguments))
        except SystemExit as end:  # as the interpreter does
            code = end.code if isinstance(end.code, int) else 1
            if isinstance(end.code, str):
                print(end.code, file=err)
    return code, out.getvalue() + err.getvalue()


@contextmanager
def reachable(deployment: Deployment) -> Iterator[str]:
    """The port on which commands find the deployment until the block ends."""
    with running.announced(deployment.running):
        yield str(deployment.running.port)


def account_of(deployment: Deployment) -> dict[str, str]:
    """Return the environment of a user with credentials for the stack's account; the local AWS takes AWS's place."""
    access = deployment.running.access
    return {
        "AWS_ENDPOINT_URL": access.endpoint,
        "AWS_ACCESS_KEY_ID": access.key_id,
        "AWS_SECRET_ACCESS_KEY": access.secret,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
