"""The operator's commands as typed, on a deployment of a test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from infra.configuration.context import ROOT
from infra.local import running
from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment


def operate(command: str, *arguments: str, typed: str = "", **environment: str) -> tuple[int, str]:
    """Return the exit code and all output."""
    done = subprocess.run(
        [sys.executable, "-m", f"infra.tools.operator.{command}", *arguments],
        check=False, capture_output=True, text=True, cwd=ROOT, input=typed, timeout=120,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}/layers/gatepost/python", **environment},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


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
