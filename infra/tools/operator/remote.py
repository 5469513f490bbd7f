"""The functions of a stage that do an operator's work: found by the outputs of its stack, called by Invoke."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.tools.operator.target import NotPossible, account

Function = Callable[[Mapping[str, Any]], dict[str, Any]]
# The longest function takes 15 minutes. A call that was cut off may have been carried out: it is not made again.
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=910)


def output_of(function: str) -> str:
    """The output of the stack that names a function, `OperateAdmin`."""
    return "".join(part.capitalize() for part in function.split("_"))


def operator_function(stage: str, name: str) -> Function | None:
    """What calls the function, None if the stage has none. It raises NotPossible for what the function refuses."""
    session = account()
    try:
        stack = session.client("cloudformation").describe_stacks(StackName=f"Gatepost-{stage}")["Stacks"][0]
    except (ClientError, BotoCoreError):
        return None  # whatever it is, `deployed_target` says it
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    function = outputs.get(output_of(name))
    if function is None:
        return None
    physical: str = function

    def call(asked: Mapping[str, Any]) -> dict[str, Any]:
        api = session.client("lambda", config=_CONFIG)
        answer = api.invoke(FunctionName=physical, Payload=json.dumps(asked).encode())
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise NotPossible(f"The function {physical} failed: {said.get('errorMessage')}.")
        if "refused" in said:
            raise NotPossible(said["refused"])
        return said

    return call
