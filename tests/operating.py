"""The operator's commands as typed, on a deployment of a test."""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gatepost.observability import log
from infra.configuration.context import ROOT
from infra.local import running
from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment
from infra.tools.operator.target import Target


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
        log.environment.cache_clear()  # a command writes no log lines
        try:
            code = importlib.import_module(module).main(list(arguments))
        except SystemExit as end:  # as the interpreter does
            code = end.code if isinstance(end.code, int) else 1
            if isinstance(end.code, str):
                print(end.code, file=err)
        finally:
            log.environment.cache_clear()
    return code, out.getvalue() + err.getvalue()


def ran(*command: Any, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=300)


def stage_prod(client: Callable[..., Any], *functions: str, stack: str = "", name: str = "the stage prod") -> Target:
    """Return a deployment in AWS whose services `client` returns, with functions beside the rotation."""
    return Target(
        name=name,
        client=client,
        base_url="https://id.example.test",
        tables={},
        functions={each: f"fn-{each.partition('_')[0]}" for each in ("rotate_keys", *functions)},
        backed_up=True,
        stack=stack,
    )


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
