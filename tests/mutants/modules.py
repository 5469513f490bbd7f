"""The modules whose rules are removed, and the tests that must notice, as pytest's arguments."""

from __future__ import annotations

from collections.abc import Mapping


def _files(place: str, names: str) -> tuple[str, ...]:
    return tuple(f"tests/{place}/test_{name}.py" for name in names.split())


_GRANTS = ("tests/unit/grants", *_files("unit/endpoints", "callbacks"), *_files("unit", "cutoff"))
_REGISTERED = (*_files("unit/clients", "dynamic_registration managed_registrations registration_limits"),)
_DOCUMENTS = (*_files("unit/clients", "metadata_document documents withdrawal"),)
_SEEN = _files("unit/tokens", "seen")
_FEED = (*_files("unit/tokens", "revocations compaction segments feed_parts"),)
_LIST = (*_files("unit/tokens", "list_documents"), *_files("unit/resource_server", "issuer_list issuer_list_without"))
_SIGN_IN = (*_files("unit/authentication", "throttling guesses sign_in sign_in_edges"),)
_AUTHORIZATION = (
    *_files("unit/endpoints", "authorization"),
    *_files("unit/oidc", "openid_requests"),
    *_files("unit/endpoints", "approval"),
    *_files("unit/accounts", "approvals"),
    *_files("unit/endpoints", "callbacks"),
    *_files("unit/grants", "resources"),
)
_OPENID = (*_files("unit/oidc", "openid_requests demands"), *_files("unit/grants", "id_tokens"))
_CUSTOM = _files("unit/grants", "custom_claims")
_TARGETS = (
    *_files("unit/oauth", "resource_indicators"),
    *_files("unit/grants", "resources"),
    *_files("unit/accounts", "api_lists"),
)
_REDIRECTS = _files("unit/oauth", "redirect_uris redirect_registration")
_STATUS = (
    *_files("unit/endpoints", "introspection revocation"),
    *_files("unit/grants", "resources"),
)
# The store on the engine of the local AWS, and tests of DynamoDB alone: the fake has no mutants, and moto takes longer.
_ON_DYNAMODB = ("-k", "local or dynamodb")
_ACCOUNT_STORE = (
    *_ON_DYNAMODB,
    *_files("contract", "account_store account_changes account_conflicts approving time_to_live lists"),
)
_APP_STORE = (
    *_ON_DYNAMODB,
    *_files("contract", "app_changes app_conflicts app_effects requests tables time_to_live lists"),
)
_LISTS = _files("contract", "lists audit_lists")
_CALLS = tuple(f"tests/contract/test_{name}.py" for name in ("tables", "requests"))
_GRANT_STORE = (
    *_ON_DYNAMODB,
    *_files("contract", "grant_store session_store approving account_conflicts account_changes time_to_live"),
)

_CONSUMER = (*_files("unit/consumer", "apps refused_apps account conditions requests"),)

_FETCH = tuple(f"tests/unit/http/test_fetch_{name}.py" for name in ("addresses", "deadline", "exchange"))
_RECENT = _files("unit/clients", "recent_apps")

_AUTHENTICATED = (*_files("unit/oauth", "client_authentication"), *_files("unit/clients", "apps"), *_GRANTS)

