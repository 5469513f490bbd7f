"""Reads a rendered template."""

from __future__ import annotations

from typing import Any, NamedTuple

from gatepost.edge import origin_secret as edge
from gatepost.stores.schema import TABLES
from infra.stack.access import ID_FORMS
from infra.stack.function_table import SECRETS

Template = dict[str, Any]


def from_yaml(text: str) -> Template:
    """A template in YAML, whose functions become objects."""
    from cfnlint.decode import cfn_yaml  # a second, in every process that collects the tests

    found: Template = cfn_yaml.loads(text)
    return found


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of a type, by logical id."""
    return {name: each.get("Properties", {}) for name, each in template["Resources"].items() if each["Type"] == kind}


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """The properties of every function, by its folder."""
    return {
        each["Metadata"]["gatepost:function"]: each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    }


def routes(template: Template) -> dict[str, dict[str, Any]]:
    """The properties of every route, by its key."""
    return {each["RouteKey"]: each for each in of_type(template, "AWS::ApiGatewayV2::Route").values()}


class Grant(NamedTuple):
    """A role's permission for one action on one resource."""

    action: str
    resource: str
    leading_keys: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    sender: str = ""
    select: tuple[str, ...] = ()


def grants(template: Template, function: str) -> set[Grant]:
    """Return the permissions of a function's role, action by action."""
    role_id = functions(template)[function]["Role"]["Fn::GetAtt"][0]
    role = template["Resources"][role_id]["Properties"]
    assert set(role) == {"AssumeRolePolicyDocument", "Description", "Policies"}
    found: set[Grant] = set()
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert set(statement) <= {"Action", "Condition", "Effect", "Resource"}
            condition = _condition(statement.get("Condition", {}))
            for action in _listed(statement["Action"]):
                for resource in _listed(statement["Resource"]):
                    found.add(Grant(action, _named(template, resource), **condition))
    return found


def _condition(condition: dict[str, Any]) -> dict[str, Any]:
    """Return the members of a Grant, asserting that partitions of ids always exclude the other kinds of partitions."""
    known = {
        ("ForAllValues:StringLike", "dynamodb:LeadingKeys"): "leading_keys",
        ("ForAllValues:StringEquals", "dynamodb:Attributes"): "attributes",
        ("StringEquals", "ses:FromAddress"): "sender",
        ("ForAllValues:StringNotLike", "dynamodb:LeadingKeys"): "",
        ("StringEquals", "dynamodb:Select"): "select",
    }
    found: dict[str, Any] = {}
    for operator, keys in condition.items():
        for key, values in keys.items():
            found[known[operator, key]] = values if isinstance(values, str) else tuple(values)
    keys = found.get("leading_keys", ())
    assert found.pop("", ()) == (("*#*",) if keys and ID_FORMS.issuperset(keys) else ())
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _named(template: Template, resource: Any) -> str:
    """`tokens`, `apps/index/by_owner`, `signing`, `own logs`, `arn:<Partition>:...` or the text itself."""
    if isinstance(resource, str):
        return resource
    if {"Ref": "AWS::StackName"} in resource.get("Fn::Join", ["", []])[1]:
        return "own stack"
    if "Fn::Join" in resource:
        return "".join(_named(template, part) for part in resource["Fn::Join"][1])
    if resource.get("Ref", "").startswith("AWS::"):
        return f"<{resource['Ref'].removeprefix('AWS::')}>"
    logical = resource.get("Ref") or resource["Fn::GetAtt"][0]
    kind = template["Resources"][logical]["Type"]
    names: dict[str, dict[str, str]] = {
        "AWS::DynamoDB::Table": {f"Tables{spec.name.capitalize()}": spec.name for spec in TABLES},
        "AWS::SecretsManager::Secret": {f"Keys{name.capitalize()}": name for name in (*SECRETS, edge.SECRET)},
        "AWS::Logs::LogGroup": {logical[:-8]: "own logs"},
        "AWS::SQS::Queue": {"LogoutsQueue": "logouts", "LogoutsSlow": "slow logouts"},
    }
    if kind == "AWS::Lambda::Alias":
        return f"{_named(template, template['Resources'][logical]['Properties']['FunctionName'])}:live"
    if kind == "AWS::Lambda::Function":
        return str(template["Resources"][logical]["Metadata"]["gatepost:function"])
    return names[kind][logical[:-8]]  # CDK ends a logical id with 8 digits of its path's hash
