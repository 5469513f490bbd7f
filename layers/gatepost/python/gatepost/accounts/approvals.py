"""Remembered approvals (RFC 6749 §10.2) and their validity."""

from __future__ import annotations

from gatepost.model.records import App, Approval, User


def counting_approval(approval: Approval | None, app: App, user: User) -> Approval | None:
    """Return the approval if it is newer than every cutoff that voids approvals, else None.

    Cutoffs are set by a change of the app's displayed details, a deactivation of the app, and anything that voids the
    account's grants. An approval of the same second is void.
    """
    if approval is None:
        return None
    ended = max(app.approvals_valid_from, app.grants_valid_from, user.grants_valid_from)
    return approval if approval.approved_at > ended else None
