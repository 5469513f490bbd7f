"""`make edge-secret`: puts a new value into the unused slot of the edge's secret."""

from __future__ import annotations

import json
import re
import secrets
import sys
import time
from collections.abc import Mapping

from botocore.exceptions import ClientError

from gatepost.edge.origin_secret import AGAIN, SLOTS
from infra.configuration.context import EDGE_REGION
from infra.tools.operator.command import parser, run
from infra.tools.operator.target import NotPossible, Target

_REFERENCE = re.compile(rf":SecretString:({'|'.join(SLOTS)})}}}}")
_BYTES = 48


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; the result is in sentences."""
    return run(parser("edge-secret").parse_args(arguments), lambda target: _done(target, fill(target)))


def fill(target: Target, *, longest: int = 60) -> str:
    """Put a new value into the slot that CloudFront does not send; wait up to `longest` seconds for its replica.

    Returns the slot. Raises NotPossible; the call can then be repeated.
    """
    if not target.stack:
        raise NotPossible("There is no edge before a deployment on this machine. STAGE names one in AWS.")
    arn = target.edge_secret
    if arn is None:
        raise NotPossible(f"There is no edge before {target.name}.")
    read = target.client("secretsmanager").get_secret_value(SecretId=arn)
    sent = _sent(target, read["Name"])
    (slot,) = (each for each in SLOTS if each != sent)
    api, value = target.client("secretsmanager"), secrets.token_urlsafe(_BYTES)
    slots = {**json.loads(read["SecretString"]), slot: value}
    api.put_secret_value(SecretId=arn, SecretString=json.dumps(slots))
    _wait(target, read["Name"], slots, longest)
    return slot


def _sent(target: Target, stack: str) -> str:
    """The slot whose value CloudFront sends; `stack` is the edge's. Raises NotPossible if it is unknown."""
    formation = target.client("cloudformation", region_name=EDGE_REGION)
    try:
        status = formation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        template = formation.get_template(StackName=stack)["TemplateBody"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise NotPossible(f"There is no stack {stack} in {EDGE_REGION}: no value is sent yet.") from None
    found = set(_REFERENCE.findall(template if isinstance(template, str) else json.dumps(template)))
    if len(found) != 1 or not status.endswith("_COMPLETE") or status == "DELETE_COMPLETE":
        raise NotPossible(f"The stack {stack} is {status}: which value is sent can't be told. Deploy it first.")
    return str(found.pop())


def _wait(target: Target, name: str, slots: Mapping[str, str], longest: int) -> None:
    """Wait until the secret is where CloudFormation reads it for the edge. Raises NotPossible."""
    api, until = target.client("secretsmanager", region_name=EDGE_REGION), time.monotonic() + longest
    while json.loads(api.get_secret_value(SecretId=name)["SecretString"]) != slots:
        if time.monotonic() > until:
            raise NotPossible(f"The value did not reach {EDGE_REGION} in {longest} seconds. Run the command again.")
        time.sleep(1)


def _done(target: Target, slot: str) -> str:
    return (
        f"The value {slot} of the edge's secret is new and in {EDGE_REGION}, and accepted within {AGAIN} seconds. Set "
        f'edge_secret to "{slot}" and deploy {target.name}, which sends it; then run this command again, which ends '
        f"the value that was sent until now: within {target.settings.secret_refresh} seconds nothing accepts it."
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
