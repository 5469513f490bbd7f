"""The flows of authorization: the consent page, its answers, and remembered approvals."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from gatepost.identifiers import digest
from gatepost.model.records import Approval, Grant
from gatepost.routes import (
    AUTHORIZE,
    CONSENT,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import ApprovalKey, GrantKey
from tests.security.faults.events import event, page
from tests.security.faults.flow import Flows
from tests.security.faults.world import ALICE, REQUEST_ID, Answer, Event, World
from tests.unit.world import CALLBACK

FLOWS = Flows()
ASKED = {"response_type": "code", "redirect_uri": CALLBACK, "state": "a state", "scope": "read"}


def grants(world: World) -> list[Grant]:
    """Alice's grants."""
    return list(world.store.grants_of(ALICE.user_id))


def ask(world: World, **changes: str) -> Event:
    return page(AUTHORIZE, query={"client_id": world.web.client_id, **ASKED, **changes})


def code_came(world: World, answer: Answer | None) -> None:
    """One code, with its record and a grant that waits for it; or a grant whose code was lost on the way."""
    assert all(grant.redeem_before and not grant.redeemed_by for grant in grants(world))
    if answer is not None:
        code = parse_qs(urlsplit(answer["headers"]["Location"]).query)["code"][0]
        records = {item["code_hash"]["S"]: item["grant_id"]["S"] for item in world.cloud.items()["codes"]}
        assert records[digest(code)] in {grant.grant_id for grant in grants(world)}


def approved(world: World, answer: Answer | None) -> None:
    code_came(world, answer)
    (approval,) = world.store.read(ApprovalKey(ALICE.user_id, world.web.client_id))
    assert approval is not None


@FLOWS.add("authorize", "consent page", "200")
def _(world: World) -> Event:
    return ask(world)


@FLOWS.add("authorize", "not signed in", "303 /developer/login")
def _(world: World) -> Event:
    return event(AUTHORIZE, query={"client_id": world.web.client_id, **ASKED})


@FLOWS.add("authorize", "remembered approval", "303 code", check=code_came)
def _(world: World) -> Event:
    remember(world)
    return ask(world)


@FLOWS.add("authorize", "remembered, for more", "200")
def _(world: World) -> Event:
    remember(world)
    return ask(world, scope="read write")


def told_once(world: World, answer: Answer | None) -> None:
    """One problem at most; the SDK may count it twice, where it repeats a write whose response was lost."""
    problems = world.store.problems_of(world.web.client_id)
    assert len(problems) <= 1
    assert all(each.times <= 2 for each in problems)


@FLOWS.add("authorize", "redirect URI that is not registered", "400", check=told_once)
def _(world: World) -> Event:
    return ask(world, redirect_uri=f"{CALLBACK}/")


@FLOWS.add("authorize", "prompt=none", "303 consent_required")
def _(world: World) -> Event:
    return ask(world, prompt="none")


def remember(world: World) -> None:
    """Alice approved `read` before."""
    approval = Approval(
        user_id=ALICE.user_id, client_id=world.web.client_id, scope=Scope.of("read"), approved_at=int(world.now)
    )
    code = world.grant_code()
    (record,) = [item for item in world.cloud.items()["codes"] if item["code_hash"]["S"] == digest(code)]
    (grant,) = world.store.read(GrantKey(record["grant_id"]["S"]))
    assert grant is not None
    world.store.approve(grant, user=ALICE, code=None, approval=approval)


def answer_form(decision: str) -> Event:
    return page(CONSENT, form={"decision": decision, "request_id": REQUEST_ID})


@FLOWS.add("consent", "allow", "303 code", check=approved, again=("400",))
def _(world: World) -> Event:
    world.pending()
    return answer_form("allow")


def denied(world: World, answer: Answer | None) -> None:
    assert grants(world) == []
    assert not [item for item in world.cloud.items()["sessions"] if "request_hash" in item]


@FLOWS.add("consent", "deny", "303 access_denied", check=denied, again=("400",))
def _(world: World) -> Event:
    world.pending()
    return answer_form("deny")


def token_came(world: World, answer: Answer | None) -> None:
    assert {grant.grant_type for grant in grants(world)} == {"implicit"}


@FLOWS.add("consent", "allow, implicit", "303 token", check=token_came, again=("400",))
def _(world: World) -> Event:
    world.pending(response_type="token")
    return answer_form("allow")


@FLOWS.add("authorize", "remembered approval of an app from before", "303 code", check=code_came)
def _(world: World) -> Event:
    remember(world)
    world.from_before()
    return ask(world)
