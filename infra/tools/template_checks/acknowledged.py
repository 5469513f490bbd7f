"""Acknowledged findings in the templates, each with its reason. Any other fails `make check`.

A resource is named by the path of its construct, or by a pattern (`Gatepost/Functions/*`) if a reason applies to all
resources of a kind, so that the next function or table needs no new line. Every rule and every pattern must match
something in one of the templates (`outlived`).
"""

from __future__ import annotations

from gatepost.routes import HEADS, PREFLIGHTS, ROUTES
from infra.tools.template_checks.findings import Acknowledgement

_FUNCTIONS = "Gatepost/Functions/*/Resource"
_OPERATORS = "Gatepost/Operators/*/Resource"  # with `operator_functions`
_ROLES = "Gatepost/Functions/*Role/Resource"
_TABLES = "Gatepost/Tables/*/Resource"
_SECRETS = "Gatepost/Keys/*/Resource"
_OF_CODEDEPLOY = "service-role/AWSCodeDeployRoleForLambdaLimited"
_OF_THE_EDGE = "Gatepost/Keys/Edge"

ACKNOWLEDGED: tuple[Acknowledgement, ...] = (
    Acknowledgement(
        rules=("AwsSolutions-APIG4",),
        resources=tuple(
            f"Gatepost/Api/{route.key.replace('/', '--')}"
            for route in (*ROUTES, *HEADS, *PREFLIGHTS)
            if not route.has_authorizer
        ),
        reason="These routes are how one comes by a token (RFC 6749 §3), and the public documents: the function behind "
        "each authenticates the app or the user itself, or checks the token (userinfo). Routes behind the authorizer "
        "are not on this list.",
    ),
    Acknowledgement(
        rules=("AwsSolutions-IAM5[Resource::*]", "Serverless-LambdaStarPermissions"),
        resources=(_ROLES,),
        reason="xray:PutTraceSegments and PutTelemetryRecords know no resources (Service Authorization Reference). "
        "tests/infra/test_roles_of_functions.py holds every other action to named resources.",
    ),
    Acknowledgement(
        rules=(f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{_OF_CODEDEPLOY}]",),
        resources=("Gatepost/Canary/Role",),
        reason="What CodeDeploy needs to move an alias is AWS's to know, and AWS keeps this policy for it; the role is "
        "CodeDeploy's and exists only where `canary` names functions.",
    ),
    Acknowledgement(
        rules=("AwsSolutions-L1", "Serverless-LambdaLatestVersion"),
        resources=(_FUNCTIONS, _OPERATORS),
        reason="Python 3.13 is the newest that Lambda, every dependency and the tests share; Lambda supports it until "
        "2029. `python` in cdk.json sets another one.",
    ),
    Acknowledgement(
        rules=("Serverless-LambdaDLQ", "CKV_AWS_116"),
        resources=(_FUNCTIONS, _OPERATORS),
        reason="Nothing invokes a function asynchronously, so a dead letter queue would stay empty: API Gateway waits "
        "for the answer, and so does Secrets Manager, which repeats a rotation that failed.",
    ),
    Acknowledgement(
        rules=(
            "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/<AWS::StackName>/*]",
        ),
        resources=("Gatepost/Operators/*Role/Resource",),
        reason="The stack's own ARN ends in an id that no template knows while it is written. They read what the stack "
        "consists of.",
    ),
    Acknowledgement(
        rules=tuple(
            f"AwsSolutions-IAM5[Resource::<Functions{each}.Arn>:*]"
            for each in ("Consent0FF2CC13", "IntrospectE9E9E0B5", "RevokeFCC8EE58", "Token682CC78C")
        ),
        resources=("Gatepost/Operators/LeakedKeyRole/Resource",),
        reason="The versions of the functions that read secrets: which there are, no template knows.",
    ),
    Acknowledgement(
        rules=("Serverless-SQSRedrivePolicy",),
        resources=("Gatepost/Logouts/Untold/Resource",),
        reason="It is the dead-letter queue itself.",
    ),
    Acknowledgement(
        rules=("Serverless-LambdaEventSourceMappingDestination",),
        resources=("Gatepost/Logouts/Delivery", "Gatepost/Logouts/SlowDelivery"),
        reason="The queue has a dead-letter queue: an event source of SQS leaves a message that failed to it.",
    ),
    Acknowledgement(
        rules=("CKV_AWS_27",),
        resources=("Gatepost/Logouts/*/Resource",),
        reason="The queues are encrypted with the keys of SQS (SqsManagedSseEnabled), which the rule does not know. A "
        "message holds ids and hashes: it says whose session ended, and opens nothing.",
    ),
    Acknowledgement(
        rules=("Serverless-LambdaTracing",),
        resources=(_OPERATORS,),
        reason="An operator calls them by hand, a few times a year, and waits for what they say: there is nothing to "
        "trace, and X-Ray would be one more right.",
    ),
    Acknowledgement(
        rules=("CKV_AWS_117",),
        resources=(_FUNCTIONS, _OPERATORS),
        reason="The functions talk to DynamoDB, Secrets Manager and SES only, over TLS with signed requests. A VPC "
        "adds no check to that, but endpoints or a NAT gateway that cost more than everything else (docs/deploy.md).",
    ),
    Acknowledgement(
        rules=("CKV_AWS_115",),
        resources=(_FUNCTIONS, _OPERATORS),
        reason="`reserved_concurrency` in cdk.json sets it by function; `prod` reserves for those that hash passwords "
        "for anybody. It takes from what the account has, and the limits of the routes bound what comes in.",
    ),
    Acknowledgement(
        rules=("CKV_AWS_173",),
        resources=(_FUNCTIONS, _OPERATORS),
        reason="Lambda encrypts variables at rest with its own key. They hold names and settings and no secret: "
        "secrets are read from Secrets Manager.",
    ),
    Acknowledgement(
        rules=("CKV_AWS_119",),
        resources=(_TABLES,),
        reason="Encrypted with a key of AWS. A key of one's own (`kms_key_arn`) costs 1 USD a month and by request, "
        "and what it would protect is stored as hashes.",
    ),
    Acknowledgement(
        rules=("CKV_AWS_149",),
        resources=(_SECRETS, _OF_THE_EDGE),
        reason="Encrypted with the AWS managed key of Secrets Manager unless `kms_key_arn` names one; who may read "
        "them is decided by IAM, function by function.",
    ),
    Acknowledgement(
        rules=("AwsSolutions-SMG4",),
        resources=(_OF_THE_EDGE,),
        reason="CloudFront takes a new value with a deployment only, so no schedule can replace it: `make edge-secret` "
        "and a deployment do, without a gap (docs/operations.md).",
    ),
    Acknowledgement(
        rules=("CKV_AWS_158",),
        resources=(
            *("Gatepost/Functions/*Logs", "Gatepost/Operators/*Logs", "Gatepost/Api/AccessLogs"),
            "GatepostEdge/AccessLogs",
        ),
        reason="CloudWatch Logs encrypts at rest, with `kms_key_arn` or its own key, and no line holds a code, token, "
        "secret or query string (tests/security/checklist/test_nothing_leaks.py).",
    ),
    Acknowledgement(
        rules=("AwsSolutions-DDB3", "CKV_AWS_28"),
        resources=(_TABLES,),
        reason="Only in the stage `dev`, whose tables go with the stack: there is nothing to recover. `prod` has it.",
    ),
    Acknowledgement(
        rules=("CKV_AWS_26",),
        resources=("Gatepost/Observability/Topic",),
        reason="CloudWatch may not use the AWS managed key of SNS; `kms_key_arn` names one that it may. Messages "
        " hold names of alarms and numbers; the policy takes them by TLS only.",
    ),
    Acknowledgement(
        rules=("Serverless-SNSRedrivePolicy",),
        resources=("Gatepost/Observability/Email",),
        reason="A mail that could not be delivered to the one address is not read from a queue either; the state of "
        "the alarm stays in CloudWatch.",
    ),
    Acknowledgement(
        rules=("AwsSolutions-CFR1",),
        resources=("GatepostEdge/Distribution",),
        reason="Users may be anywhere; which countries to leave out is for the operator to know.",
    ),
    Acknowledgement(
        rules=("AwsSolutions-CFR3", "CKV_AWS_86"),
        resources=("GatepostEdge/Distribution",),
        reason="The distribution logs to CloudWatch Logs (a delivery source, infra/stack/edge.py), where fields can be "
        "chosen; the tools know only the log to S3, which always holds the query string.",
    ),
    Acknowledgement(
        rules=("W3005",),
        resources=(_FUNCTIONS, _OPERATORS),
        reason="CDK lets a function depend on its role, which the reference already does. It is redundant, not wrong.",
    ),
)
