"""pip-audit's report on the packages of a lock file, and the vulnerabilities that are not accepted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.configuration.context import ROOT
from infra.tools.supply_chain.ignored import Ignored

_CACHE = ROOT / ".build" / "pip-audit"

# Signs in pip-audit's traceback that the service is unreachable or gave no usable response.
_NO_ANSWER = ("requests.exceptions.", "ServiceError", "VulnServiceConnectionError", "Could not connect")


class AuditFailed(Exception):
    """pip-audit failed for another reason than the network; the text is its output."""


class Unreachable(Exception):
    """The advisory service is unreachable, so the vulnerabilities are unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability:
    """A known vulnerability of a locked package; `names` are its identifier and its aliases."""

    package: str
    version: str
    names: tuple[str, ...]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        """Return the line that reports it."""
        mended = f"mended in {', '.join(self.fixed_in)}" if self.fixed_in else "not mended in any version"
        return f"{self.package} {self.version}: {', '.join(self.names)}, {mended}"


def vulnerabilities(report: Mapping[str, Any]) -> Iterator[Vulnerability]:
    """Yield the vulnerabilities in a report of pip-audit (JSON).

    Raises Unreachable if the service knows none of the packages, because then it is not an advisory service;
    AuditFailed if one is unknown, because a withdrawn release must not be deployed.
    """
    packages = report["dependencies"]
    unknown = [each["name"] for each in packages if "skip_reason" in each]
    if len(unknown) == len(packages):
        raise Unreachable
    if unknown:
        raise AuditFailed(f"The advisory service knows nothing of the locked release of {', '.join(unknown)}.")
    for package in packages:
        for found in package["vulns"]:
            yield Vulnerability(
                package=package["name"],
                version=package["version"],
                names=(found["id"], *found["aliases"]),
                fixed_in=tuple(found["fix_versions"]),
            )


def unexplained(found: Iterable[Vulnerability], ignored: Iterable[Ignored]) -> list[Vulnerability]:
    """Return the vulnerabilities without a reason."""
    stands = {(each.package, each.vulnerability) for each in ignored}
    return [each for each in found if stands.isdisjoint((each.package, name) for name in each.names)]


def outlived(found: Iterable[Vulnerability], ignored: Iterable[Ignored]) -> list[Ignored]:
    """Return the reasons that no vulnerability needs any more."""
    needed = {(each.package, name) for each in found for name in each.names}
    return [each for each in ignored if (each.package, each.vulnerability) not in needed]


def audit(lock: Path, environment: Mapping[str, str] = os.environ) -> list[Vulnerability]:
    """Return the known vulnerabilities of a lock file's packages. Raises Unreachable and AuditFailed."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--requirement", str(lock)),
        *("--format", "json", "--desc", "off", "--progress-spinner", "off", "--timeout", "10"),
        *("--cache-dir", str(_CACHE)),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=dict(environment))  # noqa: S603
    return list(vulnerabilities(report_of(done.stdout, done.stderr)))


def report_of(output: str, complaint: str) -> dict[str, Any]:
    """Return the report in pip-audit's output. Raises Unreachable and AuditFailed."""
    if output.startswith("{"):
        report: dict[str, Any] = json.loads(output)
        return report
    if any(sign in complaint for sign in _NO_ANSWER):
        raise Unreachable
    raise AuditFailed(f"pip-audit failed:\n{complaint.strip() or output.strip()}")


def verdict(found: Sequence[Vulnerability], ignored: Sequence[Ignored]) -> list[str]:
    """Return the faults, one line each; empty if every vulnerability has a reason and every reason is needed."""
    return [
        *(str(each) for each in unexplained(found, ignored)),
        *(
            f"infra/tools/supply_chain/ignored.py: {each.vulnerability} of {each.package} is gone"
            for each in outlived(found, ignored)
        ),
    ]
