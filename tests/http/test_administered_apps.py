"""Administrators see and change everybody's apps on the owners' pages; secrets stay the owners'."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.routes import (
    ADMIN_APP_PAGE,
    APP_PAGE,
    APP_PROBLEMS_PAGE,
    APP_SECRETS_PAGE,
    APP_TRY_PAGE,
    DELETE_APP,
    EDIT_APP_PAGE,
    END_SECRET,
    LABEL_SECRET,
    NEW_SECRET,
    SECRET_PAGE,
    UPDATE_APP,
)
from gatepost.stores.record_keys import AppKey, UserKey
from infra.local.deployment import Deployment
from tests.answers import text_of
from tests.browsing import Browser, post
from tests.people import Client, Person, entered, new_administrator, new_client, new_person


def fields(client: Client, **changes: object) -> Mapping[str, object]:
    app = client.app
    return {
        "name": app.name,
        "url": app.url,
        "redirect_uris": "\r\n".join(app.redirect_uris),
        "grant_types": app.grant_types,
        "scope": sorted(app.scope),
        "version": client.version,
        "confirmed": "yes",
        **changes,
    }


def test_s89_an_administrator_changes_an_app_by_its_owners_rules_and_the_owner_is_told_on_its_page(
    deployment: Deployment, admin: Browser, boss: Person, person: Person
) -> None:
    client = new_client(deployment, person)
    at = {"client_id": client.app.client_id}
    shown = [admin.get(route.at(**at)) for route in (APP_PAGE, APP_PROBLEMS_PAGE, APP_SECRETS_PAGE, APP_TRY_PAGE)]
    assert all(f"You see this app of {person.name} as an administrator" in text_of(page) for page in shown)
    assert EDIT_APP_PAGE.at(**at) in admin.get(ADMIN_APP_PAGE.at(**at)).text

    path = EDIT_APP_PAGE.at(**at)
    assert post(admin, path, UPDATE_APP.at(**at), **fields(client, redirect_uris="nonsense")).status_code == 400
    answer = post(admin, path, UPDATE_APP.at(**at), **fields(client, name="Renamed by another"))
    assert answer.headers["Location"] == f"{APP_PAGE.at(**at)}?done=app_changed"

    (app,) = deployment.store.read(AppKey(client.app.client_id))
    assert app is not None
    assert (app.name, app.owner, app.administered_at > 0) == ("Renamed by another", person.user.user_id, True)
    assert f"{boss.name} changed Renamed by another" in text_of(admin.get(ADMIN_APP_PAGE.at(**at)))
    owner = entered(deployment, person)
    assert "An administrator changed the settings of this app" in text_of(owner.get(APP_PAGE.at(**at)))
    post(owner, path, UPDATE_APP.at(**at), **fields(client, name="Mine again"))
    assert "An administrator changed" not in text_of(owner.get(APP_PAGE.at(**at)))


def test_s89_secrets_and_the_deletion_stay_the_owners_and_others_see_nothing(
    deployment: Deployment, admin: Browser, person: Person
) -> None:
    client = new_client(deployment, person)
    at = {"client_id": client.app.client_id, "secret_id": client.app.secrets[0].secret_id}
    posts = (NEW_SECRET, LABEL_SECRET, END_SECRET, DELETE_APP)
    tries = {"label": "x", "confirm_name": client.app.name}

    assert admin.get(SECRET_PAGE.at(**at)).status_code == 404
    assert {post(admin, EDIT_APP_PAGE.at(**at), each.at(**at), **tries).status_code for each in posts} == {404}
    assert "Create secret" not in admin.get(APP_SECRETS_PAGE.at(**at)).text
    stranger = entered(deployment, new_person(deployment))
    for route in (APP_PAGE, APP_PROBLEMS_PAGE, APP_SECRETS_PAGE, APP_TRY_PAGE, EDIT_APP_PAGE):
        assert stranger.get(route.at(**at)).status_code == 404
    (app,) = deployment.store.read(AppKey(client.app.client_id))
    assert app is not None
    assert app.secrets == client.app.secrets


def test_the_owner_of_a_changed_app_is_told_by_mail(extended: Deployment) -> None:
    boss, person = new_administrator(extended), new_person(extended)
    client = new_client(extended, person)
    extended.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    at = {"client_id": client.app.client_id}

    changed = fields(client, name="Told of it")
    answer = post(entered(extended, boss), EDIT_APP_PAGE.at(**at), UPDATE_APP.at(**at), **changed)
    assert answer.status_code == 303
    assert extended.store.read(UserKey(person.user.user_id)) != (None,)
    (mail,) = [each for each in extended.mails if f"{person.name}@example.test" in each.to]
    assert f"{boss.name}, an administrator of" in mail.text
    assert APP_PAGE.at(**at) in mail.text
