"""Administrators' searches among users and apps."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from gatepost.identifiers import new_id
from gatepost.routes import ADMIN_APPS_PAGE, ADMIN_USERS_PAGE
from infra.local.deployment import Deployment
from tests.answers import text_of
from tests.browsing import Browser
from tests.people import Client, Person, new_person


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


def test_apps_are_found_by_key_and_by_a_part_of_their_name_from_page_to_page(
    deployment: Deployment, admin: Browser, client: Client
) -> None:
    path, owner = ADMIN_APPS_PAGE.path, new_person(deployment)
    assert client.app.name in text_of(admin.get(f"{path}?q={client.app.client_id}"))
    assert "No apps match" in text_of(admin.get(f"{path}?q=no-such-name&order=oldest"))
    word = f"paged{owner.name[-6:]}"
    wanted = [f"{word} <{number}>" for number in range(20)]
    for number, name in enumerate([*wanted, "another"]):
        app = replace(client.app, name=name, owner=owner.user.user_id, created_at=1_700_000_000 + number // 2)
        deployment.store.create_app(replace(app, client_id=new_id()), owner=owner.user, limit=100)

    for order in ("", "&order=oldest"):
        found: list[str] = []
        following: str | None = f"{path}?q={word.upper()}{order}"
        while following:
            page = admin.get(following).text
            found += [html.unescape(each) for each in re.findall(rf"<bdi>({word} [^<]+)</bdi></a></h2>", page)]
            link = re.search(r'rel="next" href="([^"]+)"', page)
            following = html.unescape(link[1]) if link else None
        assert len(found) == len(set(found)) == 20
        assert set(found) == set(wanted)
        ages = [wanted.index(name) // 2 for name in found]
        assert ages == sorted(ages, reverse=not order)
