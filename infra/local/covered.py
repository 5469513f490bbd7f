"""The parts of the template that the local deployment implements, and those that it knowingly omits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The properties of a resource type: those that take effect, and those that don't, with the reason."""

    done: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


_TEXT = "a text for people"
_NO_CLOUDWATCH = "there is no CloudWatch"
_ONE_MACHINE = "this machine has one architecture and one Python, and the layer is built for them"

COVERAGE: Mapping[str, Coverage] = {
    "AWS::DynamoDB::Table": Coverage(
        done=(
            "AttributeDefinitions",
            "BillingMode",
            "GlobalSecondaryIndexes",
            "KeySchema",
            "TimeToLiveSpecification",  # set after the stack is created; items are removed later
        ),
        left_out={
            "DeletionProtectionEnabled": "the tables are on this machine only",
            "PointInTimeRecoverySpecification": "nothing is restored here",
            "SSESpecification": "the tables are in memory, and in files that only this user can read",
        },
    ),
    "AWS::SecretsManager::Secret": Coverage(
        done=("GenerateSecretString", "Name"),
        left_out={"Description": _TEXT, "ReplicaRegions": "there is one region"},
    ),
    "AWS::SecretsManager::RotationSchedule": Coverage(
        done=("RotationLambdaARN", "SecretId", "RotateImmediatelyOnUpdate"),
        left_out={"RotationRules": "rotation happens at the deployment, and at an update that changes them"},
    ),
    "AWS::IAM::Role": Coverage(
        done=("AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies", "RoleName"), left_out={"Description": _TEXT}
    ),
    "AWS::IAM::Policy": Coverage(done=("PolicyDocument", "PolicyName", "Roles")),
    "AWS::Lambda::LayerVersion": Coverage(
        done=("Content",),
        left_out={
            "CompatibleArchitectures": _ONE_MACHINE,
            "CompatibleRuntimes": _ONE_MACHINE,
            "Description": _TEXT,
            "LayerName": _TEXT,
            "LicenseInfo": _TEXT,
        },
    ),
    "AWS::Lambda::Function": Coverage(
        done=("Code", "Environment", "FunctionName", "Handler", "Layers", "Role", "Timeout"),
        left_out={
            "Architectures": _ONE_MACHINE,
            "Description": _TEXT,
            "LoggingConfig": "the lines go to the terminal",
            "MemorySize": "a function may use what the machine has",
            "ReservedConcurrentExecutions": "a function has a few warm processes at most",
            "Runtime": _ONE_MACHINE,
            "SnapStart": "there are no snapshots: a process starts from nothing",
            "TracingConfig": "there is no X-Ray",
        },
    ),
    "AWS::Lambda::Version": Coverage(done=("FunctionName",)),
    "AWS::Lambda::Alias": Coverage(done=("FunctionName", "FunctionVersion", "Name")),
    "AWS::Lambda::Permission": Coverage(
        done=("Action", "FunctionName", "InvokedViaFunctionUrl", "Principal", "SourceArn"),
        left_out={
            "FunctionUrlAuthType": "a function URL without authorization is the only kind",
            "SourceAccount": "there is one account",
        },
    ),
    "AWS::Lambda::EventSourceMapping": Coverage(
        done=("BatchSize", "EventSourceArn", "FunctionName", "FunctionResponseTypes", "ScalingConfig"),
    ),
    "AWS::SQS::Queue": Coverage(
        done=("DelaySeconds", "MessageRetentionPeriod", "RedrivePolicy", "VisibilityTimeout"),
        left_out={"SqsManagedSseEnabled": "the queue is in memory, and in files that only this user can read"},
    ),
    "AWS::Lambda::Url": Coverage(done=("AuthType", "Cors", "InvokeMode", "TargetFunctionArn")),
    "AWS::Logs::LogGroup": Coverage(
        left_out={"LogGroupName": _TEXT, "RetentionInDays": "the lines go to the terminal"}
    ),
    "AWS::ApiGatewayV2::Api": Coverage(
        done=("CorsConfiguration", "ProtocolType"),
        left_out={
            "Description": _TEXT,
            "DisableExecuteApiEndpoint": "the front has one address",
            "IpAddressType": "the front listens on the loopback of both",
            "Name": _TEXT,
        },
    ),
    "AWS::ApiGatewayV2::Authorizer": Coverage(
        done=(
            "ApiId",
            "AuthorizerPayloadFormatVersion",
            "AuthorizerResultTtlInSeconds",
            "AuthorizerType",
            "AuthorizerUri",
            "EnableSimpleResponses",
            "IdentitySource",
            "JwtConfiguration",
        ),
        left_out={"Name": _TEXT},
    ),
    "AWS::ApiGatewayV2::Integration": Coverage(
        done=("ApiId", "IntegrationType", "IntegrationUri", "PayloadFormatVersion")
    ),
    "AWS::ApiGatewayV2::Route": Coverage(
        done=("ApiId", "AuthorizationScopes", "AuthorizationType", "AuthorizerId", "RouteKey", "Target")
    ),
    "AWS::ApiGatewayV2::Stage": Coverage(
        done=("ApiId", "AutoDeploy", "RouteSettings", "StageName"),
        left_out={
            "AccessLogSettings": "the lines of the functions are the log",
            "DefaultRouteSettings": "every route of the table has limits of its own",
        },
    ),
    "AWS::ApiGateway::RestApi": Coverage(
        left_out={
            "Description": _TEXT,
            "DisableExecuteApiEndpoint": "the front has one address",
            "EndpointConfiguration": "the front has one address",
            "Name": _TEXT,
        }
    ),
    "AWS::ApiGateway::Resource": Coverage(done=("ParentId", "PathPart", "RestApiId")),
    "AWS::ApiGateway::Method": Coverage(
        done=(
            "ApiKeyRequired",
            "AuthorizationType",
            "AuthorizerId",
            "HttpMethod",
            "Integration",
            "MethodResponses",
            "ResourceId",
            "RestApiId",
        ),
        left_out={"OperationName": _TEXT},
    ),
    "AWS::ApiGateway::Authorizer": Coverage(
        done=(
            "AuthorizerResultTtlInSeconds",
            "AuthorizerUri",
            "IdentitySource",
            "IdentityValidationExpression",
            "RestApiId",
            "Type",
        ),
        left_out={"Name": _TEXT},
    ),
    "AWS::ApiGateway::GatewayResponse": Coverage(
        done=("ResponseParameters", "ResponseTemplates", "ResponseType", "RestApiId", "StatusCode")
    ),
    "AWS::ApiGateway::Deployment": Coverage(done=("RestApiId",), left_out={"Description": _TEXT}),
    "AWS::ApiGateway::Stage": Coverage(
        done=("DeploymentId", "RestApiId", "StageName"),
        left_out={
            "AccessLogSetting": "the lines of the functions are the log",
            "Description": _TEXT,
            "MethodSettings": "the limits and the log of a REST API are not carried out",
            "TracingEnabled": "there is no X-Ray",
        },
    ),
    "AWS::ApiGateway::Account": Coverage(left_out={"CloudWatchRoleArn": _NO_CLOUDWATCH}),
}

