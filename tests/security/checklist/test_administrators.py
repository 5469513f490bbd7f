"""There is always an administrator, whoever removes whom (S125, S353)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gatepost.model.records import User
from gatepost.routes import ACCOUNT_PAGE, ADMIN_CHANGE_USER, ADMIN_USER_PAGE, ADMIN_USERS_PAGE, DELETE_ACCOUNT
from gatepost.stores.record_keys import UserKey
from infra.local import running
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_token_of, post, post_with
from tests.operating import operate
from tests.people import Person, entered, new_administrator, new_client, opens

SENTENCE = "This is the only administrator. Make someone else an administrator first."
ADMINISTRATES = ("administrator", "active")


def administrators(deployment: Deployment) -> list[User]:
    found: list[User] = []
    cursor: str | None = None
    while True:
        page = deployment.store.users("", cursor=cursor, limit=100)
        found += [user for user in page.items if user.role == "administrator"]
        cursor = page.cursor
        if cursor is None:
            return found


@pytest.fixture
def alone(deployment: Deployment) -> Iterator[Deployment]:
    """The deployment as if it had no administrator, and afterwards without those of the test."""
    before = administrators(deployment)
    for user in before:
        deployment.store.set_user_rights(user.user_id, role="user")
    yield deployment
    for user in administrators(deployment):
        deployment.store.set_user_rights(user.user_id, role="user")
    for user in before:
        deployment.store.set_user_rights(user.user_id, role="administrator")


def administrator(deployment: Deployment) -> tuple[Person, Browser]:
    person = new_administrator(deployment)
    return person, entered(deployment, person)


def left(deployment: Deployment, *people: Person) -> int:
    """Return the number of active administrators among `people`."""
    found = [deployment.store.read(UserKey(person.user.user_id))[0] for person in people]
    return len([user for user in found if isinstance(user, User) and (user.role, user.status) == ADMINISTRATES])


def test_s125_the_only_administrator_can_not_leave(alone: Deployment) -> None:
    boss, browser = administrator(alone)
    going, at = {"confirm_name": boss.name, "current_password": boss.password}, {"user_id": boss.user.user_id}

    answer = post(browser, ACCOUNT_PAGE.path, DELETE_ACCOUNT.path, **going)
    assert answer.status_code == 400
    assert SENTENCE in answer.text
    for fields in TAKEN_AWAY.values():
        assert post(browser, ADMIN_USER_PAGE.at(**at), ADMIN_CHANGE_USER.at(**at), **fields).status_code == 400
    with running.announced(alone.running):
        code, said = operate("erase_user", "--port", str(alone.running.port), "--yes", "--", boss.name)
    assert (code, SENTENCE in said) == (1, True)
    assert left(alone, boss) == 1

    other, _ = administrator(alone)
    assert post(browser, ACCOUNT_PAGE.path, DELETE_ACCOUNT.path, **going).status_code == 303
    assert left(alone, boss, other) == 1


def test_s353_of_two_administrators_who_delete_themselves_at_once_the_one_who_stays_has_lost_nothing(
    alone: Deployment,
) -> None:
    for _ in range(2):
        both = [administrator(alone) for _ in range(2)]
        clients = [new_client(alone, person) for person, _ in both]
        tokens = [client.tokens(person) for client, (person, _) in zip(clients, both, strict=True)]
        form_tokens = [form_token_of(browser, ACCOUNT_PAGE.path) for _, browser in both]

        def leave(of: int, both: Any = both, form_tokens: Any = form_tokens) -> int:
            person, browser = both[of]
            going = {"confirm_name": person.name, "current_password": person.password}
            return post_with(browser, form_tokens[of], DELETE_ACCOUNT.path, **going).status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(leave, range(2))) == [303, 400]

        (stays,) = [of for of in range(2) if left(alone, both[of][0])]
        person, browser = both[stays]
        assert browser.get(ACCOUNT_PAGE.path).status_code == 200
        assert opens(alone, tokens[stays]["access_token"])
        assert clients[stays].refresh(tokens[stays]["refresh_token"]).status_code == 200
        alone.store.set_user_rights(person.user.user_id, role="user")


TAKEN_AWAY: dict[str, dict[str, str]] = {
    "demoted": {"action": "role", "role": "user"},
    "deactivated": {"action": "deactivate"},
}


@pytest.mark.parametrize("fields", TAKEN_AWAY.values(), ids=TAKEN_AWAY)
def test_s125_two_administrators_who_take_each_other_away_at_once_leave_one(
    alone: Deployment, fields: dict[str, str]
) -> None:
    for _ in range(3):
        (one, ones), (other, others) = administrator(alone), administrator(alone)
        # the pages are open before: who is demoted gets no more of them
        tokens = [form_token_of(browser, ADMIN_USERS_PAGE.path) for browser in (ones, others)]

        def press(browser: Browser, token: str, person: Person) -> int:
            path = ADMIN_CHANGE_USER.at(user_id=person.user.user_id)
            return post_with(browser, token, path, **fields).status_code

        with ThreadPoolExecutor(2) as pool:
            assert set(pool.map(press, (ones, others), tokens, (other, one))) <= {303, 400, 403}

        assert left(alone, one, other) == 1
        for each in (one, other):
            alone.store.set_user_rights(each.user.user_id, role="user")
