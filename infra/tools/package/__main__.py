"""`python -m infra.tools.package`: what `make package` starts."""

from __future__ import annotations

import sys

from infra.configuration.context import ROOT
from infra.tools.package.wheel import PackageFailed, build_wheel

_TARGET = ROOT / ".build" / "package"


def main() -> int:
    """The exit code; names each file that was written."""
    try:
        written = [build_wheel(_TARGET)]
    except PackageFailed as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(str(path.relative_to(ROOT)) for path in written))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
