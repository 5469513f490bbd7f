"""Shared by the commands: their arguments, and errors as single sentences."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from gatepost.audit_log import events as audit
from gatepost.audit_log.changes import Change
from gatepost.errors import OAuthError
from gatepost.model.records import User
from gatepost.observability.log import LEVEL, METRICS, OFF
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import LoginKey, UserKey
from infra.local.arguments import Parser, port
from infra.local.running import NothingRuns
from infra.tools.operator.remote import Function, operator_function
from infra.tools.operator.target import NotPossible, Target, deployed_target, local_target

OPERATOR = "operator"  # in the audit log


def parser(command: str) -> Parser:
    """Return a parser with the target's options: `--port`, or `--stage` for an AWS account."""
    made = Parser(prog=f"make {command}", add_help=False)
    made.add_argument("--port", type=port, default=8080)
    made.add_argument("--stage")
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question before a command changes anything, and the answer that confirms it."""

    text: str
    expected: str


@dataclass(frozen=True, slots=True)
class ByFunction:
    """The same work by a function of the stage, for those who may invoke it and have no rights on tables.

    `confirm` is called with what the function wants confirmed first; `deliver` gets what it says.
    """

    name: str
    asked: Mapping[str, Any]
    confirm: Callable[[Question], None] | None = None
    deliver: Callable[[str], str] = str


def run(options: Namespace, work: Callable[[Target], str], *, by_function: ByFunction | None = None) -> int:
    """Run a command, through the stage's operator functions if it has them. Return the exit code."""
    os.environ.update({LEVEL: "CRITICAL", METRICS: OFF})  # the commands print sentences instead of log lines
    where = f"The stage {options.stage}" if options.stage else f"The deployment on port {options.port}"
    try:
        function = operator_function(options.stage, by_function.name) if options.stage and by_function else None
        if by_function and function:
            print(_by_function(function, by_function))
        else:
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


def _by_function(function: Function, work: ByFunction) -> str:
    if work.confirm:
        work.confirm(Question(**function({**work.asked, "question": True})))
    return work.deliver(function(work.asked)["said"])


def user_of(store: Store, name: str) -> User:
    """Return the account of a user name, regardless of case. Raises NotPossible."""
    (login,) = store.read(LoginKey(name.casefold()))
    (user,) = store.read(UserKey(login.user_id)) if login else (None,)
    if user is None:
        raise NotPossible(f"There is no account {name}.")
    return user


def audited(
    target: Target, event: str, *, now: float, subject: str = "", about: str = "", changes: Sequence[Change] = ()
) -> None:
    """Record an action of the operator in the audit log, with the id of the Invoke if a function did it."""
    audit.record(
        *(target.store, target.settings, event),
        now=now,
        source_ip="",
        by=OPERATOR,
        subject=subject,
        about=about,
        changes=changes,
        request_id=target.request_id,
    )
