"""A created stack: its physical names, and CloudFormation's evaluation of template values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.aws import arns
from infra.local.aws.cloud import REGION

FUNCTION = "AWS::Lambda::Function"
ALIAS = "AWS::Lambda::Alias"
STAGES = ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")
PSEUDO = {
    "AWS::AccountId": arns.ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}


class DeploymentFailed(Exception):
    """The stack could not be created; the text is for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The made stack: physical names by logical ids, its outputs, and its functions as the local AWS holds them.

    A function that has an alias is held as the version that the alias points to.
    """

    template: Mapping[str, Any]
    physical: Mapping[str, str]
    outputs: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the template's resources of a type, by logical id."""
        return {name: each for name, each in self.template["Resources"].items() if each["Type"] == kind}

    def owned(self, kind: str, key: str, physical_id: str) -> dict[str, Properties]:
        """Return the properties of an API's resources of a type, by logical id."""
        found = {name: Properties(self, each.get("Properties", {})) for name, each in self.of_type(kind).items()}
        return {name: each for name, each in found.items() if each[key] == physical_id}

    def value(self, said: Any) -> Any:
        """Return a value of the template with its intrinsic functions evaluated. Raises DeploymentFailed."""
        if isinstance(said, list):
            return [self.value(each) for each in said]
        if not isinstance(said, dict):
            return said
        if len(said) == 1:
            ((function, argument),) = said.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self._intrinsic(function, argument)
        return {name: self.value(each) for name, each in said.items()}

    def function_arn(self, said: Any) -> str:
        """The function that a value names: by its ARN, by its name, or as API Gateway's invocation address.

        The ARN of an alias stays one: who may call it may not call the function without it.
        """
        text = str(self.value(said))
        found = re.search(r"/functions/(arn:.+)/invocations$", text)
        named = found[1] if found else text
        if named in (self.physical[alias] for alias in self.aliases.values()):
            return named
        for each in self.functions.values():
            if named in (unqualified(each["FunctionArn"]), each["FunctionName"]):
                return unqualified(each["FunctionArn"])
        raise DeploymentFailed(f"The local deployment runs functions of the same stack only; {text} is none.")

    @property
    def aliases(self) -> dict[str, str]:
        """The logical ids of aliases by those of their functions. Raises DeploymentFailed for a second one of one."""
        found: dict[str, str] = {}
        for name, each in self.of_type(ALIAS).items():
            function = each["Properties"]["FunctionName"]["Ref"]
            if function in found:
                raise DeploymentFailed(f"The local deployment knows one alias of a function only; {function} has two.")
            found[function] = name
        return found

    def _intrinsic(self, function: str, argument: Any) -> Any:
        if function == "Ref":
            return self._reference(argument)
        if function == "Fn::GetAtt":
            return self._attribute(*argument)
        if function == "Fn::Join":
            return argument[0].join(str(self.value(each)) for each in argument[1])
        if function == "Fn::Split":
            return str(self.value(argument[1])).split(argument[0])
        if function == "Fn::Select":
            return self.value(argument[1])[int(argument[0])]
        if function == "Fn::Sub":
            text, names = (argument, {}) if isinstance(argument, str) else argument
            return re.sub(r"\$\{([^}!]+)\}", lambda name: self._substituted(name[1], names), text)
        raise DeploymentFailed(f"The local deployment does not know {function}, which an API needs.")

    def _substituted(self, name: str, names: Mapping[str, Any]) -> str:
        if name in names:
            return str(self.value(names[name]))
        logical, _, attribute = name.partition(".")
        return self._attribute(logical, attribute) if attribute else self._reference(logical)

    def _reference(self, name: str) -> str:
        if name in PSEUDO:
            return PSEUDO[name]
        resource = self.template["Resources"].get(name, {})
        if resource.get("Type") in STAGES:
            return str(self.value(resource["Properties"]["StageName"]))
        if name not in self.physical:
            raise DeploymentFailed(f"The local deployment does not know Ref of {name}, which an API needs.")
        return self.physical[name]

    def _attribute(self, logical: str, attribute: str) -> str:
        if attribute == "Arn" and logical in self.functions:
            return unqualified(self.functions[logical]["FunctionArn"])
        if attribute == "RootResourceId":
            return root_resource(self.physical[logical])
        raise DeploymentFailed(f"The local deployment does not know {attribute} of {logical}, which an API needs.")


class Properties:
    """The properties of a resource; each is evaluated when it is read."""

    def __init__(self, stack: Stack, raw: Mapping[str, Any]) -> None:
        """Take `raw` as in the template."""
        self._stack = stack
        self._raw = raw

    def __getitem__(self, name: str) -> Any:
        return self._stack.value(self._raw[name])

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value, or `default` if the template does not have it."""
        return self[name] if name in self._raw else default


def unqualified(arn: str) -> str:
    """The ARN of a function without a version or an alias behind it."""
    return ":".join(arn.split(":")[:7])


def root_resource(api_id: str) -> str:
    """Return the local id of the resource "/" of a REST API."""
    return f"{api_id}:/"
