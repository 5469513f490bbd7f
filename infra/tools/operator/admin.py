"""`make admin NAME=...`: makes an account an administrator, including the first one."""

from __future__ import annotations

import sys
import time

from gatepost.accounts.removal import activate_user
from gatepost.audit_log.changes import changed
from gatepost.model.records import ACTIVE, ADMINISTRATOR, LEAVING
from gatepost.routes import ADMIN_USERS_PAGE, REGISTER_PAGE
from infra.tools.operator.command import ByFunction, audited, parser, run, user_of
from infra.tools.operator.target import NotPossible, Target


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; the result is one sentence."""
    known = parser("admin")
    known.add_argument("name")
    options = known.parse_args(arguments)
    name = options.name.strip()
    if not name:
        known.error("Whose account? For example: make admin NAME=maria")
    by_function = ByFunction("operate_admin", {"name": name})
    return run(options, lambda target: make_administrator(target, name), by_function=by_function)


def make_administrator(target: Target, name: str) -> str:
    """Give an account the role, and activate it if it is not active. Raises NotPossible."""
    store = target.store
    try:
        user = user_of(store, name)
    except NotPossible as error:
        register = f"{target.base_url}{REGISTER_PAGE.path}"
        raise NotPossible(f"{str(error).rstrip('.')}: register it at {register} first.") from None
    if user.status == LEAVING:
        raise NotPossible(f"{user.user_name} is being deleted.")
    store.set_user_rights(user.user_id, role=ADMINISTRATOR)
    if user.status != ACTIVE:
        activate_user(store, user, now=time.time())
    audited(
        target,
        "user_rights_changed",
        now=time.time(),
        subject=user.user_name,
        about=user.user_id,
        changes=changed("role", user.role, ADMINISTRATOR) + changed("status", user.status, ACTIVE),
    )
    return f"{user.user_name} is an administrator now: {target.base_url}{ADMIN_USERS_PAGE.path}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
