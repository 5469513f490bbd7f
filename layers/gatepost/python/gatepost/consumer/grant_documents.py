"""The documents of what users granted, and of what there is to grant."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from gatepost.accounts.api_lists import apis_of_scope, granted_apis
from gatepost.accounts.connected_apps import Connection
from gatepost.clients.scopes import overall_policy
from gatepost.clients.vouching import is_vouched_for
from gatepost.consumer.models import TIME, example, time_of, time_or_none
from gatepost.oauth.redirect_lists import redirect_hosts
from gatepost.oauth.redirect_uris import host_of
from gatepost.settings import Settings


class GrantedResourceDocument(BaseModel):
    """The scopes of the app at one API."""

    resource: str | None = Field(description="Its URL; null: tokens that name no `resource`.")
    scope: list[str]


class GrantDocument(BaseModel):
    """An app that the user is connected with."""

    model_config = example(
        {
            "client_id": "3f2b8c1e-9a4d-4a57-8a44-5d1f0f6f2c01",
            "app_name": "Weather",
            "host": "weather.example",
            "checked": True,
            "scope": ["read"],
            "resources": [{"resource": "https://reports.example", "scope": ["read"]}],
            "since": TIME,
            "last_used_at": None,
        }
    )

    client_id: str
    app_name: str
    host: str = Field(description="Of its website; of an app that is not checked, where it sends people.")
    checked: bool = Field(description="Whether somebody here vouches for the app; if not, its name is only a claim.")
    scope: list[str]
    resources: list[GrantedResourceDocument] = Field(description="The same by the APIs that its tokens are for.")
    since: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, connection: Connection, settings: Settings) -> GrantDocument:
        """As the layer has it."""
        at = granted_apis(connection.by_audience, settings)
        checked = is_vouched_for(connection.app, settings)
        return cls(
            client_id=connection.app.client_id,
            app_name=connection.app.name,
            host=host_of(connection.app.document_url or connection.app.url)
            if checked
            else ", ".join(redirect_hosts(connection.app)),
            checked=checked,
            scope=sorted(connection.scope),
            resources=[
                GrantedResourceDocument(resource=each["url"] or None, scope=[scope["name"] for scope in each["scopes"]])
                for each in at
            ],
            since=time_of(connection.since),
            last_used_at=time_or_none(connection.last_used_at),
        )


class ScopeDocument(BaseModel):
    """A scope of the server."""

    model_config = example(
        {
            "name": "read",
            "description": "Read your data",
            "client_credentials": "approved",
            "restricted": False,
            "resources": ["https://reports.example"],
            "without_resource": True,
        }
    )

    name: str
    description: str = Field(description="Shown to people before they allow it.")
    client_credentials: Literal["never", "approved", "open"] = Field(
        description="Whether an app gets it for itself: approved is granted by an administrator, app by app."
    )
    restricted: bool = Field(description="Users may allow it to their own apps, and to those that are marked for it.")
    resources: list[str] = Field(description="The APIs whose tokens may hold it.")
    without_resource: bool = Field(description="Whether a token that names no `resource` may hold it.")

    @classmethod
    def of(cls, name: str, settings: Settings) -> ScopeDocument:
        """As the settings have it."""
        return cls.model_validate(
            {
                "name": name,
                "description": settings.descriptions[name],
                "client_credentials": overall_policy(name, settings),
                "restricted": name in settings.restricted_scopes,
                "resources": [each.audience for each in apis_of_scope(name, settings)],
                "without_resource": name not in settings.resource_scopes,
            }
        )
