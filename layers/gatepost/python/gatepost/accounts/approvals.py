"""Remembered approvals (RFC 6749 §10.2): which of them still count."""

from __future__ import annotations

from gatepost.model.records import App, Approval, User


def counting_approval(approval: Approval | None, app: App, user: User) -> Approval | None:
    """The approval, if it is younger than what ends approvals, else None.

    That is a change of what people were shown of the app, a deactivation of the app, and whatever voids the grants of
    the account. What was approved in the same second does not count.
    """
    if approval is None:
        return None
    ended = max(app.approvals_valid_from, app.grants_valid_from, user.grants_valid_from)
    return approval if approval.approved_at > ended else None
