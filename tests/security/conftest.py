"""What the suite of the checklist shares beside the deployment."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest


@pytest.fixture
def listener() -> Iterator[str]:
    """The address of a port of this machine; the test fails if anybody called it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(BlockingIOError):
            listening.accept()