# Required values of properties that are only partly implemented.
VALUES: Mapping[tuple[str, str], str] = {
    ("AWS::ApiGateway::Method", "ApiKeyRequired"): "False",
    ("AWS::ApiGatewayV2::Api", "ProtocolType"): "HTTP",
    ("AWS::Lambda::Function", "Runtime"): r"python3\.\d+",
    ("AWS::Lambda::Url", "AuthType"): "NONE",
    ("AWS::Lambda::Url", "InvokeMode"): "BUFFERED",
}


# Whole types, with all their properties.
NOT_MADE: Mapping[str, str] = {
    "AWS::CodeDeploy::Application": "there is no traffic to shift: an alias moves at once",
    "AWS::CodeDeploy::DeploymentGroup": "there is no traffic to shift: an alias moves at once",
    "AWS::CloudWatch::Alarm": "there are no metrics here: the lines that CloudWatch makes them of go to the terminal",
    "AWS::CloudWatch::Dashboard": "there are no metrics here",
    "AWS::SQS::QueuePolicy": "it denies calls without TLS, and here all are",
    "AWS::SNS::Subscription": "there are no alarms here",
    "AWS::SNS::Topic": "there are no alarms here",
    "AWS::SNS::TopicPolicy": "there are no alarms here",
}


# Differences that no property shows. The local AWS does not emulate capacity, throttling or TTL as AWS does. The
# conditions of roles on DynamoDB are enforced (see `conditions`), by AWS's documentation and, where it is silent, the
# stricter way.
NOT_MEASURABLE = (
    "how an HTTP API matches a path with an encoded slash, and what of a path it decodes for `rawPath`: all of it here",
    "`x-forwarded-proto` is http here, and https on AWS",
    "the update of a resource that AWS replaces, or refuses to: it keeps its name and data here",
    "CloudFront, its function and WAF: tests run the function and play CloudFront in front of the API",
    "that Secrets Manager tries a rotation again",
    "a function that is called without its alias runs as the version that the alias points to",
    "the identity and the address of the permission to send mail",
    "whether AWS checks the writes of a transaction one by one, or those of one kind on one table together",
    "whether `dynamodb:Attributes` holds the names that an UpdateExpression sets (documented for PutItem's Item)",
    "conditions of roles on anything but DynamoDB's tables",
    "consumed capacity and throttling of DynamoDB",
    "the moment when DynamoDB removes an expired item",
    "the boto3 of Lambda's own runtime: a function has it from a layer, or not at all",
    "how long API Gateway keeps the keys of a JWT authorizer's issuer (up to two hours)",
    "the challenges of a JWT authorizer but the one that AWS publishes, and whether its 403 has one",
    "whether an HTTP API renames the header WWW-Authenticate of a function, as REST APIs and function URLs do",
    "the limits, the access log and the execution log of a REST API",
    "which gateway response stands for an authorizer that fails: AUTHORIZER_FAILURE here, AWS does not say it clearly",
    "conditions in the policies of an authorizer: they are refused as a configuration error",
)
