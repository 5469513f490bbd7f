"""Changes of the template for ministack's differences from AWS. Each has a test that shows when it can be removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.local.covered import NOT_MADE

# CDK's check that the account is bootstrapped, which this one is not.
_SECTIONS = ("Parameters", "Rules")
# Unknown there, or with nothing to call; see `rotation` and `event_source`.
_PLAYED = ("AWS::SecretsManager::RotationSchedule", "AWS::Lambda::EventSourceMapping")
_SERVED = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::Lambda::Url")


def served(template: Mapping[str, Any]) -> dict[str, str]:
    """Return the resources with a URL of their own, APIs and function URLs: types by logical ids."""
    return {name: each["Type"] for name, each in template["Resources"].items() if each["Type"] in _SERVED}


def mended(template: Mapping[str, Any], urls: Mapping[str, str], bucket: str) -> dict[str, Any]:
    """Return the template as ministack can deploy it, with the fronts' URLs for those of `served`."""
    kinds = {name: each["Type"] for name, each in template["Resources"].items()}
    secrets = {name for name, kind in kinds.items() if kind == "AWS::SecretsManager::Secret"}

    def mend(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"Ref"} and value["Ref"] in secrets:
                return {"Fn::GetAtt": [value["Ref"], "Arn"]}  # Ref is the name there, the ARN on AWS
            if "GenerateSecretString" in value:  # it would create a replica here: no AWS::Region in conditions
                value = {name: each for name, each in value.items() if name != "ReplicaRegions"}
            if "SnapStart" in value:  # it would start the code of the version, which it does not have
                value = {name: each for name, each in value.items() if name != "SnapStart"}
            if value.get("Action") == "ses:SendEmail":
                return {"Action": "ses:SendEmail", "Effect": "Allow", "Resource": "*"}  # it has no identities there
            if "S3Bucket" in value and "S3Key" in value:
                return {**value, "S3Bucket": bucket}  # the account and region of an app may be fixed
            address = _address(value, urls)
            return {key: mend(each) for key, each in value.items()} if address is None else address
        return [mend(each) for each in value] if isinstance(value, list) else value

    left_out = {*NOT_MADE, *_PLAYED}
    resources = {name: mend(each) for name, each in template["Resources"].items() if kinds[name] not in left_out}
    outputs = {
        name: mend(each)
        for name, each in template.get("Outputs", {}).items()
        if not (isinstance(each["Value"], dict) and kinds.get(each["Value"].get("Ref", "")) in left_out)
    }
    kept = {name: each for name, each in template.items() if name not in _SECTIONS}
    return {**kept, "Resources": resources, "Outputs": outputs}


def _address(value: Mapping[str, Any], urls: Mapping[str, str]) -> Any:
    """Return the front's URL if the value is that of an API or a function URL."""
    if set(value) == {"Fn::GetAtt"}:
        logical, attribute = value["Fn::GetAtt"]
        if logical in urls and attribute == "ApiEndpoint":
            return urls[logical]
        if logical in urls and attribute == "FunctionUrl":
            return f"{urls[logical]}/"
    if set(value) == {"Fn::Join"} and value["Fn::Join"][0] == "":
        return _joined_address(value["Fn::Join"][1], urls)
    return None


def _joined_address(parts: Any, urls: Mapping[str, str]) -> Any:
    """Replace `https://<api>.execute-api.<region>.<suffix>/...`, as CDK joins it."""
    for at, part in enumerate(parts):
        logical = str(part.get("Ref")) if isinstance(part, dict) else ""
        if logical in urls and at and str(parts[at - 1]).endswith("https://"):
            end = next((i for i in range(at + 1, len(parts)) if parts[i] == {"Ref": "AWS::URLSuffix"}), None)
            if end is not None:
                before = [*parts[: at - 1], str(parts[at - 1]).removesuffix("https://")]
                return {"Fn::Join": ["", [*before, urls[logical], *parts[end + 1 :]]]}
    return None
