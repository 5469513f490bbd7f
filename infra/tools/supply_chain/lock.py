"""Parser of the lock files of `make lock`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PIN = re.compile(r"(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;\\]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A package: the SHA-256 of every installable file, and its dependents.

    `direct` means that the `.in` file requires it; `asked_by` are the packages that do.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    direct: bool
    asked_by: tuple[str, ...]


def locked(lock: Path) -> Iterator[Locked]:
    """Yield the packages of a lock file, in order. A block begins at a line that is not indented."""
    for block in re.split(r"\n(?=[^\s#])", lock.read_text("utf-8")):
        if pin := _PIN.match(block):
            asked_by = block.partition("# via")[2].replace("#", " ").split()
            yield Locked(
                name=pin["name"],
                version=pin["version"],
                hashes=tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", block)),
                direct="-r" in asked_by,
                asked_by=tuple(each for each in asked_by if not each.startswith(("-", "requirements/"))),
            )
