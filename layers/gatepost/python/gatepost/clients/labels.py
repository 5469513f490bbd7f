"""Texts that owners give to apps and secrets, and that other people read."""

from __future__ import annotations

import unicodedata

from gatepost.identifiers import digest
from gatepost.model.records import App

LABEL_LENGTH = 60  # of a secret's label


def is_unseen(text: str) -> bool:
    """Whether a control, format (bidi override, zero width) or unassigned character makes it look like another text."""
    return any(unicodedata.category(character)[0] == "C" for character in text)


def label_fault(label: str, app: App) -> str | None:
    """Return why a secret of `app` can't have the label, None if it can."""
    if len(label) > LABEL_LENGTH:
        return f"A label has at most {LABEL_LENGTH} characters."
    if is_unseen(label):
        return "The label holds a character that can't be seen."
    if digest(label) in [each.secret_hash for each in app.secrets]:
        return "This is the secret itself, which is not kept in a readable form."
    return None
