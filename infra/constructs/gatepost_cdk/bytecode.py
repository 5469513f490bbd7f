"""Compiles a folder to bytecode that is the same on every run of the same Python.

Run as a program by the Python that the bytecode is for: `python bytecode.py FOLDER PREFIX`. What a `.pyc` holds depends
on what else the process has imported (marshal writes shared objects as references), so this is a process of its own,
without site packages, that compiles one file after the other in the order of their names.
"""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path


class NoPython(Exception):
    """The Python that the bytecode is for is not on this machine."""


def compile_folder(folder: Path, prefix: str, python: str) -> None:
    """Write the bytecode of every module under `folder`, which will lie at `prefix`. Raises NoPython."""
    command = [interpreter(python), "-S", "-s", "-P", __file__, str(folder), prefix]
    subprocess.run(command, check=True, env={"PYTHONHASHSEED": "0"}, stdout=sys.stderr)  # noqa: S603


def interpreter(python: str) -> str:
    """The Python of a minor version: the one that runs this, or what PATH names like it. Raises NoPython."""
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{python}")
    if found is not None:
        # what PATH names may be a script that stands for a version which is not installed
        program = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2])"
        done = subprocess.run([found, "-c", program], check=False, capture_output=True, text=True)  # noqa: S603
        path, _, version = done.stdout.strip().rpartition(" ")
        if version == python:
            return path
    raise NoPython(
        f"The functions are for Python {python}, and only Python {python} can compile them: install python{python}, "
        "or set `python` (in cdk.json, or of GatepostAuthorizer) to a version that this machine and Lambda have."
    )


def main(folder: Path, prefix: str) -> None:
    """Compile in this process. A hash that nobody checks: copying and zipping change the times of files."""
    for path in sorted(folder.rglob("*.py")):
        target = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
        py_compile.compile(
            str(path),
            cfile=str(target),
            dfile=os.path.join(prefix, path.relative_to(folder)),  # noqa: PTH118 - a path of another machine
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
