"""Parsing of the commands' arguments, with errors of one sentence."""

from __future__ import annotations

import argparse
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
