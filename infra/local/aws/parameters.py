"""Parameters and conditions of a template, carried out before anything is made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.local.aws.made_stack import PSEUDO
from infra.local.coverage import NotCovered

_NOTHING = {"Ref": "AWS::NoValue"}
_OF_CDK = "BootstrapVersion"  # a question to the account; see coverage


def settled(template: Mapping[str, Any]) -> dict[str, Any]:
    """The template with the defaults of its parameters, without conditions and what they leave out.

    A parameter without a default stays, and so does CDK's own: whether they are covered is said elsewhere. Raises
    NotCovered for a condition that it can't tell.
    """
    parameters = template.get("Parameters", {})
    # their values are texts, also those of numbers
    defaults = {
        name: str(each["Default"]) for name, each in parameters.items() if name != _OF_CDK and "Default" in each
    }
    settling = _Settling(defaults, template.get("Conditions", {}))
    left = {name: each for name, each in parameters.items() if name not in defaults}
    rest = {name: each for name, each in template.items() if name not in ("Conditions", "Parameters")}
    rest.update({name: settling.kept(rest[name]) for name in ("Resources", "Outputs") if name in rest})
    return {**rest, **({"Parameters": left} if left else {})}


class _Settling:
    """The values of parameters, and the conditions over them."""

    def __init__(self, parameters: Mapping[str, Any], conditions: Mapping[str, Any]) -> None:
        self._parameters = parameters
        self._conditions = conditions

    def kept(self, section: Mapping[str, Any]) -> dict[str, Any]:
        """The resources or outputs whose condition holds."""
        return {
            name: {key: self.placed(value) for key, value in each.items() if key != "Condition"}
            for name, each in section.items()
            if "Condition" not in each or self.holds({"Condition": each["Condition"]})
        }

    def holds(self, said: Mapping[str, Any]) -> bool:
        """Whether a condition is true."""
        ((function, argument),) = said.items()
        if function == "Condition":
            return self.holds(self._conditions[argument])
        if function == "Fn::Equals":
            first, second = map(self._compared, argument)
            return first == second
        if function == "Fn::Not":
            return not self.holds(argument[0])
        if function not in ("Fn::And", "Fn::Or"):
            raise NotCovered(f"The local deployment does not know {function} as a condition.")
        return (all if function == "Fn::And" else any)(self.holds(each) for each in argument)

    def _compared(self, value: Any) -> str:
        placed = self.placed(value)
        if isinstance(placed, dict) and placed.get("Ref") in PSEUDO:
            return PSEUDO[placed["Ref"]]
        if not isinstance(placed, str):
            raise NotCovered(f"The local deployment does not know {json.dumps(value)} in a condition.")
        return placed

    def placed(self, value: Any) -> Any:
        """A value with parameters and `Fn::If` carried out; `AWS::NoValue` is removed."""
        if isinstance(value, list):
            return [each for each in map(self.placed, value) if each != _NOTHING]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Ref"}:
            return self._parameters.get(value["Ref"], value)
        if set(value) == {"Fn::If"}:
            condition, when_true, otherwise = value["Fn::If"]
            return self.placed(when_true if self.holds({"Condition": condition}) else otherwise)
        found = {name: self.placed(each) for name, each in value.items()}
        return {name: each for name, each in found.items() if each != _NOTHING}
