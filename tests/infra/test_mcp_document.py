"""docs/mcp.md says what the locks and settings have."""

from __future__ import annotations

import json
import re

from infra.configuration.context import ROOT

DOCUMENT = (ROOT / "docs" / "mcp.md").read_text()
EXAMPLE = ROOT / "docs" / "examples" / "mcp"


def test_the_versions_that_were_tried_are_those_that_are_installed() -> None:
    told = dict(re.findall(r"(?:PyPI|npm|^) ?`([@\w/-]+)` (\d[\w.-]+)", DOCUMENT, re.MULTILINE))
    npm = json.loads((ROOT / "requirements" / "mcp" / "package.json").read_text())["dependencies"]
    pypi = dict(re.findall(r"^(mcp|fastmcp)==(\S+)", (ROOT / "requirements" / "mcp.txt").read_text(), re.MULTILINE))

    assert told == {**npm, **pypi}


def test_the_server_of_the_example_has_the_sdk_that_the_clients_have() -> None:
    lock = (EXAMPLE / "server" / "requirements.txt").read_text()
    clients = (ROOT / "requirements" / "mcp.txt").read_text()
    (here,), (there,) = (re.findall(r"^mcp==(\S+)", text, re.MULTILINE) for text in (lock, clients))

    assert here == there
    assert re.findall(r"^(cryptography|cffi|pyjwt)==", lock, re.MULTILINE) == []  # of the guard's layers


def test_no_lock_names_a_host_and_every_package_has_a_hash() -> None:
    for lock in (ROOT / "requirements" / "mcp.txt", EXAMPLE / "server" / "requirements.txt"):
        text = lock.read_text()
        assert set(re.findall(r"(?<!\S)--[\w-]+", text)) == {"--hash"}  # the only option: no place to install from
        assert text.count("--hash=sha256:") >= len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)) > 20
    packages = json.loads((ROOT / "requirements" / "mcp" / "package-lock.json").read_text())["packages"]
    assert [name for name, each in packages.items() if name and not each["integrity"].startswith("sha512-")] == []
    assert [name for name, each in packages.items() if "resolved" in each] == []


def test_what_the_document_points_to_is_there() -> None:
    links = re.findall(r"\]\((?!http|#)([^)#]+)", DOCUMENT)
    paths = re.findall(r"`((?:docs|tests)/[\w./]+)`", DOCUMENT)

    assert len(links) > 8
    assert [each for each in links if not (ROOT / "docs" / each).exists()] == []
    assert [each for each in paths if not (ROOT / each).exists()] == []


def test_the_scopes_of_the_document_are_those_of_the_example() -> None:
    (production,) = (text for text in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL) if "resources" in text)
    resource = json.loads(f"{{{production}}}")["resources"]["https://tools.example.com/mcp"]

    scopes = json.loads((EXAMPLE / "settings.json").read_text())["scopes"]
    demo = ("read", "write")  # which a resource of the demo names
    assert resource["scopes"] == {name: text for name, text in scopes.items() if name not in demo}


def test_the_python_of_the_document_is_python() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    compile(block, "docs/mcp.md", "exec")
