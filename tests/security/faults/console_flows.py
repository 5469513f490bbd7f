"""The flows of developers and administrators: the console, the consumer API, the rotation of keys."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from gatepost.clients.lifecycle import deactivate_app
from gatepost.clients.owners import tell_apps
from gatepost.clients.registration import add_secret
from gatepost.consumer.apps import _etag
from gatepost.model.feed import PublicKey
from gatepost.model.records import App
from gatepost.routes import (
    ADMIN_APP_PAGE,
    ADMIN_APPS_PAGE,
    ADMIN_AUDIT_PAGE,
    ADMIN_CHANGE_APP,
    ADMIN_CHANGE_USER,
    ADMIN_USER_PAGE,
    ADMIN_USERS_PAGE,
    API_ACCOUNT,
    API_APP,
    API_APPS,
    API_CHANGE_APP,
    API_CREATE_APP,
    API_CREATE_SECRET,
    API_DELETE_APP,
    API_DOCUMENT,
    API_END_GRANT,
    API_END_SECRET,
    API_GRANTS,
    API_SCOPES,
    APP_PAGE,
    APPS_PAGE,
    CREATE_APP,
    DELETE_APP,
    EDIT_APP_PAGE,
    END_SECRET,
    GRANTS_PAGE,
    NEW_APP_PAGE,
    NEW_SECRET,
    REVOKE_GRANT,
    REVOKE_GRANTS,
    UPDATE_APP,
    Route,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, EmailKey
from tests.contract.records import PROBLEM
from tests.security.faults.flow import Arrange, Flows
from tests.security.faults.page_flows import account, all_ended, connected
from tests.security.faults.token_flows import grants
from tests.security.faults.world import ALICE, ROOT, Answer, Event, World, event, page
from tests.unit.world import CALLBACK

FLOWS = Flows()
SHOP: dict[str, Any] = {
    "name": "Shop",
    "url": "https://client.example.test",
    "redirect_uris": CALLBACK,
    "kind": "confidential",
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": ["read"],
}


def app(world: World) -> App:
    (found,) = world.store.read(AppKey(world.web.client_id))
    assert isinstance(found, App)
    return found


def of_web(world: World, route: Route, **options: Any) -> Event:
    return page(route, at={"client_id": world.web.client_id}, **options)


def sees(route: Route) -> Arrange:
    """Alice looks at a page of hers, or of her web app."""

    def arrange(world: World) -> Event:
        return of_web(world, route) if "{client_id}" in route.path else page(route)

    return arrange


for _name, _route in {"my apps": APPS_PAGE, "new app, page": NEW_APP_PAGE}.items():
    FLOWS.add("apps", _name, "200")(sees(_route))
for _name, _route in {"app, page": APP_PAGE, "edit app, page": EDIT_APP_PAGE}.items():
    FLOWS.add("apps", _name, "200")(sees(_route))


def one_shop(world: World, answer: Answer | None) -> None:
    names = [each.name for each in world.store.apps_of(ALICE.user_id, cursor=None, limit=9).items]
    assert sorted(names) == ["Native", "Shop", "Web"]


@FLOWS.add("apps", "create an app", "200", check=one_shop, again=("400",))
def _(world: World) -> Event:
    return page(CREATE_APP, form=SHOP)


def renamed(world: World, answer: Answer | None) -> None:
    assert (app(world).name, app(world).version) == ("Shop", 2)


@FLOWS.add("apps", "change an app", "303 /developer/apps/{web} app_changed", check=renamed, again=("412",))
def _(world: World) -> Event:
    return of_web(world, UPDATE_APP, form={**SHOP, "version": "1"})


def two_secrets(world: World, answer: Answer | None) -> None:
    assert len(app(world).secrets) == 2


@FLOWS.add("apps", "a second secret", "200", check=two_secrets, again=("303 /developer/apps/{web} unchanged",))
def _(world: World) -> Event:
    return of_web(world, NEW_SECRET)


def second_alone(world: World, answer: Answer | None) -> None:
    (secret,) = app(world).secrets
    assert secret.secret_id != "s1"


@FLOWS.add("apps", "end a secret", "303 /developer/apps/{web} secret_ended", check=second_alone)
def _(world: World) -> Event:
    add_secret(world.store, app(world), now=world.now)
    return page(END_SECRET, at={"client_id": world.web.client_id, "secret_id": "s1"})


def app_gone(world: World, answer: Answer | None) -> None:
    assert world.store.read(AppKey(world.web.client_id)) == (None,)
    assert world.store.problems_of(world.web.client_id) == []
    assert stopped(world, "client", world.web.client_id)


def stopped(world: World, kind: str, subject: str) -> bool:
    """Whether the feed names it."""
    return any((each.kind, each.subject) == (kind, subject) for each in world.store.feed(None)[1])


@FLOWS.add("apps", "delete an app", "303 /developer/apps app_deleted", check=app_gone, again=("404",))
def _(world: World) -> Event:
    world.tokens()
    world.store.note_problem(replace(PROBLEM, client_id=world.web.client_id))
    return of_web(world, DELETE_APP, form={"confirm_name": "Web"})


def disconnected(world: World, answer: Answer | None) -> None:
    assert all(grant.revoked_at for grant in grants(world))
    assert world.store.approvals_of(ALICE.user_id) == []


@FLOWS.add("connections", "page", "200")
def _(world: World) -> Event:
    connected(world)
    return page(GRANTS_PAGE)


@FLOWS.add("connections", "disconnect", "303 /developer/grants disconnected", check=disconnected)
def _(world: World) -> Event:
    connected(world)
    return of_web(world, REVOKE_GRANT)


@FLOWS.add("connections", "disconnect all", "303 /developer/grants all_disconnected", check=all_ended)
def _(world: World) -> Event:
    connected(world)
    return page(REVOKE_GRANTS)


@FLOWS.add("admin", "users", "200")
def _(world: World) -> Event:
    return page(ADMIN_USERS_PAGE, ROOT)


@FLOWS.add("admin", "user", "200")
def _(world: World) -> Event:
    return page(ADMIN_USER_PAGE, ROOT, at={"user_id": ALICE.user_id})


@FLOWS.add("admin", "apps", "200")
def _(world: World) -> Event:
    return page(ADMIN_APPS_PAGE, ROOT, query={"app": world.web.client_id})


@FLOWS.add("admin", "audit", "200")
def _(world: World) -> Event:
    return page(ADMIN_AUDIT_PAGE, ROOT)


def change_user(**form: str) -> Event:
    return page(ADMIN_CHANGE_USER, ROOT, at={"user_id": ALICE.user_id}, form=form)


USER_CHANGED = f"303 /developer/admin/users/{ALICE.user_id} user_changed"


# whoever gets an error sees it on the page of the account, and does it once more
UNTOLD = ("app told otherwise than its owner stands",)


def user_stopped(world: World, answer: Answer | None) -> None:
    assert account(world).status == "deactivated"
    assert all(grant.revoked_at for grant in grants(world) if grant.redeem_before > world.now)
    assert stopped(world, "user", ALICE.user_id)


@FLOWS.add("admin", "deactivate a user", USER_CHANGED, check=user_stopped, open=UNTOLD)
def _(world: World) -> Event:
    connected(world)
    return change_user(action="deactivate")


def user_active(world: World, answer: Answer | None) -> None:
    assert account(world).status == "active"


@FLOWS.add("admin", "reactivate a user", USER_CHANGED, check=user_active, open=UNTOLD)
def _(world: World) -> Event:
    world.store.set_user_status(ALICE.user_id, "deactivated")
    tell_apps(world.store, ALICE.user_id, now=world.now)
    return change_user(action="reactivate")


def user_promoted(world: World, answer: Answer | None) -> None:
    assert account(world).role == "administrator"


@FLOWS.add("admin", "make an administrator", USER_CHANGED, check=user_promoted)
def _(world: World) -> Event:
    return change_user(action="role", role="administrator")


def user_demoted(world: World, answer: Answer | None) -> None:
    assert account(world).role == "user"


@FLOWS.add("admin", "demote an administrator", USER_CHANGED, check=user_demoted)
def _(world: World) -> Event:
    world.store.set_user_rights(ALICE.user_id, role="administrator")
    return change_user(action="role", role="user")


def address_gone(world: World, answer: Answer | None) -> None:
    assert account(world).email == ""
    assert world.store.read(EmailKey("alice@example.test")) == (None,)


@FLOWS.add("admin", "remove an address", USER_CHANGED, check=address_gone)
def _(world: World) -> Event:
    return change_user(action="remove_email")


def user_narrowed(world: World, answer: Answer | None) -> None:
    assert str(account(world).scope) == "read"


@FLOWS.add("admin", "narrow a user's scope", USER_CHANGED, check=user_narrowed, open=UNTOLD)
def _(world: World) -> Event:
    return change_user(action="scope", scope="read")


def app_stopped(world: World, answer: Answer | None) -> None:
    assert (app(world).status, app(world).status_reason) == ("deactivated", "spam")
    assert stopped(world, "client", world.web.client_id)


@FLOWS.add("admin", "deactivate an app", "303 /developer/admin/apps app_deactivated", check=app_stopped)
def _(world: World) -> Event:
    return page(
        ADMIN_CHANGE_APP,
        ROOT,
        at={"client_id": world.web.client_id},
        form={"action": "deactivate", "reason": "spam"},
    )


@FLOWS.add("admin", "app", "200")
def _(world: World) -> Event:
    return page(ADMIN_APP_PAGE, ROOT, at={"client_id": world.web.client_id})


def app_granted(world: World, answer: Answer | None) -> None:
    assert (app(world).own_scope, app(world).version) == (Scope.of("read"), 2)
    assert stopped(world, "user", world.web.client_id)


APP_DECIDED = "303 /developer/admin/apps/{web} "


@FLOWS.add("admin", "grant scopes", APP_DECIDED + "scopes_granted", check=app_granted, again=("412",))
def _(world: World) -> Event:
    form = {"action": "scopes", "own": "read", "version": "1"}
    return page(ADMIN_CHANGE_APP, ROOT, at={"client_id": world.web.client_id}, form=form)


def app_handed_over(world: World, answer: Answer | None) -> None:
    assert (app(world).owner, app(world).version) == (ROOT.user_id, 2)


@FLOWS.add("admin", "hand over", APP_DECIDED + "app_handed_over", check=app_handed_over, again=("412",))
def _(world: World) -> Event:
    form = {"action": "hand_over", "owner": ROOT.user_name, "version": "1"}
    return page(ADMIN_CHANGE_APP, ROOT, at={"client_id": world.web.client_id}, form=form)


def app_active(world: World, answer: Answer | None) -> None:
    assert app(world).status == "active"


@FLOWS.add("admin", "approve an app", "303 /developer/admin/apps app_approved", check=app_active)
def _(world: World) -> Event:
    deactivate_app(world.store, app(world), reason="spam", now=world.now)
    return page(ADMIN_CHANGE_APP, ROOT, at={"client_id": world.web.client_id}, form={"action": "approve"})


def api(route: Route, **options: Any) -> Event:
    token = {"sub": ALICE.user_id, "client_id": "a-client", "scope": "consumer", "grant_id": "g"}
    return event(route, token=token, **options)


def of_web_api(world: World, route: Route, **options: Any) -> Event:
    return api(route, at={"client_id": world.web.client_id}, **options)


def lists(route: Route) -> Arrange:
    """A client looks at what is alice's."""
    return lambda world: api(route)


