"""The CloudFormation template of the authorizer alone, for those who deploy with another tool than CDK for Python."""

from __future__ import annotations

from typing import Any

from gatepost.observability import log
from gatepost.resource_server.protection import REALM, RESOURCE_METADATA, ROUTES
from gatepost.settings import AUDIENCE, Settings, table_variable
from gatepost_cdk import decider

_DEFAULTS = Settings(issuer="")
_NONE = {"Ref": "AWS::NoValue"}
_ARN = "arn:${AWS::Partition}"


def authorizer_template(python: str) -> dict[str, Any]:
    """The template; `python` is the version that the zips were compiled for."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Gatepost's authorizer: opens routes of an API for the tokens of one issuer",
        "Parameters": _parameters(),
        "Conditions": {
            "ReadsTheTable": {"Fn::Not": [{"Fn::Equals": [{"Ref": "TokensTableArn"}, ""]}]},
            # not by HttpApiId: that may be a reference, and no condition may hold one
            "HasHttpApi": {"Fn::Equals": [{"Ref": "Api"}, "http"]},
        },
        "Resources": {
            "Logs": {
                "Type": "AWS::Logs::LogGroup",
                "DeletionPolicy": "Delete",
                "UpdateReplacePolicy": "Delete",
                "Properties": {"RetentionInDays": {"Ref": "LogRetentionDays"}},
            },
            "Role": {"Type": "AWS::IAM::Role", "Properties": _role()},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": _function(python)},
            "Authorizer": {
                "Type": "AWS::ApiGatewayV2::Authorizer",
                "Condition": "HasHttpApi",
                "Properties": _authorizer(),
            },
            "MayInvoke": {
                "Type": "AWS::Lambda::Permission",
                "Condition": "HasHttpApi",
                "Properties": {
                    "Action": "lambda:InvokeFunction",
                    "FunctionName": {"Fn::GetAtt": ["Function", "Arn"]},
                    "Principal": "apigateway.amazonaws.com",
                    "SourceArn": {
                        "Fn::Sub": f"{_ARN}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:"
                        "${HttpApiId}/authorizers/${Authorizer}"
                    },
                },
            },
        },
        "Outputs": {
            "FunctionArn": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}},
            "RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}},
            "AuthorizerId": {"Condition": "HasHttpApi", "Value": {"Ref": "Authorizer"}},
        },
    }


def _parameters() -> dict[str, Any]:
    return {
        "CodeBucket": _text("The bucket with the zip, in the region of the stack"),
        "CodeKey": _text("The key of the zip: its file name, and what stands before it in the bucket"),
        "Issuer": _text(
            "Output Issuer of Gatepost: an origin without a slash at the end",
            AllowedPattern=r"https://[^/?#\s]+|http://localhost(:\d+)?",
        ),
        "Audience": _text("aud of the tokens; empty: the issuer", "", AllowedPattern=rf"|{AUDIENCE}"),
        "Routes": _text(
            "Routes by what they ask for, as JSON: scopes with a space between them, and a list of route keys; "
            'for example {"reports.read":["GET /reports","GET /reports/{id}"],"":["GET /me"]}',
            AllowedPattern=r"\{.*\}",
            MaxLength=2800,
        ),
        "ScopeImplies": _text("Gatepost's setting scope_implies, as JSON", "{}", AllowedPattern=r"\{.*\}"),
        "TokensTableArn": _text(
            "The table of tokens: with it a revoked token is refused within seconds; empty: at its end",
            "",
            AllowedPattern=r"|arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table/[A-Za-z0-9_.-]+",
        ),
        "Api": {
            "Type": "String",
            "Description": "http: the authorizer of the HTTP API HttpApiId is made, too; rest: the function alone",
            "Default": "http",
            "AllowedValues": ["http", "rest"],
        },
        "HttpApiId": _text("The id of the HTTP API; empty with Api rest", ""),
        "Realm": _text("Of the challenges of a REST API", "api", AllowedPattern=r"[^'\"\\]*"),
        "ResourceMetadata": _text("URL of the protected resource's metadata (RFC 9728), or empty", ""),
        "CacheSeconds": _number("How long API Gateway keeps an answer", _DEFAULTS.authorizer_cache_seconds, 0, 3600),
        "RevocationPoll": _number("How often revocations are read", _DEFAULTS.revocation_poll, 0, 300),
        "RevocationMaxStale": _number(
            "Without reading them the authorizer goes on for so long", _DEFAULTS.revocation_max_stale, 1, 3600
        ),
        "Architecture": {"Type": "String", "Default": "arm64", "AllowedValues": ["arm64", "x86_64"]},
        "LogRetentionDays": {"Type": "Number", "Default": 30},
    }


def _role() -> dict[str, Any]:
    reads = {
        "Effect": "Allow",
        "Action": [*decider.READS],
        "Resource": {"Ref": "TokensTableArn"},
        "Condition": decider.ONLY_THE_FEED,
    }
    may_log = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": {"Fn::GetAtt": ["Logs", "Arn"]},
    }
    statements = [may_log, {"Fn::If": ["ReadsTheTable", reads, _NONE]}]
    return {
        "Description": "Gatepost's authorizer",
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
            ],
        },
        "Policies": [
            {"PolicyName": "access", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}},
        ],
    }


def _function(python: str) -> dict[str, Any]:
    return {
        "Description": decider.DESCRIPTION,
        "Runtime": f"python{python}",
        "Architectures": [{"Ref": "Architecture"}],
        "Handler": decider.HANDLER,
        "Code": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}},
        "MemorySize": decider.MEMORY,
        "Timeout": decider.TIMEOUT,
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "LoggingConfig": {"LogGroup": {"Ref": "Logs"}},
        "Environment": {
            "Variables": {
                _variable("issuer"): {"Ref": "Issuer"},
                _variable("audience"): {"Ref": "Audience"},
                _variable("scope_implies"): {"Ref": "ScopeImplies"},
                _variable("revocation_poll"): {"Ref": "RevocationPoll"},
                _variable("revocation_max_stale"): {"Ref": "RevocationMaxStale"},
                _variable("clock_leeway"): str(_DEFAULTS.clock_leeway),
                table_variable("tokens"): {"Fn::If": ["ReadsTheTable", {"Ref": "TokensTableArn"}, _NONE]},
                ROUTES: {"Ref": "Routes"},
                REALM: {"Ref": "Realm"},
                RESOURCE_METADATA: {"Ref": "ResourceMetadata"},
                log.SERVICE: "gatepost",
            }
        },
    }


def _authorizer() -> dict[str, Any]:
    return {
        "ApiId": {"Ref": "HttpApiId"},
        "Name": "gatepost",
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": {
            "Fn::Sub": f"{_ARN}:apigateway:${{AWS::Region}}:lambda:path"
            "/2015-03-31/functions/${Function.Arn}/invocations"
        },
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": True,
        "IdentitySource": list(decider.HTTP_IDENTITY_SOURCES),
        "AuthorizerResultTtlInSeconds": {"Ref": "CacheSeconds"},
    }


def _variable(setting: str) -> str:
    (name,) = _DEFAULTS.to_env(setting)
    return name


def _text(description: str, default: str | None = None, **limits: Any) -> dict[str, Any]:
    known = {"Type": "String", "Description": description, **limits}
    return known if default is None else {**known, "Default": default}


def _number(description: str, default: int, low: int, high: int) -> dict[str, Any]:
    return {"Type": "Number", "Description": description, "Default": default, "MinValue": low, "MaxValue": high}
