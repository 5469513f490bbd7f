"""`python -m infra.tools.supply_chain` (`make audit-code`): known vulnerabilities of all locked packages.

Succeeds with a message if the advisory service is unreachable, so that the check also works offline.
"""

from __future__ import annotations

import sys

from infra.configuration.context import ROOT
from infra.tools.supply_chain.ignored import IGNORED
from infra.tools.supply_chain.vulnerabilities import AuditFailed, Unreachable, Vulnerability, audit, verdict

LOCKS = (
    *(ROOT / "requirements" / f"{name}.txt" for name in ("bootstrap", "layer", "dev", "checkov", "mcp", "package")),
    ROOT / "docs" / "examples" / "mcp" / "server" / "requirements.txt",
)


def main() -> int:
    """Return the exit code: 0 if there is no unexplained vulnerability, or the service is unreachable."""
    found: set[Vulnerability] = set()
    try:
        for lock in LOCKS:
            found |= set(audit(lock))
    except Unreachable:
        print("pip-audit: the advisory service could not be reached, so known vulnerabilities were not looked for.")
        return 0
    except AuditFailed as error:
        print(error, file=sys.stderr)
        return 1
    faults = verdict(sorted(found, key=str), IGNORED)
    print("\n".join(faults or [f"pip-audit: no known vulnerability without a reason in {len(LOCKS)} lock files."]))
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
