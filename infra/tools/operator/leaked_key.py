"""`make leaked-key SECRET=...`: ends a leaked key at once.

What holds it in memory is a process of the version that the alias `live` points to. The alias moves to a version of
its own, whose processes read the key anew. When those from before have to read it again as well, the alias goes back
to the version of the stack: the next deployment finds what CloudFormation and CodeDeploy expect.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.stack.function_spec import ALIAS
from infra.stack.function_table import FUNCTIONS, SECRETS
from infra.tools.operator.command import ByFunction, audited, parser, run
from infra.tools.operator.target import NotPossible, Target

ALL = "all"
_REPLACED_AT = "GATEPOST_KEYS_REPLACED_AT"  # a variable that nobody reads: changing it makes functions start anew
_MARGIN = 5  # seconds: clocks differ
_AGAIN = "Run the command again until it says that it is done."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The ids of the withdrawn keys, and of the new one."""

    ended: Sequence[str]
    new: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """A function whose alias was moved to a version, and the revision of the alias then."""

    function: str
    version: str
    revision: str


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; the result is in sentences."""
    known = parser("leaked-key")
    known.add_argument("secret")
    options = known.parse_args(arguments)
    if options.secret not in (*SECRETS, ALL):
        known.error(f"Which secret leaked? SECRET is one of {', '.join(SECRETS)}, or {ALL} to end all that was issued.")
    secrets = tuple(SECRETS) if options.secret == ALL else (options.secret,)
    by_function = ByFunction("operate_leaked_key", {"secret": options.secret})
    return run(options, lambda target: end_all(target, secrets), by_function=by_function)


def end_all(target: Target, secrets: Sequence[str]) -> str:
    """End the keys of the secrets, and every process that holds one; return a sentence for each.

    Raises NotPossible; the call can then be repeated, however far it got.
    """
    done = [_done(target, secret, end_keys(target, secret)) for secret in secrets]
    replace_processes(target, secrets)
    return "\n".join(done)


def end_keys(target: Target, secret: str) -> Ended:
    """End the keys of a secret for a new one. Raises NotPossible."""
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
    audited(target, "keys_ended", now=time.time(), subject=secret)
    return Ended(**said)


def replace_processes(target: Target, secrets: Sequence[str]) -> None:
    """Let no invocation from now on meet a process that has read one of the secrets before. Waits until it is so."""
    api, settings = target.client("lambda"), target.settings
    seconds = settings.secret_refresh + _MARGIN
    reading = [spec.name for spec in FUNCTIONS if {*secrets} & {*spec.deployed(settings).reads_secrets}]
    readers = [name for name in reading if name in target.functions]
    if target.is_changing:
        print(
            f"{target.name} is being deployed, and its functions belong to the deployment. In {seconds} seconds every "
            "process has read the new key ...",
            flush=True,
        )
        time.sleep(seconds)
        return
    moved = {name: _start_anew(api, target.functions[name]) for name in readers}
    deployed = [(target.versions[name], each) for name, each in moved.items() if each and name in target.versions]
    if not deployed:
        return
    print(f"No process uses the key any more. Returning to the deployed version in {seconds} seconds ...", flush=True)
    time.sleep(seconds)
    for version, each in deployed:
        _hand_back(api, each, version)


def _start_anew(api: Any, function: str) -> _Moved | None:
    """Move the alias of a function to a new version of it, whatever it points to.

    None if there is no alias, in a stack from before there were any: then the function itself is called.
    """
    found = api.get_function_configuration(FunctionName=function)
    variables = {**found["Environment"]["Variables"], _REPLACED_AT: str(int(time.time() * 1000))}
    api.update_function_configuration(
        FunctionName=function, Environment={"Variables": variables}, RevisionId=found["RevisionId"]
    )
    api.get_waiter("function_updated_v2").wait(FunctionName=function)
    if not api.list_aliases(FunctionName=function)["Aliases"]:
        return None
    version = api.publish_version(FunctionName=function)["Version"]
    api.get_waiter("published_version_active").wait(FunctionName=function, Qualifier=version)
    alias = api.update_alias(
        FunctionName=function, Name=ALIAS, FunctionVersion=version, RoutingConfig={"AdditionalVersionWeights": {}}
    )
    return _Moved(function=function, version=version, revision=alias["RevisionId"])


def _hand_back(api: Any, moved: _Moved, version: str) -> None:
    """Let the alias point to the version of the stack again, unless a deployment moved it meanwhile."""
    try:
        api.update_alias(FunctionName=moved.function, Name=ALIAS, FunctionVersion=version, RevisionId=moved.revision)
    except api.exceptions.PreconditionFailedException:
        return
    api.delete_function(FunctionName=f"{moved.function}:{moved.version}")  # so named, a role can allow versions alone


def _done(target: Target, secret: str, keys: Ended) -> str:
    ended = f"Ended for good: {', '.join(keys.ended) or 'no key'}. {', '.join(keys.new)} is used from now on."
    bound = target.settings.revocation_bound
    effect = {
        "signing": f"Access tokens signed with ended keys are refused within {bound} seconds, except where an API "
        "verifies them with a cached JWK Set (docs/data.md says how long).",
        "refresh": "Every refresh token issued so far is revoked: users sign in again.",
    }
    return f"{secret}: {ended} {effect[secret]}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
