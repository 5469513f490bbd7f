"""An administrator's changes to an account: its status, role, scope, groups and address."""

from __future__ import annotations

from gatepost.accounts import accounts
from gatepost.accounts.removal import activate_user, deactivate_user, demote
from gatepost.accounts.rights import limit_user, put_into_groups
from gatepost.model.records import ADMINISTRATOR, LEAVING, PENDING, USER, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store

OF_ONESELF = ("scope", "groups", "remove_email")  # the only actions on one's own account
_OF_STATUS = ("deactivate", "reactivate", "approve")


def change_user(
    store: Store,
    user: User,
    action: str,
    *,
    by: User,
    role: str,
    scope: Scope | None,
    groups: tuple[str, ...],
    now: float,
) -> str:
    """Perform an action on an account; return its event for the audit log, "" for an unknown action.

    `role`, `scope` (None: unlimited) and `groups` are the new values for the actions of these names. Raises
    LastAdministrator, and InvalidAccount if the change is not possible.
    """
    event = "user_rights_changed"
    if user.status == LEAVING and action in _OF_STATUS:
        raise accounts.InvalidAccount({"status": "This account is being deleted."})
    if action == "deactivate":
        deactivate_user(store, user, now=now, by=by)
        event = "user_deactivated"
    elif action in ("reactivate", "approve"):
        activate_user(store, user, now=now)
        event = "user_approved" if user.status == PENDING else "user_reactivated"
    elif action == "remove_email":
        accounts.change_email(store, user, "", confirmed=False)
        event = "email_removed"
    elif action == "role" and role == ADMINISTRATOR:
        store.set_user_rights(user.user_id, role=ADMINISTRATOR)
    elif action == "role" and role == USER:
        demote(store, user, by=by)
    elif action == "scope":
        limit_user(store, user, scope, now=now)
    elif action == "groups":
        put_into_groups(store, user, groups, now=now)
        event = "groups_changed"
    else:
        event = ""
    return event
