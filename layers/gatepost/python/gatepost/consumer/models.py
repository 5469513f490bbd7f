"""Response documents of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gatepost.accounts.api_lists import AppAtResource, app_at_resources
from gatepost.clients.scopes import is_granted_by_update, scope_standings
from gatepost.model.records import App, User
from gatepost.oauth.client_authentication import methods_of
from gatepost.settings import ID_TOKEN_ALGORITHMS, Settings

TIME = "2026-11-24T08:00:00Z"
_SECRET_ID = "b6f1c1de-3f0e-4d6e-9d0c-2f1f6a1b7c11"  # noqa: S105 - an example
CHANGEABLE: dict[str, Any] = {
    "name": "Weather",
    "url": "https://weather.example",
    "redirect_uris": ["https://weather.example/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": ["read"],
}
_APP: dict[str, Any] = {
    "client_id": "3f2b8c1e-9a4d-4a57-8a44-5d1f0f6f2c01",
    **CHANGEABLE,
    "post_logout_redirect_uris": ["https://weather.example/"],
    "backchannel_logout_uri": "",
    "id_token_signed_response_alg": "RS256",
    "userinfo_signed_response_alg": "",
    "confidential": True,
    "token_endpoint_auth_method": "client_secret_basic",
    "status": "active",
    "status_reason": "",
    "created_at": TIME,
    "last_used_at": None,
    "scopes": [{"name": "read", "users": "open", "itself": None}],
    "granted_by_update": False,
    "resources": [
        {
            "resource": "https://reports.example",
            "name": "Reports",
            "scopes": [{"name": "read", "users": "open", "itself": None}],
        }
    ],
    "secrets": [{"secret_id": _SECRET_ID, "created_at": TIME, "last_used_at": None, "label": "Staging"}],
}


def example(value: dict[str, Any]) -> ConfigDict:
    """Return a model configuration with `value` as the example of its schema."""
    return ConfigDict(json_schema_extra={"examples": [value]})


class SecretDocument(BaseModel):
    """A live secret; the secret itself is not stored."""

    secret_id: str
    created_at: datetime
    last_used_at: datetime | None = Field(description="Up to a day before the last use; null: never.")
    label: str = Field(description="A label of your choice.")


class ScopeStandingDocument(BaseModel):
    """The status of a scope that an app requests, or that a requested scope implies."""

    name: str
    users: Literal["open", "granted", "asked"] = Field(
        description="What users may allow. Of a restricted scope: granted by an administrator, or asked for; "
        "then only the app's owner may allow it."
    )
    itself: Literal["open", "granted", "asked", "never"] | None = Field(
        description="The same for tokens of the app's own; null: it does not use client_credentials."
    )


class ResourceStandingDocument(BaseModel):
    """The scopes in an app's tokens for one API (RFC 8707)."""

    resource: str = Field(description="Its URL, to be sent as `resource`; with /* at the end also all below it.")
    name: str
    scopes: list[ScopeStandingDocument]

    @classmethod
    def of(cls, standing: AppAtResource) -> ResourceStandingDocument:
        """As the layer has it."""
        scopes = [ScopeStandingDocument.model_validate(each._asdict()) for each in standing.scopes]
        return cls(resource=standing.target.audience, name=standing.target.name, scopes=scopes)


