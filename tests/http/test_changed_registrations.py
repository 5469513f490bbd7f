"""Changes of registrations are limited, and their audit entries few and small (S358)."""

from __future__ import annotations

from gatepost.stores.audit_lists import app_list
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.http.registering import CALLBACK, INSPECTOR, manage, stranger


def test_s358_a_registration_that_is_changed_all_the_time_is_told_to_wait_and_fills_no_list(
    deployment: Deployment,
) -> None:
    app = stranger(deployment)
    key = app.client.app.client_id
    many = [f"{CALLBACK}/{number}/{'p' * 300}" for number in range(10)]
    bodies = [
        {**INSPECTOR, "client_id": key, "client_name": name, "redirect_uris": uris}
        for name, uris in (("Claude", many), ("Claude", many), ("MCP Inspector", INSPECTOR["redirect_uris"]))
    ]

    answers = [manage(app.registered, "PUT", json=bodies[number % 3]) for number in range(24)]

    assert [each.status_code for each in answers] == [200] * 20 + [429] * 4
    assert_error(answers[-1], 429, "temporarily_unavailable")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    found = deployment.store.entries(app_list(key), cursor=None, limit=50).items
    entries = [each for each in found if each.event == "registration_changed"]
    assert len(entries) in (2, 4)  # there and back, in one hour or on the edge of two
    assert all(sum(map(len, each.changes)) < 700 for each in entries)
    assert manage(app.registered, "DELETE").status_code == 204
