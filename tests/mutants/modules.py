"""The modules whose rules are removed, and the tests that must notice, as pytest's arguments."""

from __future__ import annotations

from collections.abc import Mapping

_GRANTS = (
    "tests/unit/grants",
    "tests/unit/endpoints/test_callbacks.py",
    "tests/unit/test_cutoff.py",
    "tests/unit/test_reviewed_rules.py",
)
_REGISTERED = (
    "tests/unit/clients/test_dynamic_registration.py",
    "tests/unit/clients/test_managed_registrations.py",
    "tests/unit/clients/test_registration_limits.py",
)
_DOCUMENTS = (
    "tests/unit/clients/test_metadata_document.py",
    "tests/unit/clients/test_documents.py",
    "tests/unit/clients/test_withdrawal.py",
)
_SEEN = ("tests/unit/tokens/test_seen.py",)
_FEED = (
    "tests/unit/tokens/test_revocations.py",
    "tests/unit/tokens/test_compaction.py",
    "tests/unit/tokens/test_segments.py",
    "tests/unit/tokens/test_feed_parts.py",
)
_LIST = (
    "tests/unit/tokens/test_list_documents.py",
    "tests/unit/resource_server/test_issuer_list.py",
    "tests/unit/resource_server/test_issuer_list_without.py",
)
_SIGN_IN = (
    "tests/unit/authentication/test_throttling.py",
    "tests/unit/authentication/test_guesses.py",
    "tests/unit/authentication/test_sign_in.py",
    "tests/unit/authentication/test_sign_in_edges.py",
    "tests/unit/test_reviewed_rules.py",
)
_AUTHORIZATION = (
    "tests/unit/endpoints/test_authorization.py",
    "tests/unit/oidc/test_openid_requests.py",
    "tests/unit/endpoints/test_approval.py",
    "tests/unit/accounts/test_approvals.py",
    "tests/unit/endpoints/test_callbacks.py",
    "tests/unit/test_reviewed_rules.py",
    "tests/unit/grants/test_resources.py",
)
_OPENID = (
    "tests/unit/oidc/test_openid_requests.py",
    "tests/unit/oidc/test_demands.py",
    "tests/unit/grants/test_id_tokens.py",
)
_CUSTOM = ("tests/unit/grants/test_custom_claims.py",)
_TARGETS = (
    "tests/unit/oauth/test_resource_indicators.py",
    "tests/unit/grants/test_resources.py",
    "tests/unit/accounts/test_api_lists.py",
)
_REDIRECTS = ("tests/unit/oauth/test_redirect_uris.py", "tests/unit/oauth/test_redirect_registration.py")
_STATUS = (
    "tests/unit/endpoints/test_introspection.py",
    "tests/unit/endpoints/test_revocation.py",
    "tests/unit/test_reviewed_rules.py",
    "tests/unit/grants/test_resources.py",
)
# The store on the engine of the local AWS, and tests of DynamoDB alone: the fake has no mutants, and moto takes longer.
_ON_DYNAMODB = ("-k", "local or dynamodb")
_ACCOUNT_STORE = (
    *_ON_DYNAMODB,
    "tests/contract/test_account_store.py",
    "tests/contract/test_account_changes.py",
    "tests/contract/test_account_conflicts.py",
    "tests/contract/test_approving.py",
    "tests/contract/test_time_to_live.py",
    "tests/contract/test_lists.py",
)
_APP_STORE = (
    *_ON_DYNAMODB,
    "tests/contract/test_app_changes.py",
    "tests/contract/test_app_conflicts.py",
    "tests/contract/test_app_effects.py",
    "tests/contract/test_requests.py",
    "tests/contract/test_tables.py",
    "tests/contract/test_time_to_live.py",
    "tests/contract/test_lists.py",
)
_LISTS = ("tests/contract/test_lists.py", "tests/contract/test_audit_lists.py")
_CALLS = tuple(f"tests/contract/test_{name}.py" for name in ("tables", "requests"))
_GRANT_STORE = (
    *_ON_DYNAMODB,
    "tests/contract/test_grant_store.py",
    "tests/contract/test_session_store.py",
    "tests/contract/test_approving.py",
    "tests/contract/test_account_conflicts.py",
    "tests/contract/test_account_changes.py",
    "tests/contract/test_time_to_live.py",
)

_CONSUMER = (
    "tests/unit/consumer/test_apps.py",
    "tests/unit/consumer/test_refused_apps.py",
    "tests/unit/consumer/test_account.py",
    "tests/unit/consumer/test_conditions.py",
    "tests/unit/consumer/test_requests.py",
)

