"""`python -m infra.tools.supply_chain.sbom FILE` (`make sbom`): the deployed packages as a CycloneDX document.

It depends only on the lock file and the installed packages' licences, so it is reproducible byte for byte.
"""

from __future__ import annotations

import json
import sys
import tomllib
import uuid
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import Any

from infra.configuration.context import ROOT
from infra.tools.supply_chain.lock import Locked, locked

LOCK = ROOT / "requirements" / "layer.txt"
_SELF = "gatepost"


def sbom(lock: Path = LOCK) -> dict[str, Any]:
    """Return the bill of materials (CycloneDX 1.6) of the layer, with a serial number derived from the lock file."""
    packages = list(locked(lock))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, lock.read_text('utf-8'))}",
        "version": 1,
        "metadata": {"component": _gatepost()},
        "components": [_component(each) for each in packages],
        "dependencies": _dependencies(packages),
    }


def _gatepost() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "type": "application",
        "bom-ref": _SELF,
        "name": _SELF,
        "version": project["version"],
        "licenses": [{"license": {"id": project["license"]}}],
    }


def _component(package: Locked) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": _purl(package),
        "name": package.name,
        "version": package.version,
        "purl": _purl(package),
        "hashes": [{"alg": "SHA-256", "content": each} for each in package.hashes],
        **_licences(package),
    }


def _purl(package: Locked) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


def _dependencies(packages: Iterable[Locked]) -> list[dict[str, Any]]:
    """Return the dependencies of each package."""
    asked = {_SELF: [_purl(each) for each in packages if each.direct]}
    for each in packages:
        asked[each.name] = [_purl(other) for other in packages if each.name in other.asked_by]
    refs = {_SELF: _SELF} | {each.name: _purl(each) for each in packages}
    return [{"ref": refs[name], "dependsOn": needed} for name, needed in asked.items()]


def _licences(package: Locked) -> dict[str, Any]:
    """Return the installed package's licences if it is the locked version, else nothing."""
    try:
        if version(package.name) != package.version:
            return {}
    except PackageNotFoundError:
        return {}
    stated = metadata(package.name).json
    if expression := stated.get("license_expression"):
        return {"licenses": [{"expression": expression}]}
    classifiers = [each for each in stated.get("classifier", []) if each.startswith("License :: ")]
    if not classifiers and "license" not in stated:
        return {}
    names = sorted({each.rpartition(" :: ")[2] for each in classifiers}) or [str(stated["license"])]
    return {"licenses": [{"license": {"name": name}} for name in names]}


def main(file: str) -> None:
    """Write the document."""
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sbom(), indent=2) + "\n", "utf-8")
    print(path)


if __name__ == "__main__":
    main(sys.argv[1])
