"""Parsing of the commands' arguments, with errors of one sentence."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser without usage texts: `make help` has them."""

    def error(self, message: str) -> NoReturn:
        """Exit with the error as one sentence."""
        self.exit(2, f"{message}\n")


def port(text: str) -> int:
    """Parse the value of PORT=..."""
    if text.isascii() and text.isdigit() and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"PORT is {text}; allowed is a number from 0 (any free port) to 65535.")


def guest_app(text: str) -> Path:
    """Parse the value of GUEST=..., the Python program of a CDK app."""
    path = Path(text)
    if path.is_file() and path.suffix == ".py":
        return path
    kind = "is a folder" if path.is_dir() else "is no Python program" if path.exists() else "does not exist"
    raise argparse.ArgumentTypeError(f"GUEST is {text}, which {kind}; needed is a CDK app such as shop/app.py.")