# By the name below `gatepost`.
MODULES: Mapping[str, tuple[str, ...]] = {
    "oauth.redirect_uris": (*_REDIRECTS, *_AUTHORIZATION),
    "oauth.registered_uris": (*_REDIRECTS, *_AUTHORIZATION),
    "oauth.pkce": (*_files("unit/oauth", "pkce"), *_AUTHORIZATION, *_GRANTS),
    "scope": _files("unit", "scope"),
    "oauth.client_authentication": _AUTHENTICATED,
    "oauth.client_authentication.secret_basic": _AUTHENTICATED,
    "oauth.client_authentication.secret_post": _AUTHENTICATED,
    "oauth.client_authentication.none": _AUTHENTICATED,
    "oauth.parameters": _files("unit/oauth", "parameters"),
    "clients.use": (*_files("unit/clients", "apps owner_changes app_secrets"), *_GRANTS),
    "clients.recent_apps": _RECENT,
    "oauth.ignored_parameters": _files("unit/oauth", "ignored_parameters"),
    "clients.refused_requests": _files("unit/clients", "refused_requests"),
    "clients.waiting_problems": _files("unit/clients", "waiting_problems"),
    "clients.unheeded": _files("unit/clients", "unheeded"),
    "oauth.server": _RECENT,
    "clients.lifecycle": (*_files("unit/clients", "apps owner_changes"), *_files("unit", "cutoff"), *_GRANTS),
    "authentication.hourly": (*_files("unit/clients", "registration_limits documents"),),
    "audit_log.exporting": _files("unit/audit_log", "exporting"),
    "authentication.throttling": _SIGN_IN,
    "authentication.sign_in": _SIGN_IN,
    "authentication.factors.password": _SIGN_IN,
    "authentication.sessions": (*_files("unit/authentication", "sessions redirects_after_sign_in"), *_SIGN_IN),
    "endpoints.authorization": _AUTHORIZATION,
    "endpoints.decision": _AUTHORIZATION,
    "endpoints.guarded_callback": _files("unit/endpoints", "callbacks"),
    "endpoints.pending_request": _AUTHORIZATION,
    "oidc.logout_request": _files("unit/oidc", "logout_requests"),
    "oidc.logout_notices": _files("unit/oidc", "logout_notices"),
    "oidc.telling_apps": (*_files("unit/oidc", "logout_notices failing_servers"),),
    "oidc.failing_servers": _files("unit/oidc", "failing_servers"),
    "oidc.logout_token": _files("unit/oidc", "logout_requests"),
    "model.logout": _files("unit", "messages"),
    "oidc.authorization_request": _OPENID,
    "oidc.claims_request": _files("unit/oidc", "demands"),
    "oidc.userinfo": (*_files("unit/oidc", "userinfo"), *_CUSTOM),
    "tokens.custom_claims": _CUSTOM,
    "tokens.claims_code": _files("unit/tokens", "claims_code"),
    "accounts.groups": _files("unit/accounts", "rights"),
    "oidc.user_claims": _files("unit/oidc", "userinfo demands"),
    "clients.documents": _DOCUMENTS,
    "clients.vouching": _files("unit/clients", "labels"),
    "clients.metadata_document": _DOCUMENTS,
    "clients.client_metadata": _files("unit/clients", "client_metadata"),
    "clients.dynamic_registration": _REGISTERED,
    "clients.registration_limits": _REGISTERED,
    "clients.registration_permits": _REGISTERED,
    "model.permits": (*_REGISTERED, *_files("contract", "app_effects")),
    "oidc.app_details": _files("unit/oidc", "app_details"),
    "oauth.redirect_lists": (*_files("unit/oidc", "app_details"), *_files("unit/clients", "owner_changes")),
    "oidc.id_token": (*_files("unit/oidc", "logout_requests"), *_files("unit/grants", "id_tokens")),
    "resource": (*_files("unit", "resource"), *_TARGETS),
    "oauth.resource_indicators": _TARGETS,
    "grants": ("tests/unit/grants",),
    "grants.token_response": (*_GRANTS, *_files("unit/clients", "apps_from_before"), *_RECENT),
    "grants.authorization_code": _GRANTS,
    "grants.client_credentials": (*_GRANTS, *_RECENT),
    "grants.implicit": (*_GRANTS, *_AUTHORIZATION),
    "grants.password": _GRANTS,
    "grants.refresh_token": _GRANTS,
    "tokens.access_token": (
        *_files("unit/tokens", "access forgeries"),
        *_files("unit/grants", "resources"),
        *_CUSTOM,
        *_SEEN,
    ),
    "resource_server.issuer_list": _LIST,
    "tokens.list_documents": _LIST,
    "tokens.handles": _files("unit/tokens", "keys"),
    "endpoints.published_list": _files("unit/endpoints", "published_list"),
    "resource_server.issuer_keys": (*_files("unit/resource_server", "issuer_keys"), *_LIST, *_SEEN),
    "tokens.signing_keys": _files("unit/tokens", "keys rotation"),
    "tokens.refresh_token": (*_files("unit/tokens", "refresh"), "tests/unit/grants"),
    "tokens.revocation_list": (*_FEED, *_files("unit/tokens", "watched_keys"), *_SEEN, *_files("unit", "cutoff")),
    "tokens.revoked_marks": (*_FEED, *_LIST, *_SEEN),
    "tokens.compaction": _FEED,
    "tokens.feed_parts": _files("unit/tokens", "feed_parts"),
    "tokens.verified_cache": _SEEN,
    "tokens.jws": _files("unit/tokens", "signatures forgeries"),
    "tokens.key_rotation": _files("unit/tokens", "rotation"),
    "accounts.accounts": (
        *_files("unit/accounts", "accounts account_changes removal"),
        *_files("unit/clients", "owners"),
        *_files("unit", "cutoff"),
    ),
    "clients.owner_changes": (
        *_files("unit/clients", "owner_changes app_secrets"),
        *_files("unit/accounts", "approvals"),
        *_files("unit/clients", "apps_from_before"),
    ),
    "clients.scopes": (*_files("unit/clients", "scopes admin_decisions withdrawal"), *_TARGETS),
    "clients.labels": _files("unit/clients", "labels"),
    "clients.withdrawal": (*_files("unit/clients", "withdrawal managed_registrations owner_changes"),),
    "clients.admin_decisions": (*_files("unit/clients", "admin_decisions apps_from_before"),),
    "clients.owners": (*_files("unit/clients", "owners apps_from_before admin_decisions"),),
    "accounts.removal": (
        *_files("unit/accounts", "last_administrator removal accounts"),
        *_files("unit/clients", "owners"),
        *_files("unit", "cutoff"),
    ),
    "accounts.search": _files("unit/accounts", "search"),
    "accounts.rights": (*_files("unit/accounts", "rights"), *_files("unit/clients", "owners")),
    "accounts.links": (*_files("unit/accounts", "links_and_mails"), "tests/unit/mail"),
    "accounts.approvals": (*_AUTHORIZATION, *_files("unit/accounts", "approvals connected_apps")),
    "accounts.connected_apps": (*_files("unit/accounts", "connected_apps removal"),),
    "cutoff": _files("unit", "cutoff"),
    "authentication.passwords": (*_files("unit/authentication", "passwords sign_in_edges"),),
    "resource_server.bearer": _files("unit/resource_server", "bearer"),
    "resource_server.protection": (*_files("unit/resource_server", "protection authorizer decorator own_address"),),
    "resource_server.metadata": (*_files("unit/resource_server", "decorator own_address"),),
    "resource_server.rest_policy": _files("unit/resource_server", "rest_policy"),
    "endpoints.introspection": _STATUS,
    "oauth.grant_standing": (*_files("unit/oauth", "grant_standing"), *_GRANTS, *_STATUS),
    "endpoints.revocation": _STATUS,
    "endpoints.presented_token": _STATUS,
    "consumer.etags": _files("unit/consumer", "conditions apps"),
    "consumer.call": _CONSUMER,
    "consumer.account": (*_files("unit/consumer", "account conditions"),),
    "consumer.apps": _CONSUMER,
    "http.no_route": _files("unit/http", "no_route"),
    "http.strict_json": (*_files("unit/http", "requests"), *_files("unit/consumer", "refused_apps")),
    "audit_log.counting": _files("unit/audit_log", "counting"),
    "console.audit_rows": _files("unit/console", "audit_rows"),
    "console.charts": _files("unit/console", "charts"),
    "console.consent_lines": _files("unit/console", "consent"),
    "console.mailed_returns": _files("unit/console", "mailed_returns"),
    "console.sign_in_snippets": _files("unit/console", "snippets"),
    "console.new_apps": _files("unit/console", "new_apps"),
    "console.unvouched_apps": _files("unit/console", "consent"),
    "identifiers": _files("unit", "identifiers"),
    "http.special_addresses": _files("unit/http", "special_addresses"),
    "http.outbound_url": _files("unit/http", "outbound_url"),
    "http.outbound_exchange": _FETCH,
    "http.guarded_fetch": _FETCH,
    "model.fetch_messages": _files("unit", "messages"),
    "stores.dynamodb.grants": _GRANT_STORE,
    "stores.dynamodb.accounts": _ACCOUNT_STORE,
    "stores.dynamodb.apps": _APP_STORE,
    "stores.dynamodb.app_owners": _APP_STORE,
    "stores.dynamodb.app_documents": (*_ON_DYNAMODB, *_files("contract", "app_conflicts app_effects")),
    "stores.dynamodb.registered_apps": (*_ON_DYNAMODB, *_files("contract", "app_conflicts app_effects time_to_live")),
    "stores.dynamodb.announcing": _files("contract", "announcing"),
    "stores.dynamodb.sessions": (
        *_ON_DYNAMODB,
        *_files("contract", "session_store account_conflicts grant_store approving"),
    ),
    "stores.dynamodb.approvals": (*_ON_DYNAMODB, *_files("contract", "approving time_to_live")),
    "stores.dynamodb.operations": (*_CALLS, *_LISTS, "-k", "not boto3 and not memory"),
    "stores.dynamodb.retrying": _CALLS,
    "stores.dynamodb.codec": _files("unit/stores", "codec"),
    "audit_log.announcing": _files("unit/audit_log", "announcing"),
    "stores.dynamodb.audit": (*_ON_DYNAMODB, *_files("contract", "audit_lists")),
    "stores.dynamodb.compaction": (
        *_ON_DYNAMODB,
        *_files("contract", "compacted_feed feed_in_parts feed_of_older_releases"),
    ),
    "stores.dynamodb.feed": (
        *_ON_DYNAMODB,
        *_files(
            "contract", "feed_store compacted_feed feed_in_parts feed_of_older_releases two_places_of_keys time_to_live"
        ),
    ),
    "stores.dynamodb.revocations": (
        *_ON_DYNAMODB,
        *_files("contract", "feed_store compacted_feed feed_in_parts feed_of_older_releases time_to_live"),
    ),
    "stores.dynamodb.records": (*_GRANT_STORE, *_files("contract", "records")),
}
