"""SETTINGS=file.json of `make run`: settings that override those of `cdk.json` without editing it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from infra.configuration.allowed_values import BadContext
from infra.configuration.context import check_settings
from infra.local.synthesis import HERE


class BadSettings(Exception):
    """The file can't be used; the text is one sentence."""


def read_settings(path: Path) -> dict[str, Any]:
    """Return the settings of a file, an object like a stage of `cdk.json`. Raises BadSettings."""
    try:
        given = json.loads(path.read_text())
    except OSError as error:
        raise BadSettings(f"SETTINGS: {path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadSettings(f"SETTINGS: {path} is not JSON: {error}.") from error
    if not isinstance(given, dict):
        raise BadSettings(f"SETTINGS: {path} is not an object like a stage of cdk.json.")
    if fixed := sorted(given.keys() & HERE.keys()):
        raise BadSettings(f"SETTINGS: {', '.join(fixed)} can't be set on this machine, where the URL is the issuer.")
    try:
        check_settings(given, place=f"SETTINGS: {path}: ")
    except BadContext as error:
        raise BadSettings(str(error)) from error
    return given
