"""What pip-audit knows of the packages of a lock file, and which of it has to be mended."""

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

# How pip-audit ends, by a traceback, where nothing answers, or nothing sensible.
_NO_ANSWER = ("requests.exceptions.", "ServiceError", "VulnServiceConnectionError", "Could not connect")


class AuditFailed(Exception):
    """pip-audit could not do its work, and the network is not why; the text is what it said."""


class Unreachable(Exception):
    """The advisory service did not answer, so that nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability:
    """A known vulnerability of a locked package; `names` are its identifier and its aliases."""

    package: str
    version: str
    names: tuple[str, ...]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        """The line that says it."""
        mended = f"mended in {', '.join(self.fixed_in)}" if self.fixed_in else "not mended in any version"
        return f"{self.package} {self.version}: {', '.join(self.names)}, {mended}"


def vulnerabilities(report: Mapping[str, Any]) -> Iterator[Vulnerability]:
    """What a report of pip-audit (JSON) holds.

    Raises Unreachable if the service knows none of the packages: what answered is no advisory service then. Raises
    AuditFailed if it does not know one of them: a release that was taken back is not to be deployed.
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
    """What has to be mended, or ignored with a reason."""
    stands = {(each.package, each.vulnerability) for each in ignored}
    return [each for each in found if stands.isdisjoint((each.package, name) for name in each.names)]


def outlived(found: Iterable[Vulnerability], ignored: Iterable[Ignored]) -> list[Ignored]:
    """The reasons that no vulnerability needs any more."""
    needed = {(each.package, name) for each in found for name in each.names}
    return [each for each in ignored if (each.package, each.vulnerability) not in needed]


def audit(lock: Path, environment: Mapping[str, str] = os.environ) -> list[Vulnerability]:
    """What is known of the packages of a lock file. Raises Unreachable and AuditFailed."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--requirement", str(lock)),
        *("--format", "json", "--desc", "off", "--progress-spinner", "off", "--timeout", "10"),
        *("--cache-dir", str(_CACHE)),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=dict(environment))  # noqa: S603
    return list(vulnerabilities(report_of(done.stdout, done.stderr)))


def report_of(output: str, complaint: str) -> dict[str, Any]:
    """The report in what pip-audit printed. Raises Unreachable and AuditFailed."""
    if output.startswith("{"):
        report: dict[str, Any] = json.loads(output)
        return report
    if any(sign in complaint for sign in _NO_ANSWER):
        raise Unreachable
    raise AuditFailed(f"pip-audit failed:\n{complaint.strip() or output.strip()}")


def verdict(found: Sequence[Vulnerability], ignored: Sequence[Ignored]) -> list[str]:
    """What is wrong, a line each; empty if all that was found has a reason and every reason is needed."""
    return [
        *(str(each) for each in unexplained(found, ignored)),
        *(
            f"infra/tools/supply_chain/ignored.py: {each.vulnerability} of {each.package} is gone"
            for each in outlived(found, ignored)
        ),
    ]
