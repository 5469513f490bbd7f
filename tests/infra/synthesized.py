"""The templates of our app: each set of settings is synthesized once for all processes of a test run."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.configuration.context import ROOT
from infra.local.synthesis import context_variable, machine_context, run_app
from tests.infra.rendered import Template
from tests.warm_cdk import shared_folder

DOMAIN = "auth.example.com"
ORIGIN = "abc123.execute-api.eu-west-1.amazonaws.com"
TARGET = "d111111abcdef8.cloudfront.net"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
BOUNDARY = "arn:aws:iam::111122223333:policy/bounded"
# The templates are for the Python that runs the tests, and Lambda has no snapshots of an older one.
SNAPPED = ("token", "authorizer") if sys.version_info >= (3, 12) else ()
TAGS = {"cost-center": "4711", "owner": "identity"}
SENDER = "id@auth.example.com"
OWN = {"domain_name": DOMAIN, "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/0"}
ZONE = {"hosted_zone_id": "Z0123456789"}
BEGUN = {
    "domain_name": DOMAIN,
    "edge_certificate_arn": "arn:aws:acm:us-east-1:111122223333:certificate/0",
    "edge": True,
}
EDGE = {**BEGUN, "edge_origin": ORIGIN}
OPENING = {**EDGE, **ZONE, "edge_rate_limit": 500}
PROD = {"demo": True, "backchannel_logout": True}

# Of the stage prod of cdk.json, unless they say another one.
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "prod": PROD,  # with every function
    "first": {**PROD, "first_deployment": True},
    "plain": {
        **OWN,
        **ZONE,
        "stage": "dev",
        "demo": False,
        "mail_sender": "gatepost@mail.example.com",
        "cors_origins": ["https://app.example.com"],
        "tracing": False,
        "throttle_scale": 3,
        "throttles": {
            "POST /authorization/token": 1000,
            "POST /developer/forgotten": 7,
            "GET /demo/read": 9,
            "GET /developer": 9,
        },
    },
    "asked": {
        **OWN,
        "feed_readers": ["444455556666"],
        "alarm_email": "ops@example.com",
        "mail_sender": SENDER,
        "mail_identities": ["example.com", "maria@example.org"],
        "mail_configuration_set": "mails",
    },
    # the way of a running domain to the edge
    "running": {**OWN, **ZONE},
    "beside": {**OWN, **ZONE, **EDGE},
    "led": {**OWN, **ZONE, **EDGE, "edge_target": TARGET},
    "done": {**ZONE, **EDGE, "edge_target": TARGET, "edge_only": True},
    # an edge from the beginning
    "begun": BEGUN,
    "opening": OPENING,
    "closed": {**OPENING, "edge_only": True},
    "replaced": {**OPENING, "edge_only": True, "edge_secret": "b"},
    "everything": {
        **EDGE,
        "edge_name": "Gatepost-prod-edge",
        "kms_key_arn": KEY,
        "permissions_boundary": BOUNDARY,
        "tags": TAGS,
        "termination_protection": True,
        "operator_functions": True,
        "canary": ["token", "authorizer"],
        "snap_start": list(SNAPPED),
        "claims": "docs/examples/claims",
        "use_fips_endpoint": True,
        "use_dualstack_endpoint": True,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesized:
    """The stacks' templates and their properties in the manifest, by their ids, and what was said on stderr."""

    folder: Path
    templates: Mapping[str, Template]
    artifacts: Mapping[str, Mapping[str, Any]]
    said: str

    @property
    def main(self) -> Template:
        """The template of the first stack."""
        return self.templates["Gatepost"]

    @property
    def edge(self) -> Template:
        """The template of the edge's stack."""
        return self.templates["GatepostEdge"]


def synthesized(name: str) -> Synthesized:
    """Return what the app writes with the set of settings of that name."""
    folder = shared_folder() / name
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other process may be at it
        if not folder.exists():
            given = context_variable({**machine_context(), "stage": "prod", **SETTINGS[name]})
            environment = {"CDK_CONTEXT_JSON": given, "CDK_OUTDIR": str(folder), "CDK_VALIDATION": "false"}
            done = run_app(ROOT / "infra" / "app.py", {**os.environ, **environment})
            done.check_returncode()
            (folder / "said.txt").write_text(done.stderr)
    artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
    return Synthesized(
        folder=folder,
        templates={path.name.split(".")[0]: json.loads(path.read_text()) for path in folder.glob("*.template.json")},
        artifacts={name: each for name, each in artifacts.items() if each["type"] == "aws:cloudformation:stack"},
        said=(folder / "said.txt").read_text(),
    )
