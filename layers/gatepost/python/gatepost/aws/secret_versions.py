"""A secret of Secrets Manager with its versions and their stages."""

from __future__ import annotations

from gatepost.aws.errors import Refusal
from gatepost.aws.services import Caller

_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"


class AWSSecretVersions:
    """Implements tokens.rotation_steps.SecretVersions."""

    def __init__(self, client: Caller, secret: str) -> None:
        """Take the ARN of the `secret`."""
        self._client = client
        self._secret = secret

    def current(self) -> str:
        """One call."""
        return self._read(VersionStage=_CURRENT)

    def pending(self) -> str:
        """One call."""
        return self._read(VersionStage=_PENDING)

    def text(self, version: str) -> str:
        """One call."""
        return self._read(VersionId=version)

    def put_pending(self, version: str, text: str) -> None:
        """One call."""
        new = {"ClientRequestToken": version, "SecretString": text, "VersionStages": [_PENDING]}
        self._client.call("PutSecretValue", {"SecretId": self._secret, **new})

    def current_version(self) -> str:
        """One call."""
        described = self._client.call("DescribeSecret", {"SecretId": self._secret})
        stages: dict[str, list[str]] = described["VersionIdsToStages"]
        return next(version for version, labels in stages.items() if _CURRENT in labels)

    def make_current(self, version: str, *, before: str) -> None:
        """One call, which Secrets Manager rejects unless `before` is the current version."""
        move = {"VersionStage": _CURRENT, "MoveToVersionId": version, "RemoveFromVersionId": before}
        self._client.call("UpdateSecretVersionStage", {"SecretId": self._secret, **move})

    def _read(self, **which: str) -> str:
        try:
            answer = self._client.call("GetSecretValue", {"SecretId": self._secret, **which})
        except Refusal as refusal:
            if refusal.code == "ResourceNotFoundException":
                return ""
            raise
        return str(answer["SecretString"])
