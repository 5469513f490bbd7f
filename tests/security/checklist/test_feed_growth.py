"""The feed grows only by revocations that void something (S128)."""

from __future__ import annotations

from gatepost.routes import (
    APP_PAGE,
    APPS_PAGE,
    CREATE_APP,
    DELETE_APP,
    GRANTS_PAGE,
    NEW_APP_PAGE,
    REVOKE_GRANT,
    REVOKE_GRANTS,
)
from infra.local.deployment import Deployment
from tests.answers import assert_error, redeem
from tests.browsing import Browser, answer_of, post
from tests.http.consumer import WEATHER, Consumer
from tests.people import Client, Person, new_client, new_person, stops

OFTEN = 4


class Entries:
    """The entries added to the feed since the last look."""

    def __init__(self, deployment: Deployment) -> None:
        self._store, self._seen = deployment.store, 0
        self.new()

    def new(self) -> int:
        before, self._seen = self._seen, len(self._store.feed(0))
        return self._seen - before


def revoke_all(browser: Browser) -> int:
    return post(browser, GRANTS_PAGE.path, REVOKE_GRANTS.path).status_code


def delete(browser: Browser, client_id: str, name: str) -> None:
    at = {"client_id": client_id}
    answer = post(browser, APP_PAGE.at(**at), DELETE_APP.at(**at), confirm_name=name)
    assert answer.status_code == 303, answer.text


def test_s128_who_has_nothing_to_revoke_writes_nothing(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    consumer, entries = Consumer(deployment, new_person(deployment)), Entries(deployment)
    one = REVOKE_GRANT.at(client_id=client.app.client_id)
    for _ in range(OFTEN):
        assert post(signed_in, GRANTS_PAGE.path, one).status_code == 303
        assert consumer.call("DELETE", f"/consumer/grant/{client.app.client_id}").status_code == 404

    # nor with an app that was never used, made and deleted on pages or by the API
    fields = {**WEATHER, "name": "Mayfly", "redirect_uris": "\r\n".join(WEATHER["redirect_uris"]), "kind": "public"}
    made = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **fields)
    delete(signed_in, made.text.partition(f"{APPS_PAGE.path}/")[2][:36], "Mayfly")
    assert consumer.call("DELETE", consumer.created().headers["Location"]).status_code == 204

    # nor with codes that nobody redeemed
    signed_in.decide(signed_in.get(client.authorize_path()), "allow")
    code = answer_of(signed_in.get(client.authorize_path()))["code"]
    assert {revoke_all(signed_in) for _ in range(OFTEN)} == {303}
    assert_error(redeem(client, code))
    assert entries.new() == 0


def test_s128_everything_ends_with_one_entry_and_once(signed_in: Browser, client: Client, person: Person) -> None:
    tokens = [client.token(grant_type="password", username=person.name, password=person.password) for _ in range(3)]
    own = client.token(grant_type="client_credentials").json()["access_token"]
    entries = Entries(client.deployment)

    assert {revoke_all(signed_in) for _ in range(OFTEN)} == {303}
    assert entries.new() in (1, 2)  # the second one where a second of the clock began meanwhile
    assert {client.revoke(own).status_code for _ in range(OFTEN)} == {200}
    assert entries.new() == 1
    assert all(stops(client.deployment, answer.json()["access_token"]) for answer in tokens)


def test_s128_an_app_that_was_used_once_is_told_when_it_goes(
    deployment: Deployment, person: Person, signed_in: Browser, client: Client
) -> None:
    in_a_fragment = new_client(deployment, person)
    page = signed_in.get(in_a_fragment.authorize_path(response_type="token"))
    tokens = {
        client: client.token(grant_type="client_credentials").json()["access_token"],
        in_a_fragment: answer_of(signed_in.decide(page, "allow"))["access_token"],
    }
    entries = Entries(deployment)
    for app in tokens:
        delete(signed_in, app.app.client_id, app.app.name)

    assert entries.new() == 2
    assert all(stops(deployment, token) for token in tokens.values())
