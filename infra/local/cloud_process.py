"""The child process of `cloud`: ministack, until its standard input is closed."""

from __future__ import annotations

import os
import sys
import threading


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Run ministack's own command line."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["ministack"]
    from ministack.app import main as ministack

    ministack()


if __name__ == "__main__":
    main()
