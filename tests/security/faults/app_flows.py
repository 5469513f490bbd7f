"""The flows of developers and users: apps, secrets and connections, in the console and by the consumer API."""

from __future__ import annotations

from typing import Any

from gatepost import routes
from gatepost.clients.logos import set_logo
from gatepost.clients.owner_changes import add_secret
from gatepost.clients.scopes import granted_to_itself
from gatepost.consumer.apps import _etag
from gatepost.model.records import App
from gatepost.stores.record_keys import AppKey, LogoKey
from tests.contract.records import PROBLEM
from tests.security.faults.account_flows import all_ended, connected
from tests.security.faults.events import event, page
from tests.security.faults.fetched import LOGO
from tests.security.faults.flow import every, flow, gone, grants, has, in_feed
from tests.security.faults.world import ALICE, ROOT, Answer, Event, World
from tests.unit.world import CALLBACK, NOW, WEB

IT: dict[str, Any] = {"at": {"client_id": WEB}}
ITS_SECRET: dict[str, Any] = {"at": {"client_id": WEB, "secret_id": "s1"}}
BEARER = {"sub": ALICE.user_id, "client_id": "a-client", "scope": "consumer", "grant_id": "g"}
CHANGE = {
    "name": "Shop",
    "url": "https://client.example.test",
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code"],
    "scope": ["read"],
}
SHOP = {**CHANGE, "kind": "confidential", "grant_types": ["authorization_code", "refresh_token"]}


def api(route: routes.Route, **options: Any) -> Event:
    return event(route, token=BEARER, **options)


def app(world: World) -> App:
    (found,) = world.store.read(AppKey(WEB))
    assert isinstance(found, App)
    return found


def change_as_read(world: World) -> Event:
    return api(routes.API_CHANGE_APP, document=CHANGE, headers={"If-Match": _etag(app(world), world.settings)}, **IT)


def second_secret(world: World) -> None:
    add_secret(world.store, app(world), now=world.now)


def used(world: World) -> None:
    """The web app has tokens, and a problem."""
    world.tokens()
    world.store.note_problems(PROBLEM._replace(client_id=WEB))


def logo_before(world: World) -> None:
    set_logo(world.store, world.settings, app(world), LOGO, owner=ALICE, now=world.now)


def session_noted_long_ago(world: World) -> None:
    (current,) = world.store.sessions_of(ALICE.user_id)
    world.store.start_session(current._replace(created_at=NOW - 3600))


def one_shop(world: World, answer: Answer | None) -> None:
    names = [each.name for each in world.store.apps_of(ALICE.user_id, cursor=None, limit=9).items]
    assert sorted(names) == ["Native", "Shop", "Web"]


def nothing_for_itself(world: World, answer: Answer | None) -> None:
    assert not granted_to_itself(app(world))


def two_secrets(world: World, answer: Answer | None) -> None:
    assert len(app(world).secrets) == 2


def second_alone(world: World, answer: Answer | None) -> None:
    (secret,) = app(world).secrets
    assert secret.secret_id != "s1"


def labelled(world: World, answer: Answer | None) -> None:
    (secret,) = app(world).secrets
    assert (secret.secret_id, secret.label) == ("s1", "Staging")


def without_problems(world: World, answer: Answer | None) -> None:
    assert world.store.problems_of(WEB) == []


def disconnected(world: World, answer: Answer | None) -> None:
    assert all(grant.revoked_at for grant in grants(world))
    assert world.store.approvals_of(ALICE.user_id) == []


