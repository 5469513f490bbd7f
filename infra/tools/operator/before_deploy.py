"""`python -m infra.tools.operator.before_deploy [STAGE]`: what `make deploy` asks before it deploys.

Prints the arguments for a deployment before the one proper, or nothing. CloudFormation can't delete a table that is
protected, so a creation that fails would leave it behind: a stack that is not there yet is made without the protection,
and the second deployment adds it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.configuration.allowed_values import BadContext
from infra.configuration.context import EDGE_REGION, ROOT, Configuration, read_configuration
from infra.tools.operator.target import account

FIRST = "--context gatepost.first_deployment=true"
# Of a stack that was never made: the command line of CDK deletes it, and makes it anew.
_NEVER_MADE = {"REVIEW_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE"}


class NotYet(Exception):
    """Something has to be done before; the text is for people."""


def main(arguments: list[str]) -> int:
    """The exit code; what stops a deployment is one sentence on stderr."""
    context = json.loads(os.environ.get("CDK_CONTEXT_JSON") or "{}")
    if arguments:
        context["gatepost.stage"] = arguments[0]
    try:
        configuration = read_configuration(ROOT / "cdk.json", {"CDK_CONTEXT_JSON": json.dumps(context)})
        found = arguments_of_the_first(configuration, account())
    except (BadContext, NotYet) as error:
        print(error, file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"Can't find out from AWS what is deployed: {error}", file=sys.stderr)
    else:
        print(found)
        return 0
    return 1


def arguments_of_the_first(configuration: Configuration, session: Any) -> str:
    """`FIRST` where tables are to be protected and the stack is not there yet, else nothing. Raises NotYet."""
    if configuration.edge and not configuration.edge_name:
        _check_names(configuration, session.client("cloudformation", region_name=EDGE_REGION))
    formation = session.client("cloudformation")
    stack = _described(formation, configuration.stack_name)
    if stack is not None and not configuration.keeps_record:
        _check_record(configuration, formation)
    if not configuration.deletion_protection:
        return ""
    return FIRST if stack is None or stack["StackStatus"] in _NEVER_MADE else ""


def _check_names(configuration: Configuration, formation: Any) -> None:
    """Raise NotYet if the edge of this API has the name of before there was a region in it."""
    name = f"{configuration.stack_name}-edge"
    if not configuration.edge_origin or _described(formation, name) is None:
        return
    template = formation.get_template(StackName=name)["TemplateBody"]
    if configuration.edge_origin in (template if isinstance(template, str) else json.dumps(template)):
        raise NotYet(
            f"The stack {name} serves this stage: set gatepost.edge_name to {json.dumps(name)} for it, or it is made "
            "anew beside it, with a domain that the old one still has."
        )


def _check_record(configuration: Configuration, formation: Any) -> None:
    """Raise NotYet if the deployment would take the record of the domain away before another one leads anywhere."""
    if not configuration.edge or not configuration.hosted_zone_id:
        return
    template = formation.get_template(StackName=configuration.stack_name)["TemplateBody"]
    if "AWS::Route53::RecordSet" in (template if isinstance(template, str) else json.dumps(template)):
        raise NotYet(
            f"The record of {configuration.domain_name} is in the stack {configuration.stack_name}, and this would "
            "delete it: keep certificate_arn until edge_target is set and deployed (docs/deploy.md, CloudFront)."
        )


def _described(formation: Any, name: str) -> Mapping[str, Any] | None:
    try:
        stack: Mapping[str, Any] = formation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return None
    return stack


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
