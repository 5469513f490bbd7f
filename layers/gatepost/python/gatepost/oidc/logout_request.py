"""Logout that an app requests (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from gatepost.errors import InvalidRequest, InvalidToken
from gatepost.model.records import App, User
from gatepost.oauth.client_authentication import concerning
from gatepost.oauth.parameters import with_query
from gatepost.oauth.registered_uris import is_registered
from gatepost.oidc.id_token import Hint, read_hint
from gatepost.quoting import quoted
from gatepost.settings import Settings

if TYPE_CHECKING:
    from gatepost.stores.ports.feed import FeedReader


class LogoutRequest(NamedTuple):
    """A request that was checked; without an app, nothing shows who sent it, and it leads to no app."""

    app: App | None = None
    user_id: str = ""  # whom the app means
    location: str = ""  # where to go afterwards, "" for a page of this server

    def means(self, user: User) -> bool:
        """Whether an app proved that it knows this user, who need not be asked then (§2)."""
        return self.user_id == user.user_id


def hint_in(parameters: Mapping[str, str], store: FeedReader, settings: Settings, now: float) -> Hint | None:
    """Return what `id_token_hint` says, None if there is none that this server signed. An expired one will do (§2)."""
    token = parameters.get("id_token_hint")
    if token is None:
        return None
    try:
        return read_hint(token, store.public_keys(), settings, now=now)
    except InvalidToken:
        return None


def checked_logout(hint: Hint | None, app: App | None, parameters: Mapping[str, str]) -> LogoutRequest:
    """Return the request of the hint's app; of nobody if there is no hint, or its app is not active.

    Raises InvalidRequest, for a page, if `client_id` or `post_logout_redirect_uri` are not those of the app (§2, §3).
    """
    if hint is None or app is None or not app.works:
        return LogoutRequest()
    with concerning(app, proven=False):
        if parameters.get("client_id", app.identifier) != app.identifier:
            raise InvalidRequest("client_id is not the app that id_token_hint was issued to")
        return LogoutRequest(app=app, user_id=hint.sub, location=_location(app, parameters))


def _location(app: App, parameters: Mapping[str, str]) -> str:
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None:
        return ""
    if not is_registered(uri, app.post_logout_redirect_uris):
        raise InvalidRequest("post_logout_redirect_uri is not registered for this app", detail=quoted(uri))
    return with_query(uri, {"state": parameters["state"]}) if "state" in parameters else uri
