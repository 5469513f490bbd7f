"""What the documents point to is there: other documents, their headings, and files of the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.configuration.context import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OF_ONES_OWN = "functions/reports/handler.py"  # what the README lets its reader write


def anchors_of(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_links_and_paths_of_a_document_lead_somewhere(document: Path) -> None:
    text = document.read_text()
    for link in re.findall(r"\]\((?!http)([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link
    for path in re.findall(r"`((?:docs|functions|infra|layers|tests)/[\w./-]+)`", text):
        assert path == OF_ONES_OWN or (ROOT / path).exists(), path
