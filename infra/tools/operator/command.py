"""Shared by the commands: their arguments, and errors as single sentences."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from gatepost.errors import OAuthError
from gatepost.model.records import User
from gatepost.observability.log import LEVEL, METRICS, OFF
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import LoginKey, UserKey
from infra.local.arguments import Parser, port
from infra.local.running import NothingRuns
from infra.tools.operator.target import NotPossible, Target, deployed_target, local_target

OPERATOR = "operator"  # in the audit log


def parser(command: str) -> Parser:
    """Return a parser with the target's options: `--port`, or `--stage` for an AWS account."""
    made = Parser(prog=f"make {command}", add_help=False)
    made.add_argument("--port", type=port, default=8080)
    made.add_argument("--stage")
    return made


def run(options: Namespace, work: Callable[[Target], str]) -> int:
    """Run the command and return its exit code; results and errors are sentences."""
    os.environ.update({LEVEL: "CRITICAL", METRICS: OFF})  # the stores' log lines are printed as sentences here
    where = f"The stage {options.stage}" if options.stage else f"The deployment on port {options.port}"
    try:
        print(work(deployed_target(options.stage) if options.stage else local_target(options.port)))
    except (NothingRuns, NotPossible) as error:
        print(error, file=sys.stderr)
    except OAuthError as error:
        print(f"{where} does not answer ({error.reason}).", file=sys.stderr)
    except (ClientError, BotoCoreError) as error:
        print(f"{where} refuses: {error}", file=sys.stderr)
    else:
        return 0
    return 1


def user_of(store: Store, name: str) -> User:
    """Return the account of a user name, regardless of case. Raises NotPossible."""
    (login,) = store.read(LoginKey(name.casefold()))
    (user,) = store.read(UserKey(login.user_id)) if login else (None,)
    if user is None:
        raise NotPossible(f"There is no account {name}.")
    return user
