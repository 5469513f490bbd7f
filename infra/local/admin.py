"""`python -m infra.local.admin`: what `make admin NAME=...` starts. The first administrator comes from here."""

from __future__ import annotations

import sys
import time

from gatepost import audit
from gatepost.accounts import activate_user
from gatepost.errors import TemporarilyUnavailable
from gatepost.model import ACTIVE, ADMINISTRATOR, User
from gatepost.routes import ADMIN_USERS_PAGE, REGISTER_PAGE
from gatepost.settings import Settings
from gatepost.stores.dynamodb import DynamoDBStore
from gatepost.stores.keys import LoginKey, UserKey
from infra.local.arguments import Parser, port
from infra.local.running import NothingRuns, Running, find


class NoAccount(Exception):
    """Nobody has that name; the text is one sentence."""


def main(arguments: list[str]) -> int:
    """The exit code; what happened is one sentence."""
    parser = Parser(prog="make admin", add_help=False)
    parser.add_argument("--port", type=port, default=8080)
    parser.add_argument("name")
    options = parser.parse_args(arguments)
    if not options.name.strip():
        parser.error("Whose account? For example: make admin NAME=maria")
    try:
        running = find(options.port)
        name = make_administrator(running, options.name.strip())
    except (NothingRuns, NoAccount) as error:
        print(error, file=sys.stderr)
        return 1
    except TemporarilyUnavailable:
        print(f"The deployment on port {options.port} does not answer.", file=sys.stderr)
        return 1
    print(f"{name} is an administrator now: {running.base_url}{ADMIN_USERS_PAGE.path}")
    return 0


def make_administrator(running: Running, user_name: str) -> str:
    """Give an account the role, and let it sign in if it may not; returns its name as it is written.

    Raises NoAccount.
    """
    store = DynamoDBStore(running.access.client("dynamodb"), running.tables)
    (login,) = store.read(LoginKey(user_name.casefold()))
    user: User | None = store.read(UserKey(login.user_id))[0] if login else None
    if user is None:
        raise NoAccount(
            f"There is no account {user_name}: register it at {running.base_url}{REGISTER_PAGE.path} first."
        )
    store.set_user_rights(user.user_id, role=ADMINISTRATOR)
    if user.status != ACTIVE:
        activate_user(store, user)
    settings = Settings.from_env(running.settings)
    audit.record(store, settings, "user_rights_changed", now=time.time(), source_ip="", subject=user.user_name)
    return user.user_name


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
