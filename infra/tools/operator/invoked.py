"""The operator's commands as functions of the stack: whoever may invoke one needs no right on tables or secrets.

Lambda does not say who calls. The audit entry has the id of the request, under which CloudTrail has the caller where
data events of Lambda are recorded.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gatepost.http.entry_point import quietly
from gatepost.observability.log import note
from infra.stack.function_table import SECRETS
from infra.tools.operator.admin import make_administrator
from infra.tools.operator.command import audited, user_of
from infra.tools.operator.erase_user import forget, question
from infra.tools.operator.export_user import exported
from infra.tools.operator.groups import set_groups
from infra.tools.operator.leaked_key import ALL, end_all
from infra.tools.operator.target import NotPossible, Target, deployed_target

STACK = "GATEPOST_STACK"  # the variable with the name of the stack, Gatepost-STAGE
MODELS = "models"  # beside this code: what boto3 knows of services, besides those of its layer
_LARGEST = 5_000_000  # characters; Lambda returns 6 MB
_BACKUPS = "Point-in-time recovery and backups hold the data for as long as they reach back."

Event = Mapping[str, Any]


@quietly
def admin(event: Event, context: Any) -> dict[str, Any]:
    """`{"name": "maria"}` makes an administrator; with `"groups": "staff editors"` the groups alone are changed."""

    def work(target: Target) -> dict[str, Any]:
        name, groups = _text(event, "name"), event.get("groups")
        if groups is None:
            return {"said": make_administrator(target, name)}
        if not isinstance(groups, str):
            raise NotPossible("groups is a text.")
        return {"said": set_groups(target, name, groups)}

    return _done("admin", context, work)


@quietly
def export_user(event: Event, context: Any) -> dict[str, Any]:
    """`{"name": "maria"}`; `said` is the document."""

    def work(target: Target) -> dict[str, Any]:
        name = _text(event, "name")
        text = exported(target, name)
        user = user_of(target.store, name)
        if len(text.encode()) > _LARGEST:
            raise NotPossible("The document is larger than a function may return: export it with rights on the tables.")
        audited(target, "account_exported", now=time.time(), subject=user.user_name, about=user.user_id)
        return {"said": text}

    return _done("export_user", context, work)


@quietly
def erase_user(event: Event, context: Any) -> dict[str, Any]:
    """`{"name": "maria", "by_id": false}`; with `question` nothing is erased, and the answer says what would be."""

    def work(target: Target) -> dict[str, Any]:
        name, by_id = _text(event, "name"), event.get("by_id") is True
        if event.get("question") is True:
            asked = question(target, name, by_id=by_id)
            return {"text": asked.text, "expected": asked.expected}
        return {"said": f"{forget(target, name, by_id=by_id, now=time.time())}\n{_BACKUPS}"}

    return _done("erase_user", context, work)


@quietly
def leaked_key(event: Event, context: Any) -> dict[str, Any]:
    """`{"secret": "signing"}`, `refresh` or `all`."""

    def work(target: Target) -> dict[str, Any]:
        secret = _text(event, "secret")
        if secret not in (*SECRETS, ALL):
            raise NotPossible(f"secret is one of {', '.join(SECRETS)} or {ALL}.")
        return {"said": end_all(target, tuple(SECRETS) if secret == ALL else (secret,))}

    return _done("leaked_key", context, work)


def _done(command: str, context: Any, work: Callable[[Target], dict[str, Any]]) -> dict[str, Any]:
    """Do the work on this stack; what can't be done is `{"refused": sentence}`."""
    request_id = context.aws_request_id
    os.environ["AWS_DATA_PATH"] = str(Path(__file__).parents[3] / MODELS)
    try:
        target = deployed_target(os.environ[STACK].removeprefix("Gatepost-"))
        # backups are not looked at: that would be one more right
        answer = work(replace(target, request_id=request_id, backed_up=False))
    except NotPossible as error:
        note(f"operate.{command}", {"request_id": request_id, "refused": True})
        return {"refused": str(error)}
    note(f"operate.{command}", {"request_id": request_id, "refused": False})
    return answer


def _text(event: Event, name: str) -> str:
    value = event.get(name) if isinstance(event, Mapping) else None
    if not isinstance(value, str) or not value.strip():
        raise NotPossible(f"The event needs the text {name}.")
    return value.strip()
