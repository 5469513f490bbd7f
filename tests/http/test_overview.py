"""/developer/admin/overview and the use of an app on its page, on the deployed template."""

import re
import time
from datetime import UTC, datetime
from html import unescape

import pytest
import requests

from gatepost.audit_log.counting import SETTLED
from gatepost.identifiers import new_id
from gatepost.model.audit_entry import AuditEntry
from gatepost.model.counts import day_of
from gatepost.routes import ADMIN_OVERVIEW_PAGE, APP_PAGE
from infra.local.deployment import Deployment
from infra.tools.integrity.reading import read_tables
from tests.answers import text_of
from tests.browsing import Browser
from tests.people import Client, Person, new_client, new_person

MUCH = 10_000_000  # more than the other apps of this deployment
MANY = 20  # more than others fail to sign in meanwhile


@pytest.fixture(scope="module")
def deployment(extended: Deployment) -> Deployment:
    """A deployment with few apps."""
    return extended


def drawn(page: requests.Response) -> list[str]:
    return re.findall(r'role="img" aria-label="([^"]+)"', page.text)


def short_day(moment: float) -> str:
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at.day} {at:%b}"


def happened(deployment: Deployment, event: str, at: float) -> None:
    entry = AuditEntry(entry_id=new_id(), at=at, event=event, reason="account waits for approval")
    deployment.store.record(entry, keep_until=int(at) + 90 * 86400)


def test_the_most_used_apps_come_first_with_their_tokens_and_a_page(
    deployment: Deployment, admin: Browser, person: Person
) -> None:
    first, second = new_client(deployment, person), new_client(deployment, person)
    deployment.store.add_tokens(first.app.client_id, 2 * MUCH, now=time.time() - 86400)
    deployment.store.add_tokens(second.app.client_id, MUCH, now=time.time())

    page = admin.get(ADMIN_OVERVIEW_PAGE.path)

    assert f"Last used {first.app.name} 20,000,000 Never {second.app.name} 10,000,000 Never" in text_of(page)
    assert f'href="/developer/admin/apps/{first.app.client_id}"' in page.text
    assert drawn(page)[0].startswith("Tokens: 30,00")
    assert f"most on {day_of(time.time() - 86400)}: 20,00" in drawn(page)[0]


def test_an_active_app_without_a_token_is_listed_as_not_used_until_it_gets_one(
    deployment: Deployment, admin: Browser, client: Client
) -> None:
    def unused() -> str:
        pages, path = "", f"{ADMIN_OVERVIEW_PAGE.path}?show=unused"
        while path:
            page = admin.get(path)
            pages += page.text
            following = re.search(r'rel="next" href="([^"]+)"', page.text)
            path = unescape(following[1]) if following else ""
        return pages

    assert client.app.client_id in unused()
    assert client.token(grant_type="client_credentials").status_code == 200
    assert client.app.client_id not in unused()


def test_what_happened_is_counted_once_and_what_came_since_is_added(deployment: Deployment, admin: Browser) -> None:
    def failures() -> int:
        said = " ".join(drawn(admin.get(ADMIN_OVERVIEW_PAGE.path)))
        number = re.search(r"Failed sign-ins: ([\d,]+) in 30", said)  # not drawn if there are none
        return int(number[1].replace(",", "")) if number else 0

    before, settled_at = failures(), time.time() + 4  # today is counted to two minutes ago
    for _ in range(MANY):
        happened(deployment, "sign_in_failed", settled_at - SETTLED)
    assert failures() - before < MANY
    time.sleep(max(0.0, settled_at + 0.5 - time.time()))
    counted = [(failures() - before) // MANY for _ in range(2)]
    assert counted == [1, 1]
    reasons = text_of(admin.get(ADMIN_OVERVIEW_PAGE.path)).partition("Failed sign-ins by reason")[2]
    assert re.search(r"Account waits for approval \d\d", reasons)


def test_a_period_is_in_the_address_and_compared_with_the_one_before(
    deployment: Deployment, admin: Browser, client: Client
) -> None:
    deployment.store.add_tokens(client.app.client_id, 4711, now=time.time() - 40 * 86400)
    week, quarter, month = (admin.get(f"{ADMIN_OVERVIEW_PAGE.path}?show=used&days={days}") for days in (7, 90, 8))

    assert f"{client.app.name} 4,711" in text_of(quarter)
    assert "none in the 90 days before" in text_of(quarter)
    assert client.app.client_id not in week.text + month.text
    assert (" in 7 days" in drawn(week)[0], " in 30 days" in drawn(month)[0]) == (True, True)


def test_each_grant_counts_its_tokens_and_an_owner_sees_them_by_day(
    deployment: Deployment, signed_in: Browser, person: Person, client: Client
) -> None:
    path = APP_PAGE.at(client_id=client.app.client_id)
    assert "No tokens were issued to this app in the last 30 days." in text_of(signed_in.get(path))

    deployment.store.add_tokens(client.app.client_id, 41, now=time.time() - 3 * 86400)
    first = client.tokens(person)  # a token of a code
    assert client.refresh(first["refresh_token"]).status_code == 200
    assert client.token(grant_type="client_credentials").status_code == 200

    page = signed_in.get(path)
    assert drawn(page) == [f"Tokens: 44 in 30 days, most on {day_of(time.time() - 3 * 86400)}: 41"]
    assert f"{short_day(time.time())} 3 " in text_of(page)  # the first at once, then two that are more than it
    assert "none in the 30 days before" in text_of(page)


def test_s220_neither_the_counts_of_all_apps_nor_those_of_anothers_app_are_shown_to_a_user(
    deployment: Deployment, signed_in: Browser
) -> None:
    other = new_client(deployment, new_person(deployment))
    deployment.store.add_tokens(other.app.client_id, 4711, now=time.time())

    assert signed_in.get(ADMIN_OVERVIEW_PAGE.path).status_code == 403
    assert ADMIN_OVERVIEW_PAGE.path not in signed_in.get("/developer/account").text
    page = signed_in.get(APP_PAGE.at(client_id=other.app.client_id))
    assert page.status_code == 404
    assert "4,711" not in page.text


def test_s220_counts_name_apps_and_days_and_nobody(deployment: Deployment, admin: Browser, client: Client) -> None:
    client.token(grant_type="client_credentials")
    assert admin.get(ADMIN_OVERVIEW_PAGE.path).status_code == 200

    tables = read_tables(deployment.client("dynamodb"), deployment.tables)
    counts, apps = tables["counts"], {item["client_id"]["S"] for item in tables["apps"]}
    assert counts
    for item in counts:
        kinds = {name: kind for name, value in item.items() for kind in value}
        texts = {name for name, kind in kinds.items() if kind != "N"}
        assert texts <= {"pk", "sk", "reached"}
        assert re.fullmatch(r"tokens#\d{4}-\d\d|events", item["pk"]["S"])
        assert item["pk"]["S"] == "events" or item["sk"]["S"] in apps
