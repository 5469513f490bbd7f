"""Runs the three tools on an assembly, without the network or configuration of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.configuration.context import ROOT
from infra.tools.template_checks.findings import Finding

if TYPE_CHECKING:
    from aws_cdk import App

CHECKOV = ROOT / ".build" / "checkov" / "bin" / "checkov"  # created by the Makefile, see requirements/checkov.in


class ToolFailed(Exception):
    """A tool could not be run; the text is its output."""


def nag(app: App) -> Iterator[Finding]:
    """Run the rule packs AwsSolutions and Serverless of cdk-nag on the constructs of a synthesized app."""
    from cdk_nag import AwsSolutionsChecks, ServerlessChecks

    for pack in (AwsSolutionsChecks(), ServerlessChecks()):
        for violation in pack.validate_scope(app).violations:
            for resource in violation.violating_resources:
                text = violation.description
                yield Finding(rule=violation.rule_name, resource=resource.construct_path or "", text=text)


def cfn_lint(template: Path, paths: Mapping[str, str]) -> Iterator[Finding]:
    """Run cfn-lint; `paths` are the paths of the constructs by logical id."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", "--", str(template)]
    for each in json.loads(_output(command, template.parent, fine=range(2, 15, 2))):
        place = [str(part) for part in each["Location"]["Path"] or []]
        logical_id = place[1] if len(place) > 1 else ""
        text = f"{each['Message']} ({'.'.join(place[2:])})"
        yield Finding(rule=each["Rule"]["Id"], resource=paths.get(logical_id, logical_id), text=text)


def checkov(template: Path, paths: Mapping[str, str]) -> Iterator[Finding]:
    """Run checkov's built-in rules for CloudFormation."""
    command = [
        *(str(CHECKOV), "--file", str(template), "--framework", "cloudformation"),
        *("--skip-download", "--quiet", "--compact", "--output", "json"),
    ]
    return checkov_findings(json.loads(_output(command, template.parent, fine=(1,))), paths)


def checkov_findings(report: Mapping[str, Any], paths: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the findings in checkov's report. Raises ToolFailed if it read no resource: that is not a clean result."""
    summary = report.get("summary", {"parsing_errors": 1})
    if summary["parsing_errors"] or not summary["resource_count"]:
        raise ToolFailed("checkov could not read the template.")
    for each in report["results"]["failed_checks"]:
        logical_id = each["resource"].rpartition(".")[2]
        yield Finding(rule=each["check_id"], resource=paths.get(logical_id, logical_id), text=each["check_name"])


def _output(command: Sequence[str], folder: Path, *, fine: Sequence[int]) -> str:
    """Return the output of a tool; `fine` are the exit codes that report findings.

    It gets its own home, so that it finds neither settings nor credentials.
    """
    environment = {"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=environment)  # noqa: S603
    if done.returncode not in (0, *fine):
        raise ToolFailed(f"{Path(command[0]).name} failed:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def construct_paths(app: App) -> dict[str, str]:
    """Return the construct paths of a synthesized app by the logical ids of their resources."""
    from aws_cdk import CfnResource, Stack

    found: dict[str, Any] = {}
    for construct in app.node.find_all():
        if isinstance(construct, CfnResource):
            found[Stack.of(construct).resolve(construct.logical_id)] = construct.node.path
    return found
