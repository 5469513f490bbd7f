"""Every command of `make` that a document names is there, with the variables that it is given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.configuration.context import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Of the environment: what CDK and boto3 read, and what a shell keeps.
OTHERS = {"AWS_REGION", "GATEPOST", "TOKEN", "URL", "ZIP"}
_COMMAND = re.compile(
    r"(?:^|[\s`&;(])((?:[A-Z_]+=\S+ )*)make (?:-C \S+ )?([a-z][a-z-]*)((?: [A-Z_]+=(?:\"[^\"]*\"|[^\s`,);]+))*)"
)


def commands(document: Path) -> list[tuple[str, set[str]]]:
    """The commands of the code of a document, each with the variables that are set for it."""
    text = document.read_text()
    lines = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines()
    code = [
        *(line.partition(" #")[0] for line in lines),
        *re.findall(r"`(make [^`]+|[A-Z_]+=\S+ make [^`]+)`", text),
    ]
    return [
        (command, set(re.findall(r"([A-Z_]+)=", before + after)))
        for part in code
        for before, command, after in _COMMAND.findall(part)
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_of_a_document_is_one_of_the_makefile(document: Path) -> None:
    for command, variables in commands(document):
        assert re.search(rf"^{command}: ", MAKEFILE, re.MULTILINE), command
        for variable in variables - OTHERS:
            assert f"$({variable})" in MAKEFILE or f"$(or $({variable})" in MAKEFILE, f"{command} {variable}"


def test_the_commands_are_found() -> None:
    found = dict(commands(ROOT / "docs" / "deploy.md"))

    assert {"bootstrap", "diff", "deploy", "destroy", "admin"} <= set(found)
    assert ("deploy", {"STAGE", "CDK_ARGS"}) in commands(ROOT / "docs" / "deploy.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_is_handed_to_cdk_goes_through_make(document: Path) -> None:
    """`-c gatepost.NAME=VALUE` alone is of no command that is told."""
    for line in document.read_text().splitlines():
        if "-c gatepost." in line:
            assert "CDK_ARGS=" in line or "Without `make`" in line, line
