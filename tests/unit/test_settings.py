"""Settings: written by the stack, read by the functions."""

from __future__ import annotations

import pytest

from gatepost.resource import Resource
from gatepost.scope import Scope
from gatepost.settings import Settings

CHANGED = Settings(
    issuer="https://id.example.test", audience="https://api.example.test", service_name="Example, Inc. — “ID”",
    support_contact="support@example.test", signing_algorithm="ES256", openid=True, groups_claim="groups",
    scopes={"read": "Read your data", "write": 'Change, and "delete", your données'},
    default_scopes=Scope.of("read", "write"), scope_implies={"write": ["read"]},
    client_credentials_scopes={"read": "open", "write": "never"}, restricted_scopes=Scope.of("write"),
    resources={
        "https://reports.example.test/*": Resource("Reports “of” all", {"write": "Change reports"}, {"write": "never"})
    },
    resource_scopes=Scope.of("write"), custom_claims=True, grant_implicit=False, grant_password=False,
    code_lifetime=1, access_token_lifetime=2, implicit_token_lifetime=3, refresh_token_lifetime=4,
    refresh_token_idle_lifetime=5, refresh_retry_window=6, session_lifetime=7, consent_lifetime=8,
    revocation_poll=9, revocation_max_stale=11, replication_lag=21, feed_parts=2, published_revocations=True,
    backchannel_logout=True, signed_userinfo=True, client_id_documents="open",
    client_id_document_domains=("app.example.test", "*.example.org"), key_activation_delay=12, clock_leeway=13,
    dynamic_registration="token", registrations_per_network=30, registrations_per_hour=31,
    registered_app_idle_lifetime=32, registration="closed", mail_sender="id@example.test",
    mail_configuration_set="mails", audit_retention_days=20, app_approval=True, apps_per_user=14,
    password_min_length=15, bcrypt_cost=10, attempts_free=17, attempts_max_wait=18, network_attempts_free=19,
    aws_client="boto3", network_attempts_max_wait=20, mails_per_address=21, mails_per_network=22,
    authorizer_cache_seconds=19, app_cache_seconds=23, explain_to_public_apps=True,
)  # fmt: skip
PLAIN = Settings(issuer="https://id.example.test")


@pytest.mark.parametrize("name", [name for name in Settings._fields if name != "issuer"])
def test_every_setting_reaches_the_functions(name: str) -> None:
    assert getattr(CHANGED, name) != getattr(PLAIN, name), "the test must change it"

    changed = PLAIN._replace(**{name: getattr(CHANGED, name)})

    assert Settings.from_env(changed.to_env()) == changed


def test_the_environment_holds_texts_under_names_of_our_own() -> None:
    environment = CHANGED.to_env()

    assert Settings.from_env(environment) == CHANGED
    assert environment["GATEPOST_ISSUER"] == "https://id.example.test"
    assert environment["GATEPOST_GRANT_IMPLICIT"] == "false"
    assert environment["GATEPOST_DEFAULT_SCOPES"] == "read write"
    assert environment["GATEPOST_CODE_LIFETIME"] == "1"
    assert all(name.startswith("GATEPOST_") for name in environment)


def test_what_the_environment_lacks_keeps_its_default_and_foreign_variables_do_not_count() -> None:
    environment = {"GATEPOST_ISSUER": "https://id.example.test", "PATH": "/bin", "GATEPOST_TABLE_APPS": "x"}

    assert Settings.from_env(environment) == PLAIN


def test_the_server_offers_the_scopes_that_it_describes_for_its_issuer() -> None:
    assert PLAIN.audience == "https://id.example.test"
    assert str(CHANGED._replace(openid=False).scope) == "read write"
    assert str(CHANGED.scope) == "email offline_access openid profile read write"


def test_openid_connect_has_scopes_of_its_own_whose_sentence_a_deployment_may_choose() -> None:
    assert PLAIN.openid_scope == PLAIN.scope == Scope()
    assert str(CHANGED.openid_scope) == "email offline_access openid profile"
    own = CHANGED._replace(scopes={"email": "Write to you"})
    assert (own.descriptions["email"], own.descriptions["profile"]) == ("Write to you", "See your user name")


def test_with_openid_connect_there_are_keys_for_every_algorithm_of_id_tokens() -> None:
    assert PLAIN.signing_algorithms == ("RS256",)
    assert PLAIN._replace(openid=True).signing_algorithms == ("RS256", "ES256")
    assert PLAIN._replace(signing_algorithm="ES256").signing_algorithms == ("ES256",)
    assert CHANGED.signing_algorithms == ("ES256", "RS256")


def test_urls_of_apps_are_fetched_only_for_their_documents_and_for_logouts_of_openid_connect() -> None:
    assert not PLAIN.fetches_urls
    closed = CHANGED._replace(client_id_documents="closed")
    assert closed.fetches_urls
    assert not closed._replace(backchannel_logout=False).fetches_urls
    assert not closed._replace(openid=False).fetches_urls
    for policy in ("approval", "open"):
        assert PLAIN._replace(client_id_documents=policy).fetches_urls


def test_s87_the_bound_of_a_revocation_counts_both_caches() -> None:
    assert PLAIN._replace(authorizer_cache_seconds=7, revocation_poll=3).revocation_bound == 10


def test_a_secret_is_read_again_well_before_its_new_key_is_used() -> None:
    delays = {delay: PLAIN._replace(key_activation_delay=delay).secret_refresh for delay in (8, 600, 900, 86400)}
    assert delays == {8: 4, 600: 300, 900: 300, 86400: 300}


def test_s43_s81_the_defaults_keep_to_the_limits_of_the_standards() -> None:
    assert PLAIN.code_lifetime <= 60
    assert PLAIN.clock_leeway <= 60
    assert PLAIN.implicit_token_lifetime < PLAIN.access_token_lifetime
