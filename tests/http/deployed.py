"""Settings unlike those of the shared deployment, in as few deployments as can have them together."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import Any

from infra.configuration.context import ROOT
from infra.local.aws.calls import AwsCall
from infra.local.deployment import Deployment
from tests.people import Client, Person, new_client

# Few guesses and registrations of a network; administrators approve apps and documents; no OpenID Connect, no metrics.
NARROW: dict[str, Any] = {
    "network_attempts_free": 4,
    "network_attempts_max_wait": 3600,
    "registrations_per_network": 5,
    "app_approval": True,
    "client_id_documents": "approval",
    "client_id_document_domains": ["127.0.0.1"],
    "openid": False,
    "alarms": False,
}

REPORTS, TOOLS = "https://reports.example.test", "https://tools.example.test/mcp"
CACHE_SECONDS = 4
# Most of what is off by default: mail, resources, groups and own claims, initial access tokens, a cache of apps.
EXTENDED: dict[str, Any] = {
    "mail_sender": "gatepost@example.com",
    "registration": "approval",
    "dynamic_registration": "token",
    "app_cache_seconds": CACHE_SECONDS,
    "groups_claim": "teams",
    "resources": {
        REPORTS: {"name": "Quarterly reports", "scopes": {"read": "Read your reports"}, "client_credentials": "never"},
        "https://tools.example.test/*": {"name": "Tools", "scopes": ["read", "write"]},
    },
}
CALLS: list[AwsCall] = []  # of its functions to AWS
CLAIMS = """
    import time

    def token_claims(facts):
        return {**_by_group(facts), "from": f"{facts.grant_type} {facts.kind}", "who": facts.user_name}

    def userinfo_claims(facts):
        return {**_by_group(facts), "from": "userinfo"}

    def _by_group(facts):
        if "slow" in facts.groups:
            time.sleep(8)
        if "broken" in facts.groups:
            raise KeyError(facts.email)
        return {"sub": "root"} if "root" in facts.groups else {"level": len(facts.groups)}
"""


def extended_by(folder: Path) -> dict[str, Any]:
    """Return the settings with a `claims.py` that is written into the folder."""
    (folder / "claims.py").write_text(textwrap.dedent(CLAIMS))
    return {**EXTENDED, "claims": os.path.relpath(folder, ROOT)}


def approved_client(deployment: Deployment, owner: Person, **changes: Any) -> Client:
    """An app that an administrator approved."""
    made = new_client(deployment, owner, **changes)
    deployment.store.set_app_status(made.app.client_id, "active", reason="", grants_valid_from=0)
    return made
