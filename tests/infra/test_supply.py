from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from packaging.requirements import Requirement

from infra.configuration.context import ROOT
from infra.tools.supply_chain.ignored import IGNORED, Ignored
from infra.tools.supply_chain.sbom import main, sbom
from infra.tools.supply_chain.vulnerabilities import (
    AuditFailed,
    Unreachable,
    Vulnerability,
    audit,
    report_of,
    verdict,
    vulnerabilities,
)

LOCK = ROOT / "requirements" / "layer.txt"
KNOWN = Vulnerability(package="jinja2", version="3.1.0", names=("PYSEC-1", "CVE-2024-1"), fixed_in=("3.1.6",))
WITH_REASON = Ignored(package="jinja2", vulnerability="CVE-2024-1", reason="no such template.")
REPORT = {
    "dependencies": [
        {"name": "six", "version": "1.17.0", "vulns": []},
        {
            "name": "jinja2",
            "version": "3.1.0",
            "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-2024-1"], "fix_versions": ["3.1.6"]}],
        },
    ],
    "fixes": [],
}


def test_a_known_vulnerability_has_to_be_mended_or_stands_by_a_reason_for_its_package_under_any_of_its_names() -> None:
    found = list(vulnerabilities(report_of(json.dumps(REPORT), "Found 1 known vulnerability in 1 package")))
    to_mend = "jinja2 3.1.0: PYSEC-1, CVE-2024-1, mended in 3.1.6"
    gone = "infra/tools/supply_chain/ignored.py: CVE-2024-1"

    assert found == [KNOWN]
    assert verdict(found, []) == [to_mend]
    assert verdict([KNOWN], [WITH_REASON]) == []
    of_another = Ignored(package="six", vulnerability="CVE-2024-1", reason="other.")
    assert verdict([KNOWN], [of_another]) == [to_mend, f"{gone} of six is gone"]
    assert verdict([], [WITH_REASON]) == [f"{gone} of jinja2 is gone"]
    assert [each for each in IGNORED if not each.reason.endswith(".")] == []


def test_a_release_that_the_service_does_not_know_is_refused_by_name() -> None:
    packages = [*REPORT["dependencies"], {"name": "gone", "skip_reason": "Dependency not found"}]
    with pytest.raises(AuditFailed, match=r"locked release of gone\.$"):
        list(vulnerabilities({"dependencies": packages}))


def test_what_knows_no_package_at_all_is_no_advisory_service() -> None:
    with pytest.raises(Unreachable):
        list(vulnerabilities({"dependencies": [{"name": "six", "skip_reason": "Dependency not found"}]}))


def test_without_a_network_nothing_is_known() -> None:
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "PATH": "/nonexistent"}
    with pytest.raises(Unreachable):
        audit(ROOT / "requirements" / "bootstrap.txt", nowhere)


def test_a_lock_file_that_can_not_be_read_is_no_clean_result(tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text("six>=1\n")
    with pytest.raises(AuditFailed, match=r"^pip-audit failed:"):
        audit(tmp_path / "lock.txt")


def test_the_sbom_names_every_locked_package_with_its_hashes() -> None:
    text = LOCK.read_text("utf-8")
    components = sbom()["components"]
    assert [f"{each['name']}=={each['version']}" for each in components] == re.findall(r"(?m)^[\w.-]+==[^ ;\\]+", text)
    hashes = {each["content"] for component in components for each in component["hashes"]}
    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", text))
    assert len(components) == 23


def test_the_sbom_states_licences_and_who_asks_for_what() -> None:
    document = sbom()
    by_name: dict[str, Any] = {each["name"]: each for each in document["components"]}
    assert by_name["cffi"]["licenses"] == [{"expression": "MIT-0"}]
    assert [name for name, each in by_name.items() if "licenses" not in each] == []
    asked = {each["ref"]: each["dependsOn"] for each in document["dependencies"]}
    assert asked[by_name["cryptography"]["purl"]] == [by_name["cffi"]["purl"]]
    assert by_name["botocore"]["purl"] in asked["gatepost"]
    assert by_name["botocore"]["purl"] in asked[by_name["boto3"]["purl"]]
    assert by_name["cffi"]["purl"] not in asked["gatepost"]


def test_the_sbom_is_cyclonedx_and_the_same_every_time_for_one_lock_file(tmp_path: Path) -> None:
    main(str(tmp_path / "new" / "a.json"))
    main(str(tmp_path / "b.json"))
    written = (tmp_path / "new" / "a.json").read_text("utf-8")
    assert written == (tmp_path / "b.json").read_text("utf-8")
    jsonschema_rs.validator_for(_schema("bom-1.6"), registry=_references()).validate(json.loads(written))

    (tmp_path / "layer.txt").write_text(LOCK.read_text("utf-8").replace("six==1.17.0", "six==1.16.0"))
    other = sbom(tmp_path / "layer.txt")
    assert other["serialNumber"] != json.loads(written)["serialNumber"]
    assert "licenses" not in next(each for each in other["components"] if each["name"] == "six")


def test_the_workflow_runs_the_check_pinned_and_without_rights() -> None:
    workflow = (ROOT / ".github" / "workflows" / "check.yml").read_text("utf-8")
    used = re.findall(r"uses: (.+)", workflow)
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []
    assert "permissions:\n  contents: read\n" in workflow
    assert re.findall(r"run: (.+)", workflow) == [".ci/run"]
    assert "secrets" not in workflow


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(
        (files("cyclonedx.schema") / "_res" / f"{name}.SNAPSHOT.schema.json").read_text("utf-8")
    )
    return schema


def _references() -> jsonschema_rs.Registry:
    folder = _schema("bom-1.6")["$id"].rpartition("/")[0]
    return jsonschema_rs.Registry(
        [(f"{folder}/{name}.SNAPSHOT.schema.json", _schema(name)) for name in ("spdx", "jsf-0.82")]
    )


@pytest.mark.parametrize(("package", "next_major"), [("aws-cdk-lib", "3.0.0"), ("constructs", "11.0.0")])
def test_other_apps_get_versions_that_were_tried_here_or_later_ones_of_the_same_major(
    package: str, next_major: str
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (needed,) = [each for each in map(Requirement, project["dependencies"]) if each.name == package]

    assert version(package) in needed.specifier
    assert next_major not in needed.specifier
    assert "1.999.0" not in needed.specifier