CHANGE = {
    "name": "Shop",
    "url": "https://client.example.test",
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code"],
    "scope": ["read"],
}
for _name, _route in {
    "list apps": API_APPS,
    "list connections": API_GRANTS,
    "list scopes": API_SCOPES,
    "account": API_ACCOUNT,
}.items():
    FLOWS.add("consumer", _name, "200")(lists(_route))


@FLOWS.add("consumer", "description", "200")
def _(world: World) -> Event:
    return event(API_DOCUMENT)


@FLOWS.add("consumer", "read an app", "200")
def _(world: World) -> Event:
    return of_web_api(world, API_APP)


@FLOWS.add("consumer", "create an app", "201", check=one_shop, again=("400 Bad Request",))
def _(world: World) -> Event:
    return api(API_CREATE_APP, document={**CHANGE, "confidential": True})


@FLOWS.add("consumer", "change an app", "200", check=renamed, again=("412 Precondition Failed",))
def _(world: World) -> Event:
    return of_web_api(world, API_CHANGE_APP, document=CHANGE, headers={"If-Match": _etag(app(world), world.settings)})


@FLOWS.add("consumer", "delete an app", "204", check=app_gone, again=("404 Not Found",))
def _(world: World) -> Event:
    world.tokens()
    return of_web_api(world, API_DELETE_APP)


