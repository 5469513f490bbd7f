"""`make groups NAME=... GROUPS="..."`: puts an account into groups, in place of those that it was in."""

from __future__ import annotations

import sys
import time

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.groups import groups_in
from gatepost.accounts.rights import put_into_groups
from gatepost.audit_log.changes import group_changes
from infra.tools.operator.command import ByFunction, audited, parser, run, user_of
from infra.tools.operator.target import NotPossible, Target


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; the result is one sentence."""
    known = parser("groups")
    known.add_argument("name")
    known.add_argument("groups")
    options = known.parse_args(arguments)
    name = options.name.strip()
    if not name:
        known.error('Whose groups? For example: make groups NAME=maria GROUPS="staff editors"')
    by_function = ByFunction("operate_admin", {"name": name, "groups": options.groups})
    return run(options, lambda target: set_groups(target, name, options.groups), by_function=by_function)


def set_groups(target: Target, name: str, text: str) -> str:
    """Replace an account's groups by those in a text, which may be none. Raises NotPossible."""
    user = user_of(target.store, name)
    try:
        groups = groups_in(text)
    except InvalidAccount as error:
        raise NotPossible(error.faults["groups"]) from None
    put_into_groups(target.store, user, groups, now=time.time())
    audited(
        target,
        "groups_changed",
        now=time.time(),
        subject=user.user_name,
        about=user.user_id,
        changes=group_changes(user.groups, groups),
    )
    told = f"in {', '.join(groups)}" if groups else "in no group"
    return f"{user.user_name} is {told} now."


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
