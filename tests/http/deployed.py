"""Settings unlike those of the shared deployment, in as few deployments as can have them together."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.configuration.context import ROOT
from infra.local.aws.calls import AwsCall
from infra.local.deployment import Deployment
from tests.people import Client, Person, new_client

# Much is closed, lifetimes are short, administrators approve apps, and there are no metrics.
STRICT: dict[str, Any] = {
    "grant_implicit": False,
    "grant_password": False,
    "signing_algorithm": "ES256",
    "registration": "closed",
    "dynamic_registration": "closed",
    "client_id_documents": "closed",
    "signed_userinfo": False,
    "backchannel_logout": False,
    "code_lifetime": 4,
    "refresh_token_idle_lifetime": 6,
    "refresh_retry_window": 1,
    "app_approval": True,
    "alarms": False,
    "throttles": {"GET /.well-known/openid-configuration": 1},
}

REPORTS, TOOLS = "https://reports.example.test", "https://tools.example.test/mcp"
CACHE_SECONDS = 3
# Mail, resources, groups and own claims, a cache of apps; tokens and administrators decide which apps come.
EXTENDED: dict[str, Any] = {
    "mail_sender": "gatepost@example.com",
    "registration": "approval",
    "dynamic_registration": "token",
    "client_id_documents": "approval",
    "client_id_document_domains": ["127.0.0.1"],
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


@contextmanager
def with_settings(deployment: Deployment, *functions: str, **changes: Any) -> Iterator[None]:
    """Let functions run with other settings until the block ends."""
    changed = deployment.settings._replace(**changes).to_env(*changes)
    before = {name: deployment.functions[name].config.environment for name in functions}
    for name, environment in before.items():
        deployment.functions[name].reconfigure({**environment, **changed})
    try:
        yield
    finally:
        for name, environment in before.items():
            deployment.functions[name].reconfigure(environment)