# What was granted to the app under its former name has ended in the same step.
RENAMED = every(has(AppKey(WEB), name="Shop", version=2), nothing_for_itself, in_feed("user", WEB))
TO_APP = f"303 /developer/apps/{WEB} "
TO_SECRETS = f"303 /developer/apps/{WEB}/secrets "
FLOWS = [
    flow("apps", "my apps", page(routes.APPS_PAGE)),
    # whether the use can be written or not
    flow("apps", "a page that is noted as a use of its session", page(routes.APPS_PAGE), given=session_noted_long_ago),
    flow("apps", "new app, page", page(routes.NEW_APP_PAGE)),
    flow("apps", "app, page", page(routes.APP_PAGE, **IT)),
    flow("apps", "problems of an app", page(routes.APP_PROBLEMS_PAGE, **IT)),
    flow("apps", "secrets of an app", page(routes.APP_SECRETS_PAGE, **IT)),
    flow("apps", "what to try on an app", page(routes.APP_TRY_PAGE, **IT)),
    flow("apps", "edit app, page", page(routes.EDIT_APP_PAGE, **IT)),
    flow("apps", "create an app", page(routes.CREATE_APP, form=SHOP), check=one_shop, again="400"),
    flow(
        *("apps", "change an app", page(routes.UPDATE_APP, form={**SHOP, "version": "1", "confirmed": "yes"}, **IT)),
        TO_APP + "app_changed",
        check=RENAMED,
        again="412",
    ),
    flow(
        *("apps", "upload a logo", page(routes.CHANGE_LOGO, form={"version": "1"}, file=b"an image", **IT)),
        TO_APP + "app_changed",
        check=every(has(AppKey(WEB), logo=LOGO.digest, version=2), has(LogoKey(WEB), digest=LOGO.digest)),
        again="412",
    ),
    flow(
        *("metadata", "logo", event(routes.APP_LOGO, at={"client_id": WEB, "digest": LOGO.digest})),
        given=logo_before,
    ),
    flow("apps", "app of another, page for administrators", page(routes.APP_PAGE, ROOT, **IT)),
    flow(
        "apps",
        "change an app of another",
        page(routes.UPDATE_APP, ROOT, form={**SHOP, "version": "1", "confirmed": "yes"}, **IT),
        TO_APP + "app_changed",
        check=RENAMED,
        again="412",
    ),
    flow("apps", "a second secret", page(routes.NEW_SECRET, **IT), check=two_secrets, again=TO_SECRETS + "unchanged"),
    flow("apps", "the question before a secret ends", page(routes.SECRET_PAGE, **ITS_SECRET)),
    flow(
        *("apps", "label a secret", page(routes.LABEL_SECRET, form={"label": "Staging"}, **ITS_SECRET)),
        TO_SECRETS + "app_changed",
        check=labelled,
    ),
    flow(
        *("apps", "end a secret", page(routes.END_SECRET, **ITS_SECRET), TO_SECRETS + "secret_ended"),
        given=second_secret,
        check=second_alone,
    ),
    flow(
        *("apps", "delete an app", page(routes.DELETE_APP, form={"confirm_name": "Web"}, **IT)),
        "303 /developer/apps app_deleted",
        given=used,
        check=every(gone(AppKey(WEB)), without_problems, in_feed("client", WEB)),
        again="404",
    ),
    flow("connections", "page", page(routes.GRANTS_PAGE), given=connected),
    flow(
        *("connections", "disconnect", page(routes.REVOKE_GRANT, **IT), "303 /developer/grants disconnected"),
        given=connected,
        check=disconnected,
    ),
    flow(
        *("connections", "disconnect all", page(routes.REVOKE_GRANTS), "303 /developer/grants all_disconnected"),
        given=connected,
        check=all_ended,
    ),
    flow("consumer", "list apps", api(routes.API_APPS)),
    flow("consumer", "list connections", api(routes.API_GRANTS)),
    flow("consumer", "list scopes", api(routes.API_SCOPES)),
    flow("consumer", "account", api(routes.API_ACCOUNT)),
    flow("consumer", "description", event(routes.API_DOCUMENT)),
    flow("consumer", "read an app", api(routes.API_APP, **IT)),
    flow(
        *("consumer", "create an app", api(routes.API_CREATE_APP, document={**CHANGE, "confidential": True}), "201"),
        check=one_shop,
        again="400 Bad Request",
    ),
    flow("consumer", "change an app", change_as_read, check=RENAMED, again="412 Precondition Failed"),
    flow(
        *("consumer", "delete an unused app", api(routes.API_DELETE_APP, **IT), "204"),
        check=every(gone(AppKey(WEB)), in_feed("client")),
        again="404 Not Found",
    ),
    flow(
        *("consumer", "a second secret", api(routes.API_CREATE_SECRET, **IT), "201"),
        check=two_secrets,
        again="409 Conflict",
    ),
    flow(
        *("consumer", "end a secret", api(routes.API_END_SECRET, **ITS_SECRET), "204"),
        given=second_secret,
        check=second_alone,
        again="404 Not Found",
    ),
    flow(
        *("consumer", "disconnect", api(routes.API_END_GRANT, **IT), "204"),
        given=connected,
        check=disconnected,
        again="404 Not Found",
    ),
]
