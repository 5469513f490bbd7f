"""Request documents of the API, without unknown fields or type coercion."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gatepost.clients.labels import LABEL_LENGTH
from gatepost.clients.owner_changes import NAME_LENGTH, AppDetails, InvalidApp
from gatepost.consumer.models import CHANGEABLE, example
from gatepost.model.records import GRANT_TYPES, App
from gatepost.oauth.client_authentication import METHODS, methods_of
from gatepost.oauth.redirect_lists import MOST_REDIRECT_URIS
from gatepost.oidc.app_details import OpenIDDetails
from gatepost.scope import Scope
from gatepost.settings import ID_TOKEN_ALGORITHMS

# The schemas document the limits; `clients.owner_changes` enforces them, for the console as well.
Name = Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": NAME_LENGTH})]
Uris = Annotated[list[str], Field(json_schema_extra={"maxItems": MOST_REDIRECT_URIS, "uniqueItems": True})]
GrantTypes = Annotated[
    list[str], Field(json_schema_extra={"minItems": 1, "items": {"type": "string", "enum": list(GRANT_TYPES)}})
]
Algorithm = Annotated[str, Field(json_schema_extra={"enum": [*ID_TOKEN_ALGORITHMS, ""]})]
Scopes = Annotated[list[str], Field(json_schema_extra={"minItems": 1}, description="Names of GET /consumer/scope.")]

_OPENID = OpenIDDetails._fields
_KEPT = "Of OpenID Connect. Left out of a change: as it is."
_NO_WEBSITE = '"" only without authorization_code and implicit: for an app that nobody is sent back to.'


class Input(BaseModel):
    """Base of request documents: unknown fields and inexact types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True)


class AppChange(Input):
    """The editable fields of an app."""

    model_config = example(CHANGEABLE)

    name: Name
    url: str = Field(description=_NO_WEBSITE)
    redirect_uris: Uris = Field(description="None: whatever has the same scheme, host and port as `url`.")
    grant_types: GrantTypes
    scope: Scopes
    post_logout_redirect_uris: Uris = Field(default=[], description=_KEPT)
    backchannel_logout_uri: str = Field(default="", description=f'"": it is told of no logout. {_KEPT}')
    id_token_signed_response_alg: Algorithm = Field(default="", description=f'"": RS256. {_KEPT}')
    userinfo_signed_response_alg: Algorithm = Field(default="", description=f'"": plain JSON. {_KEPT}')

    def details(self, *, confidential: bool, app: App | None = None) -> AppDetails:
        """Return the details for `clients.owner_changes`, those of a change of `app` or of a new one."""
        before = OpenIDDetails.of(app) if app else OpenIDDetails()
        given = self.model_dump(include={*_OPENID}, exclude_unset=True)
        given |= {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
        return AppDetails(
            name=self.name,
            url=self.url,
            redirect_uris=tuple(self.redirect_uris),
            grant_types=tuple(self.grant_types),
            confidential=confidential,
            scope=Scope(self.scope),
            openid=before._replace(**given),
        )


class NewSecret(Input):
    """A new secret's label."""

    model_config = example({"label": "Staging"})

    label: Annotated[str, Field(json_schema_extra={"maxLength": LABEL_LENGTH})] = Field(
        default="", description="A label of your choice."
    )


class NewApp(AppChange):
    """An app to register; whether it is confidential never changes."""

    model_config = example({**CHANGEABLE, "confidential": True})

    url: str = Field(default="", description=_NO_WEBSITE)
    redirect_uris: Uris = Field(default=[], description="None: whatever has the same scheme, host and port as `url`.")
    confidential: bool = Field(description="false for an app that can't keep a secret: it must use PKCE.")
    token_endpoint_auth_method: str = Field(
        default="",
        json_schema_extra={"enum": [*METHODS]},
        description="May be sent beside `confidential`, which it follows from.",
    )

    def new_details(self) -> AppDetails:
        """Return the details of the new app. Raises InvalidApp for a method that does not go with `confidential`."""
        fitting = methods_of(confidential=self.confidential)
        if self.token_endpoint_auth_method not in ("", *fitting):
            raise InvalidApp({"token_endpoint_auth_method": f"It must be {' or '.join(fitting)}."})
        return self.details(confidential=self.confidential)