def unused_app_gone(world: World, answer: Answer | None) -> None:
    assert world.store.read(AppKey(world.web.client_id)) == (None,)
    assert not stopped(world, "client", world.web.client_id)


@FLOWS.add("consumer", "delete an unused app", "204", check=unused_app_gone, again=("404 Not Found",))
def _(world: World) -> Event:
    return of_web_api(world, API_DELETE_APP)


@FLOWS.add("consumer", "a second secret", "201", check=two_secrets, again=("409 Conflict",))
def _(world: World) -> Event:
    return of_web_api(world, API_CREATE_SECRET)


@FLOWS.add("consumer", "end a secret", "204", check=second_alone, again=("404 Not Found",))
def _(world: World) -> Event:
    add_secret(world.store, app(world), now=world.now)
    return api(API_END_SECRET, at={"client_id": world.web.client_id, "secret_id": "s1"})


@FLOWS.add("consumer", "disconnect", "204", check=disconnected, again=("404 Not Found",))
def _(world: World) -> Event:
    connected(world)
    return of_web_api(world, API_END_GRANT)


VERSION = str(UUID(int=7))
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def rotation(secret: str, step: str) -> Any:
    """A step of a rotation, after those before it."""

    def arrange(world: World) -> Event:
        arn = world.cloud.secrets.describe_secret(SecretId=secret)["ARN"]
        for earlier in STEPS[: STEPS.index(step)]:
            world.call("rotate_keys", {"Step": earlier, "SecretId": arn, "ClientRequestToken": VERSION})
        return {"Step": step, "SecretId": arn, "ClientRequestToken": VERSION}

    return arrange


