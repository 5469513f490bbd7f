"""`make lint-template`: runs the three tools on the templates and reports unexplained findings."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from gatepost_cdk.bundling import BundlingFailed
from infra.app import make_app
from infra.configuration.allowed_values import BadContext
from infra.configuration.context import ROOT
from infra.local.synthesis import machine_context
from infra.tools.template_checks.acknowledged import ACKNOWLEDGED
from infra.tools.template_checks.findings import Finding, outlived, unexplained
from infra.tools.template_checks.tools import ToolFailed, cfn_lint, checkov, construct_paths, nag

_FOLDER = ROOT / ".build" / "checked"

# The checked contexts, applied over cdk.json, by name. Together they enable every part of the stack.
TEMPLATES: Mapping[str, Mapping[str, Any]] = {
    "dev": {"stage": "dev"},
    "prod": {
        "stage": "prod",
        "domain_name": "auth.example.com",
        "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000",
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        "mail_sender": "gatepost@example.com",
        "alarm_email": "operations@example.com",
        "cors_origins": ["https://app.example.com"],
        "snap_start": ["token", "authorizer"],
        "operator_functions": True,
    },
    "edge": {
        "stage": "prod",
        "edge": True,
        "edge_only": True,
        "domain_name": "auth.example.com",
        "edge_certificate_arn": "arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000",
        "edge_origin": "0123456789.execute-api.eu-west-1.amazonaws.com",
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    },
}


def findings_of(name: str, context: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield all findings in the templates of one context.

    They are built for this machine's Python and processor, whose bundles the tests use as well.
    Raises ToolFailed, BadContext and BundlingFailed.
    """
    folder = _FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    given = {f"gatepost.{key}": value for key, value in {**machine_context(), **context}.items()}
    app = make_app({**os.environ, "CDK_CONTEXT_JSON": json.dumps(given), "CDK_OUTDIR": str(folder)})
    app.synth()
    yield from nag(app)
    paths = construct_paths(app)
    for template in sorted(folder.glob("*.template.json")):
        yield from cfn_lint(template, paths)
        yield from checkov(template, paths)


def main() -> int:
    """Return the exit code: 0 if every finding is explained and every explanation is needed."""
    found: list[Finding] = []
    faults: list[str] = []
    try:
        for name, context in TEMPLATES.items():
            of_this = list(findings_of(name, context))
            faults += [f"{name}: {each}" for each in unexplained(of_this, ACKNOWLEDGED)]
            found += of_this
    except (ToolFailed, BadContext, BundlingFailed) as error:
        print(error, file=sys.stderr)
        return 1
    faults += [f"infra/tools/template_checks/acknowledged.py: {line}" for line in outlived(found, ACKNOWLEDGED)]
    reasons = f"{len(found)} findings in {len(TEMPLATES)} templates, each with one of {len(ACKNOWLEDGED)} reasons."
    print("\n".join(faults or [reasons]))
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
