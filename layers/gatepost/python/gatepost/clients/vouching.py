"""For which apps somebody here vouches; of all others name, website and document are claims."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from gatepost.model.records import DOCUMENTS, App
from gatepost.settings import Settings


def is_vouched_for(app: App, settings: Settings) -> bool:
    """Whether the app has an owner here, a document on a listed host, or an administrator's approval.

    Where documents wait for an administrator, an app that works was approved. Nobody approves registrations.
    """
    if not app.is_stranger:
        return True
    if app.owner != DOCUMENTS:
        return False
    approved = settings.client_id_documents == "approval" and app.works
    return approved or is_listed(urlsplit(app.document_url).hostname or "", settings.client_id_document_domains)


def is_listed(host: str, domains: Sequence[str]) -> bool:
    """Whether a host is one of the domains, or below one that begins with `*.`."""
    return any(host == each or (each.startswith("*.") and host.endswith(each.removeprefix("*"))) for each in domains)
