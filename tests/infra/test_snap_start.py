"""SnapStart: the published versions, and that a snapshot of a function holds nothing that must be unique."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from infra.configuration.allowed_values import BadContext
from infra.configuration.context import ROOT, configuration
from tests.infra.rendered import Template, functions, of_type
from tests.infra.synthesized import Synthesized

SNAPPED = ["authorizer", "token"]
SCOPES = {"scopes": {"read": "Read your data"}}


def test_it_is_off_unless_asked_for(template: Template) -> None:
    assert not [name for name, each in functions(template).items() if "SnapStart" in each]


def test_only_the_named_functions_start_from_a_snapshot_which_goes_with_its_version(everything: Synthesized) -> None:
    snapped = everything.main
    assert {name for name, each in functions(snapped).items() if "SnapStart" in each} == set(SNAPPED)
    for name in SNAPPED:
        assert functions(snapped)[name]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    for version in of_type(snapped, "AWS::Lambda::Version"):
        assert snapped["Resources"][version]["DeletionPolicy"] == "Delete"  # its snapshot is paid for


def test_the_rotation_is_never_a_snapshot_and_old_pythons_have_none() -> None:
    with pytest.raises(
        BadContext, match=r"snap_start is \[\"rotate_keys\"\]; allowed is a list of functions of the API"
    ):
        configuration({**SCOPES, "snap_start": ["rotate_keys"]})
    with pytest.raises(
        BadContext, match=r"python is 3\.11; allowed is 3\.12 or newer while snap_start names functions"
    ):
        configuration({**SCOPES, "snap_start": ["token"], "python": "3.11"})


# What a snapshot would hold: the process as it is when the handler has been imported.


# Two processes that go on from the same memory, as two containers do that are restored from one snapshot.
_FORKED = """
import json, os, sys, time
from gatepost.identifiers import new_grant_id, new_secret
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.tokens.access_token import Signer, issue_access_token
from gatepost.tokens.signing_keys import new_signing_key
key = new_signing_key("ES256", active_from=0)
signer = Signer(kid=key.kid, alg=key.alg, key=key.load())
settings = Settings(issuer="https://auth.example.com", scopes={"read": "Read"})
for _ in range(2):
    sys.stdout.flush()
    if os.fork() == 0:
        token = issue_access_token(signer, settings, sub="u", client_id="c", grant_id="g", scope=Scope.of("read"),
                                   lifetime=60, now=1000.0, audience="https://api.example.com")
        print(json.dumps({"secret": new_secret(), "grant": new_grant_id("u"), "token": token}))
        sys.stdout.flush()
        os._exit(0)
    os.wait()
"""


def test_two_processes_from_one_memory_make_different_secrets_grants_and_tokens() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FORKED],
        check=True, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT / "layers/gatepost/python")},
    )  # fmt: skip
    first, second = map(json.loads, done.stdout.splitlines())

    assert set(first) == {"secret", "grant", "token"}
    for name, value in first.items():
        assert value != second[name], name


def test_nothing_is_drawn_from_a_state_that_copies_of_a_snapshot_would_share() -> None:
    """Secrets and ids come from the kernel, by `os.urandom` and `uuid4`, and so do the pauses between tries."""
    using = [
        path
        for folder in ("functions", "layers/gatepost/python")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(import|from) (random|numpy)\b", path.read_text(), re.MULTILINE)
    ]

    assert using == []
