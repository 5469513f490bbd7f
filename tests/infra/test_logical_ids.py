"""Resources with data keep their logical ids and keys: CloudFormation would replace them by empty ones.

A change here is a migration: write into docs/deploy.md how the data is taken along, and change this list last.
"""

from __future__ import annotations

from tests.infra.rendered import Template, of_type
from tests.infra.synthesized import synthesized

TABLES = {
    "TablesApps33F1B8A2": ("client_id",),
    "TablesCodes77EB273F": ("code_hash",),
    "TablesTokens107FFD66": ("pk", "sk"),
    "TablesAccounts2D520C9A": ("pk", "sk"),
    "TablesSessions486350CB": ("user_id", "sk"),
    "TablesAuditCEFF9E0F": ("day", "sk"),
    "TablesCounts4E88071C": ("pk", "sk"),
}
SECRETS = {"KeysSigningD455BFD1", "KeysRefresh953AA180"}
EDGE_SECRET = "KeysEdgeC03BC0DE"
API = "ApiHttpB1A45E88"  # its address is the issuer where there is no domain
TOPIC = "ObservabilityTopic3009D047"  # people have confirmed their subscriptions
DOMAIN = "DomainNameFF2CCCE5"


def ids(template: Template, kind: str) -> set[str]:
    return set(of_type(template, kind))


def test_tables_have_their_indexes(template: Template) -> None:
    found = {
        logical.removeprefix("Tables")[:-8].lower(): [index["IndexName"] for index in table["GlobalSecondaryIndexes"]]
        for logical, table in of_type(template, "AWS::DynamoDB::Table").items()
        if "GlobalSecondaryIndexes" in table
    }
    assert found == {"apps": ["by_owner", "by_status"], "accounts": ["by_name", "by_app", "by_created"]}


def test_tables_keep_their_logical_ids_and_keys(template: Template) -> None:
    found = {
        logical: tuple(key["AttributeName"] for key in table["KeySchema"])
        for logical, table in of_type(template, "AWS::DynamoDB::Table").items()
    }
    assert found == TABLES


def test_secrets_the_api_and_the_topic_keep_their_logical_ids(template: Template) -> None:
    assert ids(template, "AWS::SecretsManager::Secret") == SECRETS
    assert ids(template, "AWS::ApiGatewayV2::Api") == {API}
    assert ids(template, "AWS::SNS::Topic") == {TOPIC}


def test_the_domain_and_the_secret_of_the_edge_keep_their_logical_ids(plain_template: Template) -> None:
    assert ids(synthesized("begun").main, "AWS::SecretsManager::Secret") == {*SECRETS, EDGE_SECRET}
    assert ids(plain_template, "AWS::ApiGatewayV2::DomainName") == {DOMAIN}


def test_every_stage_has_the_same_ones(template: Template, plain_template: Template) -> None:
    for kind in ("AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::ApiGatewayV2::Api"):
        assert ids(template, kind) == ids(plain_template, kind)
