"""The log lines of the functions, one JSON object each."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable


class Log:
    """Keeps every line and passes it on."""

    def __init__(self, on_line: Callable[[str], None] | None = None) -> None:
        """Take `on_line`, which receives the lines one at a time."""
        self.lines: list[str] = []
        self._on_line = on_line
        self._lock = threading.Lock()

    def write(self, function: str, line: str) -> None:
        """Write a line of a function; text that is not a JSON object is wrapped in one."""
        try:
            whole = isinstance(json.loads(line), dict)
        except ValueError:
            whole = False
        text = line if whole else json.dumps({"function": function, "message": line})
        with self._lock:
            self.lines.append(text)
            if self._on_line:
                self._on_line(text)
