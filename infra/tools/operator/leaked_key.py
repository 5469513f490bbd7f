"""`python -m infra.tools.operator.leaked_key`: what `make leaked-key SECRET=...` starts. A leaked key ends at once."""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gatepost.audit_log import events as audit
from infra.stack.function_table import FUNCTIONS, SECRETS
from infra.tools.operator.command import OPERATOR, ByFunction, parser, run
from infra.tools.operator.target import NotPossible, Target

ALL = "all"
_REPLACED_AT = "GATEPOST_KEYS_REPLACED_AT"  # a variable that nobody reads: changing it makes functions start anew
_AGAIN = "Run the command again until it says that it is done."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The ids of the keys that ended, and of the one that is used instead."""

    ended: Sequence[str]
    new: Sequence[str]


def main(arguments: list[str]) -> int:
    """The exit code; what happened is said in sentences."""
    known = parser("leaked-key")
    known.add_argument("secret")
    options = known.parse_args(arguments)
    if options.secret not in (*SECRETS, ALL):
        known.error(f"Which secret leaked? SECRET is one of {', '.join(SECRETS)}, or {ALL} to end all that was issued.")
    secrets = tuple(SECRETS) if options.secret == ALL else (options.secret,)
    by_function = ByFunction("operate_leaked_key", {"secret": options.secret})
    return run(options, lambda target: end_all(target, secrets), by_function=by_function)


def end_all(target: Target, secrets: Sequence[str]) -> str:
    """End the keys of the secrets; what is done, in sentences. Raises NotPossible, as `end_keys` does."""
    return "\n".join(_done(target, secret, end_keys(target, secret)) for secret in secrets)


def end_keys(target: Target, secret: str) -> Ended:
    """End the keys of a secret for a new one, then let every function that reads it start anew.

    Raises NotPossible; then the same call may be made again, whatever was reached.
    """
    api = target.client("lambda")
    event = {
        "Step": "replaceLeaked",
        "SecretId": target.secrets[secret],
        "ClientRequestToken": str(uuid.uuid4()),
    }
    answer = api.invoke(FunctionName=target.functions["rotate_keys"], Payload=json.dumps(event).encode())
    said = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise NotPossible(f"The function rotate_keys failed: {said.get('errorMessage')}. {_AGAIN}")
    for spec in FUNCTIONS:
        if secret in spec.reads_secrets and spec.name in target.functions:
            _start_anew(api, target.functions[spec.name])
    audit.record(
        target.store,
        target.settings,
        "keys_ended",
        now=time.time(),
        source_ip="",
        by=OPERATOR,
        subject=secret,
        request_id=target.request_id,
    )
    return Ended(**said)


def _start_anew(api: Any, function: str) -> None:
    """Let no invocation from now on meet a process that has read a secret before. Waits until it is so."""
    found = api.get_function_configuration(FunctionName=function)
    variables = {**found["Environment"]["Variables"], _REPLACED_AT: str(int(time.time() * 1000))}
    api.update_function_configuration(
        FunctionName=function, Environment={"Variables": variables}, RevisionId=found["RevisionId"]
    )
    api.get_waiter("function_updated_v2").wait(FunctionName=function)
    for alias in api.list_aliases(FunctionName=function)["Aliases"]:  # with SnapStart: what is called is a version
        version = api.publish_version(FunctionName=function)["Version"]
        api.get_waiter("published_version_active").wait(FunctionName=function, Qualifier=version)
        api.update_alias(FunctionName=function, Name=alias["Name"], FunctionVersion=version)


def _done(target: Target, secret: str, keys: Ended) -> str:
    ended = f"Ended for good: {', '.join(keys.ended) or 'no key'}. {', '.join(keys.new)} is used from now on."
    bound = target.settings.revocation_bound
    effect = {
        "signing": f"Access tokens of what ended are refused everywhere within {bound} seconds, except where an API "
        "verifies them on its own with a JWK Set that it keeps (docs/data.md says how long).",
        "refresh": "Every refresh token that was issued until now is dead: users sign in again.",
    }
    return f"{secret}: {ended} {effect[secret]}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
