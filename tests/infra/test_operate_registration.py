"""`make registration-token`: a token with which apps register themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from infra.local.deployment import Deployment
from tests.http.registering import register
from tests.operating import operate


def test_an_operator_makes_a_token_for_registrations(whole: Deployment) -> None:
    code, said = operate("registration_token", "--port", str(whole.running.port), "--", "2", "7")

    token, sentence, _ = said.split("\n")
    endpoint = f"{whole.base_url}/authorization/register"
    assert code == 0
    assert (
        sentence == f"It is good for 2 apps and 7 days, as the bearer token of POST {endpoint}. It is not shown again."
    )
    headers = {"Authorization": f"Bearer {token}"}
    assert [register(whole, headers=headers).status_code for _ in range(3)] == [201, 201, 401]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    entries = whole.store.entries(today, cursor=None, limit=100).items
    assert [(each.event, each.actor_name) for each in entries if each.event == "permit_created"] == [
        ("permit_created", "operator")
    ]


def test_where_none_is_needed_it_says_so(port: str) -> None:
    code, said = operate("registration_token", "--port", port, "--", "1", "1")

    assert code == 1
    assert "takes no such token: dynamic_registration is open, not token." in said


@pytest.mark.parametrize("arguments", [("0", "7"), ("1", "0"), ("10001", "7"), ("1", "366")])
def test_a_number_that_can_t_be_is_refused_before_anything_is_made(arguments: tuple[str, str]) -> None:
    code, said = operate("registration_token", "--port", "1", "--", *arguments)

    assert code == 2
    assert "APPS is a number from 1 to 10000, DAYS one from 1 to 365." in said
