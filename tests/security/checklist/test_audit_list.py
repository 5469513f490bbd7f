"""The audit list beside the functions' logs: what a role made of the list is named (S371)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from infra.local import running
from infra.local.deployment import Deployment
from infra.tools.integrity.announcements import announced
from infra.tools.integrity.reading import Audit, audit
from infra.tools.operator.erase_user import forget
from infra.tools.operator.target import local_target
from tests.browsing import Browser
from tests.conftest import TEST_SETTINGS
from tests.people import Person, entered, new_person
from tests.security.checklist.acting import as_role

Item = dict[str, Any]
Change = Callable[[Item], Item | None]


def with_(**values: str) -> Change:
    return lambda item: {**item, **{name: {"S": text} for name, text in values.items()}}


def without(name: str, **values: str) -> Change:
    return lambda item: {key: value for key, value in (with_(**values)(item) or {}).items() if key != name}


CHANGES: tuple[tuple[Change, str], ...] = (
    (with_(event="signed_out_everywhere"), "audit entry changed"),
    (with_(reason="slowed down after failed attempts"), "audit entry changed"),
    (without("salt", subject="erased user", source_ip="-"), "audit entry changed"),
    (lambda item: {**item, "ttl": {"N": str(int(time.time()) + 9)}}, "audit entry changed"),
    (lambda item: None, "audit entry missing"),
)


@pytest.fixture(scope="module")
def listed() -> Iterator[Deployment]:
    """A deployment of its own, with a sign-in and a failed one for each change in its list."""
    with Deployment(overrides=TEST_SETTINGS) as deployed, running.announced(deployed.running):
        for _ in CHANGES:
            Browser(deployed.base_url).sign_in(new_person(deployed).name, "a wrong password")
        entered(deployed, new_person(deployed))
        yield deployed


def looked_at(deployment: Deployment) -> Audit:
    target = local_target(deployment.running.port)
    return audit(
        target.client("dynamodb"),
        target.tables,
        said=lambda: announced(target, now=time.time()),
        settled=0,
        sleep=lambda seconds: time.sleep(0.2),
    )


def items(deployment: Deployment) -> list[Item]:
    found: list[Item] = deployment.client("dynamodb").scan(TableName=deployment.tables["audit"])["Items"]
    return found


def entries(deployment: Deployment, event: str) -> list[Item]:
    """The items of an event in the lists of days."""
    return [item for item in items(deployment) if item["event"]["S"] == event and "#" not in item["day"]["S"]]


def test_s371_what_the_functions_wrote_is_what_their_logs_say(listed: Deployment) -> None:
    found = looked_at(listed)

    assert found.findings == []
    assert found.audit_list is not None
    assert found.audit_list.entries >= 2


def test_s371_what_other_code_made_of_the_list_is_named(listed: Deployment) -> None:
    table, database, forger = listed.tables["audit"], listed.client("dynamodb"), as_role(listed, "register_app")
    before = entries(listed, "sign_in_failed")
    expected: set[tuple[str, str]] = set()
    for item, (change, name) in zip(before, CHANGES, strict=True):
        changed = change(item)
        if changed is None:  # which no role may
            database.delete_item(TableName=table, Key={"day": item["day"], "sk": item["sk"]})
        else:
            forger.put_item(TableName=table, Item=changed)
        expected.add((name, f"audit: {item['day']['S']} {item['sk']['S']}"))
    (genuine,) = entries(listed, "signed_in")
    made_up = {**genuine, "entry_id": {"S": "30000000-0000-4000-8000-00000000abcd"}}
    made_up["sk"] = {"S": f"{genuine['sk']['S'].partition('#')[0]}#{made_up['entry_id']['S']}"}
    forger.put_item(TableName=table, Item=made_up)
    expected.add(("audit entry that nobody announced", f"audit: {made_up['day']['S']} {made_up['sk']['S']}"))

    found = looked_at(listed).findings
    assert {(each.name, each.key) for each in found} == expected
    assert len(found) == len(expected)
    for item in before:
        database.put_item(TableName=table, Item=item)
    database.delete_item(TableName=table, Key={"day": made_up["day"], "sk": made_up["sk"]})


def test_s371_an_erasure_is_told_from_a_change(listed: Deployment) -> None:
    person: Person = new_person(listed)
    Browser(listed.base_url).sign_in(person.name, "a wrong password")
    entered(listed, person)

    forget(local_target(listed.running.port), person.name, by_id=False, now=time.time())

    found = looked_at(listed)
    assert found.findings == []
    assert found.audit_list is not None
    assert [each.record.event for each in found.audit_list.by_hand] == ["account_erased"]
    of_person = [item for item in items(listed) if person.user.user_id in (_text(item, "actor"), _text(item, "about"))]
    assert {_text(item, "salt") for item in of_person if _text(item, "event") != "account_erased"} == {""}


def _text(item: Mapping[str, Any], name: str) -> str:
    return str(item.get(name, {}).get("S", ""))