class AppDocument(BaseModel):
    """An app as its owner sees it."""

    model_config = example(_APP)

    client_id: str
    name: str
    url: str
    redirect_uris: list[str]
    grant_types: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str
    id_token_signed_response_alg: str
    userinfo_signed_response_alg: str = Field(description='"": userinfo is JSON that is not signed.')
    confidential: bool
    token_endpoint_auth_method: str = Field(description="Of a confidential app; client_secret_post works as well.")
    scope: list[str]
    scopes: list[ScopeStandingDocument] = Field(description="How it stands with each; administrators decide.")
    resources: list[ResourceStandingDocument] = Field(
        description="The APIs for which a token that names them as `resource` holds some of the scopes."
    )
    granted_by_update: bool = Field(description="Scopes of its own are from when nobody had to grant them.")
    status: Literal["active", "pending", "deactivated"]
    status_reason: str = Field(description="A reason written by an administrator.")
    created_at: datetime
    last_used_at: datetime | None = Field(description="Up to a day before the last use; null: never.")
    secrets: list[SecretDocument]

    @classmethod
    def of(cls, app: App, settings: Settings, **more: str) -> AppDocument:
        """Build from a record; `more` are fields that a subclass adds."""
        secrets = [
            SecretDocument(
                secret_id=each.secret_id,
                created_at=time_of(each.created_at),
                last_used_at=time_or_none(each.last_used_at),
                label=each.label,
            )
            for each in app.secrets
        ]
        return cls.model_validate(
            {
                "client_id": app.client_id,
                "name": app.name,
                "url": app.url,
                "redirect_uris": app.redirect_uris,
                "grant_types": app.grant_types,
                "post_logout_redirect_uris": app.post_logout_redirect_uris,
                "backchannel_logout_uri": app.backchannel_logout_uri,
                "id_token_signed_response_alg": app.id_token_signed_response_alg or ID_TOKEN_ALGORITHMS[0],
                "userinfo_signed_response_alg": app.userinfo_signed_response_alg,
                "confidential": app.confidential,
                "token_endpoint_auth_method": methods_of(confidential=app.confidential)[0],
                "scope": sorted(app.scope),
                "scopes": [each._asdict() for each in scope_standings(app, settings)],
                "resources": [ResourceStandingDocument.of(each) for each in app_at_resources(app, settings)],
                "granted_by_update": is_granted_by_update(app, settings),
                "status": app.status,
                "status_reason": app.status_reason,
                "created_at": time_of(app.created_at),
                "last_used_at": time_or_none(app.last_used_at),
                "secrets": secrets,
                **more,
            }
        )


class CreatedAppDocument(AppDocument):
    """A new app, with the secret that is never shown again."""

    model_config = example({**_APP, "client_secret": "GZQxw1b0Cq0RrLJ2G0oH0dO6cJkq1bqkC3JtYb9sD5E"})

    client_secret: str = Field(default="", description="Absent for an app that is not confidential.")


class CreatedSecretDocument(BaseModel):
    """A new secret, which is never shown again."""

    model_config = example(
        {
            "secret_id": _SECRET_ID,
            "client_secret": "GZQxw1b0Cq0RrLJ2G0oH0dO6cJkq1bqkC3JtYb9sD5E",
            "label": "Staging",
        }
    )

    secret_id: str
    client_secret: str
    label: str


class AccountDocument(BaseModel):
    """The account of the token's user."""

    model_config = example(
        {
            "user_id": "9d4c1f9a-7f55-4e38-8c53-6d4a1c8e0b77",
            "user_name": "alice",
            "email": "alice@example.org",
            "email_confirmed": True,
            "scope": None,
            "role": "user",
            "created_at": TIME,
        }
    )

    user_id: str
    user_name: str
    email: str
    email_confirmed: bool
    scope: list[str] | None = Field(description="What the user may grant; null: whatever the server offers.")
    role: Literal["user", "administrator"]
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> AccountDocument:
        """Build from a record."""
        return cls.model_validate(
            {
                "user_id": user.user_id,
                "user_name": user.user_name,
                "email": user.email,
                "email_confirmed": user.email_confirmed,
                "scope": None if user.scope is None else sorted(user.scope),
                "role": user.role,
                "created_at": time_of(user.created_at),
            }
        )


def time_of(seconds: int) -> datetime:
    """A moment of the records as documents write it."""
    return datetime.fromtimestamp(seconds, UTC)


def time_or_none(seconds: int) -> datetime | None:
    """The same, None for 0, which means never."""
    return time_of(seconds) if seconds else None
