"""Errors that calls raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

E = TypeVar("E", bound=BaseException)


def raised(error: type[E], call: Callable[..., object], *args: Any, **named: Any) -> E:
    """Return the error that the call raises; fail if it raises none of that type."""
    with pytest.raises(error) as caught:
        call(*args, **named)
    return caught.value
