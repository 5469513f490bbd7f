"""Administrators' searches among users and apps."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from gatepost.identifiers import new_id
from gatepost.model.records import App
from gatepost.routes import ADMIN_APPS_PAGE, ADMIN_USERS_PAGE
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import text_of
from tests.browsing import Browser
from tests.people import Client, Person, new_client, new_person


def test_users_are_found_by_address_and_id_and_listed_in_either_order(
    deployment: Deployment, admin: Browser, person: Person
) -> None:
    address = f"{person.name}@example.test"
    deployment.store.change_email(person.user, address, confirmed=True)

    for typed in (address.upper(), person.user.user_id):
        assert person.name in text_of(admin.get(f"{ADMIN_USERS_PAGE.path}?q={typed}"))
    for typed in ("nobody@example.test", "00000000-0000-4000-8000-000000000000", "@"):
        assert "No users match" in text_of(admin.get(f"{ADMIN_USERS_PAGE.path}?q={typed}"))
    names = [
        re.findall(r'<th scope="row"><a[^>]*><bdi>([^<]+)', admin.get(f"{ADMIN_USERS_PAGE.path}?{order}").text)
        for order in ("", "order=z-a")
    ]
    assert [names[0], names[1]] == [sorted(names[0]), sorted(names[1], reverse=True)]


def test_apps_are_found_by_key_and_by_a_part_of_their_name(
    deployment: Deployment, admin: Browser, client: Client, person: Person
) -> None:
    other = new_client(deployment, person, name="Weather of the <coast>")
    path = ADMIN_APPS_PAGE.path

    assert client.app.name in text_of(admin.get(f"{path}?q={client.app.client_id}"))
    found = admin.get(f"{path}?q=OF%20THE%20%3Cco")
    assert other.app.name in text_of(found)
    assert "<coast>" not in found.text
    assert client.app.client_id not in found.text
    assert "No apps match" in text_of(admin.get(f"{path}?q=no-such-name&order=oldest"))


@pytest.mark.parametrize("order", ["", "&order=oldest"])
def test_a_search_among_apps_goes_on_where_it_stopped(deployment: Deployment, admin: Browser, order: str) -> None:
    owner = new_person(deployment)
    word = f"paged{owner.name[-6:]}"
    wanted = [f"{word} {number}" for number in range(20)]
    for number, name in enumerate([*wanted, "another"]):
        app = replace(new_client_record(owner), name=name, created_at=1_700_000_000 + number // 2, client_id=new_id())
        deployment.store.create_app(app, owner=owner.user, limit=100)

    found: list[str] = []
    path: str | None = f"{ADMIN_APPS_PAGE.path}?q={word.upper()}{order}"
    while path:
        page = admin.get(path).text
        found += re.findall(rf"<bdi>({word} \d+)</bdi></a></h2>", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = html.unescape(following[1]) if following else None

    assert len(found) == len(set(found)) == 20
    assert set(found) == set(wanted)
    ages = [int(name.rpartition(" ")[2]) // 2 for name in found]
    assert ages == sorted(ages, reverse=not order)


def new_client_record(owner: Person) -> App:
    return App(
        client_id="",
        owner=owner.user.user_id,
        name="",
        url="https://paged.example.test",
        grant_types=("authorization_code",),
        confidential=False,
        scope=Scope.of("read"),
        own_scope=Scope(),
        status="active",
        created_at=0,
    )
