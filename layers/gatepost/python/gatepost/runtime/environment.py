"""The settings that a function finds in its environment, read once a container. It imports nothing of AWS."""

from __future__ import annotations

import os
from functools import cache

from gatepost.settings import Settings


@cache
def settings() -> Settings:
    """What the stack or the construct wrote."""
    return Settings.from_env(os.environ)
