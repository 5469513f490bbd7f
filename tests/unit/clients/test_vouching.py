"""For which apps somebody vouches (S360)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.vouching import is_vouched_for
from gatepost.model.records import ACTIVE, DEACTIVATED, DOCUMENTS, PENDING, REGISTERED
from tests.unit.world import SETTINGS, web_app

APPROVAL, OPEN = {"client_id_documents": "approval"}, {"client_id_documents": "open"}
LISTED = {"client_id_document_domains": ("app.example.test",)}
DOCUMENT = {"owner": DOCUMENTS, "document_url": "https://app.example.test/c", "url": ""}


@pytest.mark.parametrize(
    ("app", "settings", "vouched"),
    [
        ({}, {}, True),  # of a person
        ({"status": DEACTIVATED}, {}, True),
        ({"owner": REGISTERED}, {}, False),
        ({"owner": REGISTERED, "url": "https://app.example.test/"}, {**OPEN, **LISTED}, False),
        ({"owner": REGISTERED}, APPROVAL, False),
        (DOCUMENT, OPEN, False),
        (DOCUMENT, {**OPEN, **LISTED}, True),
        (DOCUMENT, {**OPEN, "client_id_document_domains": ("*.example.test",)}, True),
        (DOCUMENT, {**OPEN, "client_id_document_domains": ("example.test", "*.app.example.test")}, False),
        ({**DOCUMENT, "document_url": "https://app.example.test.evil.test/c"}, {**OPEN, **LISTED}, False),
        ({**DOCUMENT, "document_url": "https://app.example.test:8443/c"}, {**OPEN, **LISTED}, True),
        ({"owner": DOCUMENTS, "url": ""}, {**OPEN, "client_id_document_domains": ("*.example.test",)}, False),
        ({**DOCUMENT, "status": ACTIVE}, APPROVAL, True),
        ({**DOCUMENT, "status": PENDING}, APPROVAL, False),
        ({**DOCUMENT, "status": DEACTIVATED}, APPROVAL, False),
    ],
)
def test_s360_an_owner_a_listed_host_or_an_approval_vouches(
    app: dict[str, Any], settings: dict[str, Any], vouched: bool
) -> None:
    assert is_vouched_for(replace(web_app(), **app), replace(SETTINGS, **settings)) is vouched
