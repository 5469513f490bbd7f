"""The resource policies of functions, from the permissions in the template."""

from __future__ import annotations

from infra.local.aws import arns
from infra.local.aws.made_stack import DeploymentFailed, Properties, Stack

_PERMISSION = "AWS::Lambda::Permission"
API_GATEWAY = "apigateway.amazonaws.com"


def check_api_may_invoke(stack: Stack, function_arn: str, source_arn: str) -> None:
    """Raise DeploymentFailed if API Gateway may not invoke the function for `source_arn`.

    AWS responds with 500 at run time; here it is reported before anything is served.
    """
    for permission in _permissions(stack, function_arn):
        sources = permission.get("SourceArn", "*")
        if permission["Principal"] == API_GATEWAY and arns.matches(sources, source_arn):
            return
    raise DeploymentFailed(f"The API may not invoke {function_arn}: the template gives no permission.")


def check_url_may_invoke(stack: Stack, function_arn: str) -> None:
    """Raise DeploymentFailed unless everybody may invoke the function by its URL.

    A public function URL needs two statements (Lambda Developer Guide, access control of function URLs).
    """
    public = [each for each in _permissions(stack, function_arn) if each["Principal"] == "*"]
    by_url = any(each["Action"] == "lambda:InvokeFunctionUrl" for each in public)
    invoked = any(each["Action"] == "lambda:InvokeFunction" and each.get("InvokedViaFunctionUrl") for each in public)
    if not (by_url and invoked):
        raise DeploymentFailed(f"The function URL may not invoke {function_arn}: the template gives no permission.")


def _permissions(stack: Stack, function_arn: str) -> list[Properties]:
    every = [Properties(stack, each["Properties"]) for each in stack.of_type(_PERMISSION).values()]
    return [each for each in every if stack.function_arn(each["FunctionName"]) == function_arn]
