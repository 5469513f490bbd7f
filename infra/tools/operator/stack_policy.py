"""`make stack-policy`: lets no deployment replace or delete tables, keys and the API.

CloudFormation keeps the policy with the stack, for whoever deploys. CDK's command line has no way to set one.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from infra.tools.operator.command import parser, run
from infra.tools.operator.target import NotPossible, Target

# Logical ids, as tests/infra/test_logical_ids.py holds them. Another API would have another address, maybe the issuer.
HELD = ("Tables*", "KeysSigning*", "KeysRefresh*", "ApiHttp*")
_EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}


def main(arguments: list[str]) -> int:
    """The exit code; what holds from now on is one sentence."""
    known = parser("stack-policy")
    known.add_argument("--off", action="store_true")
    options = known.parse_args(arguments)
    return run(options, lambda target: set_policy(target, held=not options.off))


def set_policy(target: Target, *, held: bool) -> str:
    """Set the policy of the stack. Raises NotPossible for a deployment on this machine."""
    if not target.stack:
        raise NotPossible("A deployment on this machine is made once. STAGE names one in AWS.")
    target.client("cloudformation").set_stack_policy(
        StackName=target.stack, StackPolicyBody=json.dumps(policy(held=held))
    )
    if held:
        kept = "its tables, its keys or its API"
        return f"No deployment of {target.name} replaces or deletes {kept}. OFF=1 allows it again."
    return f"Deployments of {target.name} may replace and delete everything again."


def policy(*, held: bool) -> dict[str, Any]:
    """The policy; one can't be taken away, only replaced by one that allows everything."""
    if not held:
        return {"Statement": [_EVERYTHING]}
    kept = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["Update:Replace", "Update:Delete"],
        "Resource": [f"LogicalResourceId/{each}" for each in HELD],
    }
    return {"Statement": [_EVERYTHING, kept]}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
