"""The local AWS: ministack as a child process on its own port, with IAM enforced."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local.aws.saving import FOLDER as SAVE_TO
from infra.local.aws.saving import SAVE

REGION = "us-east-1"
_START_SECONDS = 60.0


class CloudFailed(Exception):
    """The local AWS did not start; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The endpoint and credentials of a local AWS, with the permissions of its account's root."""

    endpoint: str
    key_id: str
    secret: str

    def client(self, service: str) -> Any:
        """Return a boto3 client."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
            config=Config(retries={"mode": "standard", "total_max_attempts": 3}, max_pool_connections=32),
        )


class Cloud:
    """A running ministack. It ends with `close`, or when this process ends."""

    _saving = False

    def __init__(self, folder: Path, *, restored: Path | None = None, saved: Path | None = None) -> None:
        """Start it, with its files in `folder`. Raises CloudFailed.

        It begins with what an earlier one saved to the folder `restored`, and saves to the folder `saved` after `save`.
        """
        self._log = folder / "ministack.log"
        port = _free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self.access = Access(
            endpoint=self.endpoint, key_id=f"AKIA{secrets.token_hex(8).upper()}", secret=secrets.token_hex(20)
        )
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "infra.local.aws.cloud_process"],
                stdin=subprocess.PIPE,  # closed when we end, however we end
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
                env={
                    **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
                    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                    "HOME": str(folder),
                    "TMPDIR": str(folder),
                    "S3_DATA_DIR": str(folder / "s3"),
                    "STATE_DIR": str(restored or folder / "state"),
                    "PERSIST_STATE": "1" if saved else "0",
                    **({SAVE_TO: str(saved)} if saved else {}),
                    "AUTH": "true",
                    "BIND_HOST": "127.0.0.1",
                    "GATEWAY_PORT": str(port),
                    "MINISTACK_REGION": REGION,
                    "MINISTACK_HOST": "127.0.0.1",
                    "IOT_MTLS_ENABLED": "0",
                    "SFTP_ENABLED": "0",
                    "LOG_LEVEL": "WARNING",
                    "AWS_ACCESS_KEY_ID": self.access.key_id,
                    "AWS_SECRET_ACCESS_KEY": self.access.secret,
                },
            )
        self._wait()

    def client(self, service: str) -> Any:
        """Return a boto3 client with the permissions of the account's root."""
        return self.access.client(service)

    def role_credentials(self) -> Callable[[str], Mapping[str, str]]:
        """Return a function that returns a role's credentials in environment variables, as Lambda sets them."""
        tokens = self.client("sts")

        def credentials(role_arn: str) -> dict[str, str]:
            session = tokens.assume_role(RoleArn=role_arn, RoleSessionName="gatepost")["Credentials"]
            return {
                "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
                "AWS_SESSION_TOKEN": session["SessionToken"],
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ENDPOINT_URL": self.endpoint,
            }

        return credentials

    def save(self) -> None:
        """Save everything, and from now on every change, soon after it. Raises CloudFailed."""
        try:
            with urllib.request.urlopen(f"{self.endpoint}{SAVE}", data=b"", timeout=_START_SECONDS):  # noqa: S310
                self._saving = True
        except urllib.error.HTTPError as error:
            with error:
                raise CloudFailed(f"The state was not saved: {error.read().decode()}") from error
        except OSError as error:
            raise CloudFailed(f"The state was not saved: {error}") from error

    def close(self) -> None:
        """End it. After `save` it is given the time to save what has changed since."""
        if self._process.stdin:
            self._process.stdin.close()
        if self._saving:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_START_SECONDS)
        self._process.kill()
        self._process.wait()

    def _wait(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=5):  # noqa: S310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.close()
        said = self._log.read_text(errors="replace").strip().splitlines()
        raise CloudFailed(f"The local AWS (ministack) did not start: {said[-1] if said else 'it said nothing'}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
