"""CDK's command line: on a machine without Node, without anybody to ask, and against a stand-in for AWS."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.configuration.context import ROOT
from infra.tools.cdk_cli import NODE, Refused, arguments
from tests.infra.stand_in import account

LOCK = ROOT / "requirements" / "cdk" / "package-lock.json"
NPM = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
NEEDED = ("make", "sh", "env", "mkdir", "cp", "touch", "cat", "test", "dirname")


@pytest.fixture
def path_without_node(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in NEEDED:
        (folder / name).symlink_to(shutil.which(name) or pytest.fail(f"no {name}"))
    (folder / "python3").symlink_to(sys.executable)
    return folder


def make(path: Path, *told: str, **environ: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        ["make", *told],
        cwd=ROOT,
        env={**known, "PATH": str(path), "MAKEFLAGS": "", "APPROVE": "", "CDK_ARGS": "", **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_make_diff_needs_no_node_of_the_machine_and_hands_arguments_on(path_without_node: Path, tmp_path: Path) -> None:
    with account({"cloudformation:DescribeStacks"}) as aws:
        done = make(
            path_without_node,
            "diff",
            f"CDK_ARGS=--no-notices --output {tmp_path}/out --context 'gatepost.service_name=A name with spaces'",
            **aws.environment,
        )

    said = done.stdout + done.stderr
    assert "node" not in re.findall(r"env: (.*)", said)
    assert "Unknown option" not in said
    assert "[+] AWS::Lambda::Function" in said, said[-3000:]
    assert "cloudformation:DescribeStacks" in aws.heard
    assert done.returncode == 0
    assert "A name with spaces" in (tmp_path / "out" / "Gatepost.template.json").read_text()


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_without_a_terminal_a_sentence_says_what_to_do(path_without_node: Path, command: str) -> None:
    done = make(path_without_node, command)

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


def test_an_approval_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match=r"^APPROVE is yes; allowed is never, broadening or any-change\.$"):
        arguments("deploy", [], approve="yes", asks=True)


def test_an_approval_that_would_wait_for_nobody_is_refused() -> None:
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
