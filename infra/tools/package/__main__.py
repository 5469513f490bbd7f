"""`python -m infra.tools.package`: what `make package` starts."""

from __future__ import annotations

import os
import shutil
import sys

from gatepost_cdk.bundling import BundlingFailed
from gatepost_cdk.bytecode import NoPython
from infra.configuration.allowed_values import BadContext
from infra.configuration.context import ROOT, read_configuration
from infra.tools.package.authorizer import write_authorizer, write_template
from infra.tools.package.wheel import PackageFailed, build_wheel

_TARGET = ROOT / ".build" / "package"
_ARCHITECTURES = ("arm64", "x86_64")


def main() -> int:
    """The exit code; names each file that was written."""
    try:
        shutil.rmtree(_TARGET, ignore_errors=True)  # what was written before has other names
        python = read_configuration(ROOT / "cdk.json", os.environ).python
        written = [
            build_wheel(_TARGET),
            write_template(_TARGET, python=python),
            *(write_authorizer(_TARGET, architecture=each, python=python) for each in _ARCHITECTURES),
        ]
    except (BadContext, BundlingFailed, NoPython, PackageFailed) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(str(path.relative_to(ROOT)) for path in written))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