_FETCH = tuple(f"tests/unit/http/test_fetch_{name}.py" for name in ("addresses", "deadline", "exchange", "tls"))
_RECENT = ("tests/unit/clients/test_recent_apps.py",)

_AUTHENTICATED = (
    "tests/unit/oauth/test_client_authentication.py",
    "tests/unit/clients/test_apps.py",
    *_GRANTS,
)

# By the name below `gatepost`.
MODULES: Mapping[str, tuple[str, ...]] = {
    "oauth.redirect_uris": (*_REDIRECTS, *_AUTHORIZATION),
    "oauth.registered_uris": (*_REDIRECTS, *_AUTHORIZATION),
    "oauth.pkce": ("tests/unit/oauth/test_pkce.py", *_AUTHORIZATION, *_GRANTS),
    "scope": ("tests/unit/test_scope.py",),
    "oauth.client_authentication": _AUTHENTICATED,
    "oauth.client_authentication.secret_basic": _AUTHENTICATED,
    "oauth.client_authentication.secret_post": _AUTHENTICATED,
    "oauth.client_authentication.none": _AUTHENTICATED,
    "oauth.parameters": ("tests/unit/oauth/test_parameters.py",),
    "clients.use": (
        "tests/unit/clients/test_apps.py",
        "tests/unit/clients/test_owner_changes.py",
        "tests/unit/clients/test_app_secrets.py",
        *_GRANTS,
    ),
    "clients.recent_apps": _RECENT,
    "oauth.server": _RECENT,
    "clients.lifecycle": (
        "tests/unit/clients/test_apps.py",
        "tests/unit/clients/test_owner_changes.py",
        "tests/unit/test_cutoff.py",
        *_GRANTS,
    ),
    "authentication.hourly": (
        "tests/unit/clients/test_registration_limits.py",
        "tests/unit/clients/test_documents.py",
    ),
    "audit_log.exporting": ("tests/unit/audit_log/test_exporting.py",),
    "authentication.throttling": _SIGN_IN,
    "authentication.sign_in": _SIGN_IN,
    "authentication.sessions": (
        "tests/unit/authentication/test_sessions.py",
        "tests/unit/authentication/test_redirects_after_sign_in.py",
        *_SIGN_IN,
    ),
    "endpoints.authorization": _AUTHORIZATION,
    "endpoints.decision": _AUTHORIZATION,
    "endpoints.guarded_callback": ("tests/unit/endpoints/test_callbacks.py",),
    "endpoints.pending_request": _AUTHORIZATION,
    "oidc.logout_request": ("tests/unit/oidc/test_logout_requests.py",),
    "oidc.logout_notices": ("tests/unit/oidc/test_logout_notices.py",),
    "oidc.telling_apps": (
        "tests/unit/oidc/test_logout_notices.py",
        "tests/unit/oidc/test_failing_servers.py",
    ),
    "oidc.failing_servers": ("tests/unit/oidc/test_failing_servers.py",),
    "oidc.logout_token": ("tests/unit/oidc/test_logout_requests.py",),
    "model.logout": ("tests/unit/test_messages.py",),
    "oidc.authorization_request": _OPENID,
    "oidc.claims_request": ("tests/unit/oidc/test_demands.py",),
    "oidc.userinfo": ("tests/unit/oidc/test_userinfo.py", *_CUSTOM),
    "tokens.custom_claims": _CUSTOM,
    "tokens.claims_code": ("tests/unit/tokens/test_claims_code.py",),
    "accounts.groups": ("tests/unit/accounts/test_rights.py",),
    "oidc.user_claims": ("tests/unit/oidc/test_userinfo.py", "tests/unit/oidc/test_demands.py"),
    "clients.documents": _DOCUMENTS,
    "clients.vouching": ("tests/unit/clients/test_labels.py",),
    "clients.metadata_document": _DOCUMENTS,
    "clients.client_metadata": ("tests/unit/clients/test_client_metadata.py",),
    "clients.dynamic_registration": _REGISTERED,
    "clients.registration_limits": _REGISTERED,
    "clients.registration_permits": _REGISTERED,
    "model.permits": (*_REGISTERED, "tests/contract/test_app_effects.py"),
    "oidc.app_details": ("tests/unit/oidc/test_app_details.py",),
    "oauth.redirect_lists": ("tests/unit/oidc/test_app_details.py", "tests/unit/clients/test_owner_changes.py"),
    "oidc.id_token": ("tests/unit/oidc/test_logout_requests.py", "tests/unit/grants/test_id_tokens.py"),
    "resource": ("tests/unit/test_resource.py", *_TARGETS),
    "oauth.resource_indicators": _TARGETS,
    "grants": ("tests/unit/grants",),
    "grants.token_response": (*_GRANTS, "tests/unit/clients/test_apps_from_before.py", *_RECENT),
    "grants.authorization_code": _GRANTS,
    "grants.client_credentials": (*_GRANTS, *_RECENT),
    "grants.implicit": (*_GRANTS, *_AUTHORIZATION),
    "grants.password": _GRANTS,
    "grants.refresh_token": _GRANTS,
    "tokens.access_token": (
        "tests/unit/tokens/test_access.py",
        "tests/unit/tokens/test_forgeries.py",
        "tests/unit/grants/test_resources.py",
        *_CUSTOM,
        *_SEEN,
    ),
    "resource_server.issuer_list": _LIST,
    "tokens.list_documents": _LIST,
    "tokens.handles": ("tests/unit/tokens/test_keys.py",),
    "endpoints.published_list": ("tests/unit/endpoints/test_published_list.py",),
    "resource_server.issuer_keys": ("tests/unit/resource_server/test_issuer_keys.py", *_LIST, *_SEEN),
    "tokens.signing_keys": ("tests/unit/tokens/test_keys.py", "tests/unit/tokens/test_rotation.py"),
    "tokens.refresh_token": ("tests/unit/tokens/test_refresh.py", "tests/unit/grants"),
    "tokens.revocation_list": (
        *_FEED,
        "tests/unit/tokens/test_watched_keys.py",
        *_SEEN,
        "tests/unit/test_cutoff.py",
    ),
    "tokens.revoked_marks": (*_FEED, *_LIST, *_SEEN),
    "tokens.compaction": _FEED,
    "tokens.feed_parts": ("tests/unit/tokens/test_feed_parts.py",),
    "tokens.verified_cache": _SEEN,
    "tokens.jws": ("tests/unit/tokens/test_signatures.py", "tests/unit/tokens/test_forgeries.py"),
    "tokens.key_rotation": ("tests/unit/tokens/test_rotation.py",),
    "accounts.accounts": (
        "tests/unit/accounts/test_accounts.py",
        "tests/unit/accounts/test_account_changes.py",
        "tests/unit/accounts/test_account_deletion.py",
        "tests/unit/clients/test_owners.py",
        "tests/contract/test_tables.py",
        "tests/unit/test_cutoff.py",
    ),
    "clients.owner_changes": (
        "tests/unit/clients/test_owner_changes.py",
        "tests/unit/clients/test_app_secrets.py",
        "tests/unit/accounts/test_approvals.py",
        "tests/unit/clients/test_apps_from_before.py",
    ),
    "clients.scopes": (
        "tests/unit/clients/test_scopes.py",
        "tests/unit/clients/test_admin_decisions.py",
        "tests/unit/clients/test_withdrawal.py",
        *_TARGETS,
    ),
    "clients.labels": ("tests/unit/clients/test_labels.py",),
    "clients.withdrawal": (
        "tests/unit/clients/test_withdrawal.py",
        "tests/unit/clients/test_managed_registrations.py",
        "tests/unit/clients/test_owner_changes.py",
    ),
    "clients.admin_decisions": (
        "tests/unit/clients/test_admin_decisions.py",
        "tests/unit/clients/test_apps_from_before.py",
    ),
    "clients.owners": (
        "tests/unit/clients/test_owners.py",
        "tests/unit/clients/test_apps_from_before.py",
        "tests/unit/clients/test_admin_decisions.py",
    ),
    "accounts.removal": (
        "tests/unit/accounts/test_last_administrator.py",
        "tests/unit/accounts/test_removal.py",
        "tests/unit/accounts/test_account_deletion.py",
        "tests/unit/accounts/test_accounts.py",
        "tests/unit/clients/test_owners.py",
        "tests/unit/test_cutoff.py",
    ),
    "accounts.rights": ("tests/unit/accounts/test_rights.py", "tests/unit/clients/test_owners.py"),
    "accounts.links": ("tests/unit/accounts/test_links_and_mails.py", "tests/unit/mail"),
    "accounts.approvals": (
        *_AUTHORIZATION,
        "tests/unit/accounts/test_approvals.py",
        "tests/unit/accounts/test_connected_apps.py",
    ),
    "accounts.connected_apps": (
        "tests/unit/accounts/test_connected_apps.py",
        "tests/unit/accounts/test_removal.py",
    ),
    "cutoff": ("tests/unit/test_cutoff.py",),
    "authentication.passwords": (
        "tests/unit/authentication/test_passwords.py",
        "tests/unit/authentication/test_sign_in_edges.py",
    ),
    "resource_server.bearer": ("tests/unit/resource_server/test_bearer.py",),
    "resource_server.protection": (
        "tests/unit/resource_server/test_protection.py",
        "tests/unit/resource_server/test_authorizer.py",
        "tests/unit/resource_server/test_decorator.py",
        "tests/unit/resource_server/test_own_address.py",
    ),
    "resource_server.metadata": (
        "tests/unit/resource_server/test_decorator.py",
        "tests/unit/resource_server/test_own_address.py",
    ),
    "resource_server.rest_policy": ("tests/unit/resource_server/test_rest_policy.py",),
    "endpoints.introspection": _STATUS,
    "oauth.grant_standing": ("tests/unit/oauth/test_grant_standing.py", *_GRANTS, *_STATUS),
    "endpoints.revocation": _STATUS,
    "endpoints.presented_token": _STATUS,
    "consumer.etags": ("tests/unit/consumer/test_conditions.py", "tests/unit/consumer/test_apps.py"),
    "consumer.call": _CONSUMER,
    "consumer.account": (
        "tests/unit/consumer/test_account.py",
        "tests/unit/consumer/test_conditions.py",
    ),
    "consumer.apps": _CONSUMER,
    "http.no_route": ("tests/unit/http/test_no_route.py",),
    "http.strict_json": ("tests/unit/http/test_strict_json.py", "tests/unit/consumer/test_refused_apps.py"),
    "console.consent_lines": ("tests/unit/console/test_consent.py",),
    "console.new_apps": ("tests/unit/console/test_new_apps.py",),
    "console.unvouched_apps": ("tests/unit/console/test_consent.py",),
    "identifiers": ("tests/unit/test_identifiers.py",),
    "http.special_addresses": ("tests/unit/http/test_special_addresses.py",),
    "http.outbound_url": ("tests/unit/http/test_outbound_url.py",),
    "http.outbound_exchange": _FETCH,
    "http.guarded_fetch": _FETCH,
    "model.fetch_messages": ("tests/unit/test_messages.py",),
    "stores.dynamodb.grants": _GRANT_STORE,
    "stores.dynamodb.accounts": _ACCOUNT_STORE,
    "stores.dynamodb.apps": _APP_STORE,
    "stores.dynamodb.app_owners": _APP_STORE,
    "stores.dynamodb.app_documents": (
        *_ON_DYNAMODB,
        "tests/contract/test_app_conflicts.py",
        "tests/contract/test_app_effects.py",
    ),
    "stores.dynamodb.registered_apps": (
        *_ON_DYNAMODB,
        "tests/contract/test_app_conflicts.py",
        "tests/contract/test_app_effects.py",
        "tests/contract/test_time_to_live.py",
    ),
    "stores.dynamodb.announcing": ("tests/contract/test_announcing.py",),
    "stores.dynamodb.sessions": (
        *_ON_DYNAMODB,
        "tests/contract/test_session_store.py",
        "tests/contract/test_account_conflicts.py",
        "tests/contract/test_grant_store.py",
        "tests/contract/test_approving.py",
    ),
    "stores.dynamodb.approvals": (
        *_ON_DYNAMODB,
        "tests/contract/test_approving.py",
        "tests/contract/test_time_to_live.py",
    ),
    "stores.dynamodb.operations": (*_CALLS, *_LISTS, "-k", "not boto3 and not memory"),
    "stores.dynamodb.retrying": _CALLS,
    "stores.dynamodb.codec": ("tests/unit/stores/test_codec.py",),
    "audit_log.announcing": ("tests/unit/audit_log/test_announcing.py",),
    "stores.dynamodb.audit": (*_ON_DYNAMODB, "tests/contract/test_audit_lists.py"),
    "stores.dynamodb.compaction": (
        *_ON_DYNAMODB,
        "tests/contract/test_compacted_feed.py",
        "tests/contract/test_feed_in_parts.py",
        "tests/contract/test_feed_of_older_releases.py",
    ),
    "stores.dynamodb.feed": (
        *_ON_DYNAMODB,
        "tests/contract/test_feed_store.py",
        "tests/contract/test_compacted_feed.py",
        "tests/contract/test_feed_in_parts.py",
        "tests/contract/test_feed_of_older_releases.py",
        "tests/contract/test_two_places_of_keys.py",
        "tests/contract/test_time_to_live.py",
    ),
    "stores.dynamodb.revocations": (
        *_ON_DYNAMODB,
        "tests/contract/test_feed_store.py",
        "tests/contract/test_compacted_feed.py",
        "tests/contract/test_feed_in_parts.py",
        "tests/contract/test_feed_of_older_releases.py",
        "tests/contract/test_time_to_live.py",
    ),
    "stores.dynamodb.records": (*_GRANT_STORE, "tests/contract/test_records.py"),
}
