"""`python -m infra.tools.supply_chain` (`make audit-code`): known vulnerabilities of everything that is locked.

Without the advisory service it says so and ends well: the same check works without a network.
"""

from __future__ import annotations

import sys

from infra.configuration.context import ROOT
from infra.tools.supply_chain.ignored import IGNORED
from infra.tools.supply_chain.vulnerabilities import AuditFailed, Unreachable, Vulnerability, audit, verdict

LOCKS = ("bootstrap", "layer", "dev", "checkov", "package")


def main() -> int:
    """The exit code: 0 if nothing is known, or all that is known has a reason, or nothing could be learned."""
    found: set[Vulnerability] = set()
    try:
        for name in LOCKS:
            found |= set(audit(ROOT / "requirements" / f"{name}.txt"))
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
