"""A function's settings from its environment, read once per container, without importing anything of AWS."""

from __future__ import annotations

import os
from functools import cache

from gatepost.settings import Settings


@cache
def settings() -> Settings:
    """Return the settings that the stack or the construct wrote."""
    return Settings.from_env(os.environ)
