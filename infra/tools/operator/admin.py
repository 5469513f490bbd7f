"""`python -m infra.tools.operator.admin`: what `make admin NAME=...` starts. The first administrator comes from here."""

from __future__ import annotations

import sys
import time

from gatepost.accounts.endings import activate_user
from gatepost.audit_log import events as audit
from gatepost.model.records import ACTIVE, ADMINISTRATOR
from gatepost.routes import ADMIN_USERS_PAGE, REGISTER_PAGE
from infra.tools.operator.command import OPERATOR, ByFunction, parser, run, user_of
from infra.tools.operator.target import NotPossible, Target


def main(arguments: list[str]) -> int:
    """The exit code; what happened is one sentence."""
    known = parser("admin")
    known.add_argument("name")
    options = known.parse_args(arguments)
    name = options.name.strip()
    if not name:
        known.error("Whose account? For example: make admin NAME=maria")
    by_function = ByFunction("operate_admin", {"name": name})
    return run(options, lambda target: make_administrator(target, name), by_function=by_function)


def make_administrator(target: Target, name: str) -> str:
    """Give an account the role, and let it sign in if it may not. Raises NotPossible."""
    store = target.store
    try:
        user = user_of(store, name)
    except NotPossible as error:
        register = f"{target.base_url}{REGISTER_PAGE.path}"
        raise NotPossible(f"{str(error).rstrip('.')}: register it at {register} first.") from None
    store.set_user_rights(user.user_id, role=ADMINISTRATOR)
    if user.status != ACTIVE:
        activate_user(store, user, now=time.time())
    audit.record(
        store,
        target.settings,
        "user_rights_changed",
        now=time.time(),
        source_ip="",
        by=OPERATOR,
        subject=user.user_name,
        request_id=target.request_id,
    )
    return f"{user.user_name} is an administrator now: {target.base_url}{ADMIN_USERS_PAGE.path}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
