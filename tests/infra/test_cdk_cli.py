"""CDK's command line: without anybody to ask, and as it is locked. `test_pipeline` calls it on a stand-in for AWS."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from infra.configuration.context import ROOT
from infra.tools.cdk_cli import NODE, Refused, arguments
from tests.infra.stand_in import make

LOCK = ROOT / "requirements" / "cdk" / "package-lock.json"
NPM = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_without_a_terminal_a_sentence_says_what_to_do(tmp_path: Path, command: str) -> None:
    done = make(tmp_path / "bin", command)

    assert done.returncode != 0
    assert done.stderr.startswith(
        f"make {command} asks before it changes rights or deletes, and there is no terminal to ask on. "
        f"Look at make diff, then call make {command} APPROVE=never.\n"
    )


@pytest.mark.parametrize(
    ("command", "handed", "approve", "asks", "called"),
    [
        ("deploy", [], "", True, ["deploy"]),
        ("deploy", ["--all"], "never", False, ["deploy", "--all", "--require-approval", "never"]),
        ("deploy", [], "any-change", True, ["deploy", "--require-approval", "any-change"]),
        ("deploy", ["--require-approval=never"], "", False, ["deploy", "--require-approval=never"]),
        ("destroy", [], "never", False, ["destroy", "--force"]),
        ("destroy", ["-f"], "", False, ["destroy", "-f"]),
        ("destroy", [], "any-change", True, ["destroy"]),
        ("diff", ["--fail"], "", False, ["diff", "--fail"]),
        ("bootstrap", [], "", False, ["bootstrap"]),
    ],
)
def test_what_is_approved_is_handed_to_the_command_line(
    command: str, handed: list[str], approve: str, asks: bool, called: list[str]
) -> None:
    assert arguments(command, handed, approve=approve, asks=asks) == called


def test_an_approval_that_is_none_or_that_would_wait_for_nobody_is_refused() -> None:
    with pytest.raises(Refused, match=r"^APPROVE is yes; allowed is never, broadening or any-change\.$"):
        arguments("deploy", [], approve="yes", asks=True)
    with pytest.raises(Refused, match="there is no terminal to ask on"):
        arguments("deploy", [], approve="broadening", asks=False)


def test_the_command_line_is_locked_by_its_hash_and_names_no_host() -> None:
    text = LOCK.read_text()
    package = json.loads(text)["packages"]["node_modules/aws-cdk"]

    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"])
    assert "resolved" not in text
    assert "://" not in text
    assert "hasInstallScript" not in text


def test_an_altered_hash_installs_nothing(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text((ROOT / "requirements" / "cdk" / "package.json").read_text())
    lock = json.loads(LOCK.read_text())
    integrity = lock["packages"]["node_modules/aws-cdk"]["integrity"]
    lock["packages"]["node_modules/aws-cdk"]["integrity"] = integrity.replace(integrity[7:11], "AAAA", 1)
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))

    done = subprocess.run(
        [NODE, NPM, "ci", "--prefix", tmp_path, "--ignore-scripts", "--no-audit"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode != 0
    assert re.search("EINTEGRITY|ENOTFOUND|EAI_AGAIN|ECONNREFUSED", done.stderr)  # the latter without a network
    assert not (tmp_path / "node_modules" / "aws-cdk" / "bin").exists()