def rotated(secret: str, step: str) -> Any:
    """Check the state after a step: the key in use is still there, and in use or next."""

    def check(world: World, answer: Answer | None) -> None:
        keys = {stage: secret_keys(world, secret, stage) for stage in ("AWSCURRENT", "AWSPENDING")}
        finished = step == "finishSecret"
        assert len(keys["AWSCURRENT"]) == (2 if finished else 1)
        assert len(keys["AWSPENDING"]) == 2
        assert (
            keys["AWSPENDING"][0] == (secret_keys(world, secret, "AWSPREVIOUS") if finished else keys["AWSCURRENT"])[0]
        )
        published: set[str] = {key.kid for key in world.store.public_keys() if isinstance(key, PublicKey)}
        if secret == "signing" and step != "createSecret":
            assert published == {key["kid"] for key in keys["AWSPENDING"]}

    return check


def secret_keys(world: World, secret: str, stage: str) -> list[dict[str, Any]]:
    text = world.cloud.secrets.get_secret_value(SecretId=secret, VersionStage=stage)["SecretString"]
    found: list[dict[str, Any]] = json.loads(text)["keys"]
    return found


for _secret in ("signing", "refresh"):
    for _step in STEPS:
        FLOWS.add("rotate_keys", f"{_secret}, {_step}", "done", check=rotated(_secret, _step))(rotation(_secret, _step))
