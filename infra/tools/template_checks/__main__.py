"""`make lint-template`: runs the three tools on the templates and reports unexplained findings."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
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

_DOMAIN = {"domain_name": "auth.example.com", "hosted_zone_id": "Z0123456789ABCDEFGHIJ"}
_CERTIFICATE = "arn:aws:acm:{}:111122223333:certificate/00000000-0000-0000-0000-000000000000"

# The checked contexts, applied over cdk.json, by name. Together they enable every part of the stack.
TEMPLATES: Mapping[str, Mapping[str, Any]] = {
    "dev": {"stage": "dev"},
    "prod": {
        **_DOMAIN,
        "stage": "prod",
        "certificate_arn": _CERTIFICATE.format("eu-west-1"),
        "mail_sender": "gatepost@example.com",
        "mail_configuration_set": "mails",
        "alarm_email": "operations@example.com",
        "cors_origins": ["https://app.example.com"],
        "operator_functions": True,
    },
    "edge": {
        **_DOMAIN,
        "stage": "prod",
        "edge": True,
        "edge_only": True,
        "edge_certificate_arn": _CERTIFICATE.format("us-east-1"),
        "edge_origin": "0123456789.execute-api.eu-west-1.amazonaws.com",
    },
    "edge beside the domain": {
        **_DOMAIN,
        "stage": "prod",
        "edge": True,
        "certificate_arn": _CERTIFICATE.format("eu-west-1"),
        "edge_certificate_arn": _CERTIFICATE.format("us-east-1"),
        "edge_origin": "0123456789.execute-api.eu-west-1.amazonaws.com",
        "edge_target": "d111111abcdef8.cloudfront.net",
    },
    "SnapStart": {"stage": "prod", "snap_start": ["token", "authorizer"], "canary": ["token", "authorizer"]},
    "boto3": {
        "stage": "dev",
        "aws_client": "boto3",
        "backchannel_logout": True,
        "claims": "docs/examples/claims",
        "feed_readers": ["444455556666"],
    },
    "account": {
        "stage": "prod",
        "kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000",
        "permissions_boundary": "arn:aws:iam::111122223333:policy/bounded",
        "tags": {"owner": "identity"},
        "use_fips_endpoint": True,
    },
}


def started(name: str, context: Mapping[str, Any], tools: Executor) -> Callable[[], list[Finding]]:
    """Start everything that looks at the templates of one context, and return a function that waits for all findings.

    They are built for this machine's Python and processor, whose bundles the tests use as well.
    Raises BadContext and BundlingFailed; the function raises ToolFailed.
    """
    folder = _FOLDER / name.replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    given = {f"gatepost.{key}": value for key, value in {**machine_context(), **context}.items()}
    app = make_app({**os.environ, "CDK_CONTEXT_JSON": json.dumps(given), "CDK_OUTDIR": str(folder)})
    app.synth()
    paths = construct_paths(app)
    running = [
        tools.submit(lambda tool, template: list(tool(template, paths)), tool, template)
        for template in sorted(folder.glob("*.template.json"))
        for tool in (cfn_lint, checkov)
    ]
    of_nag = list(nag(app))
    return lambda: [*of_nag, *(finding for each in running for finding in each.result())]


def main() -> int:
    """Return the exit code: 0 if every finding is explained and every explanation is needed."""
    found: list[Finding] = []
    faults: list[str] = []
    try:
        with ThreadPoolExecutor(os.cpu_count()) as tools:
            running = {name: started(name, context, tools) for name, context in TEMPLATES.items()}
            for name, findings in running.items():
                of_this = findings()
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
