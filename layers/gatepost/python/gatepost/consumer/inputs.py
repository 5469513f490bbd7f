"""Request documents of the API, without unknown fields or type coercion."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gatepost.clients.labels import LABEL_LENGTH
from gatepost.clients.registration import MOST_REDIRECT_URIS, NAME_LENGTH, AppDetails
from gatepost.consumer.models import CHANGEABLE, example
from gatepost.model.records import GRANT_TYPES
from gatepost.scope import Scope

# The schemas document the limits; `clients.registration` enforces them, for the console as well.
Name = Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": NAME_LENGTH})]
Uris = Annotated[list[str], Field(json_schema_extra={"maxItems": MOST_REDIRECT_URIS, "uniqueItems": True})]
GrantTypes = Annotated[
    list[str], Field(json_schema_extra={"minItems": 1, "items": {"type": "string", "enum": list(GRANT_TYPES)}})
]
Scopes = Annotated[list[str], Field(json_schema_extra={"minItems": 1}, description="Names of GET /consumer/scope.")]

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

    def details(self, *, confidential: bool) -> AppDetails:
        """Return the details for `clients.registration`."""
        return AppDetails(
            name=self.name,
            url=self.url,
            redirect_uris=tuple(self.redirect_uris),
            grant_types=tuple(self.grant_types),
            confidential=confidential,
            scope=Scope(self.scope),
        )


class NewSecret(Input):
    """What is said of a new secret."""

    model_config = example({"label": "Staging"})

    label: Annotated[str, Field(json_schema_extra={"maxLength": LABEL_LENGTH})] = Field(
        default="", description="Your own words for it."
    )


class NewApp(AppChange):
    """An app to register; whether it is confidential never changes."""

    model_config = example({**CHANGEABLE, "confidential": True})

    url: str = Field(default="", description=_NO_WEBSITE)
    redirect_uris: Uris = Field(default=[], description="None: whatever has the same scheme, host and port as `url`.")
    confidential: bool = Field(description="false for an app that can't keep a secret: it must use PKCE.")
