"""The flows of authorization: the consent page, its answers, remembered approvals, and apps known by a document."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gatepost.clients.documents import fetched_app
from gatepost.clients.lifecycle import activate_app
from gatepost.identifiers import digest
from gatepost.model.fetching import Fetched
from gatepost.model.records import App, Approval
from gatepost.routes import AUTHORIZE, CONSENT
from gatepost.scope import Scope
from gatepost.stores.record_keys import ApprovalKey, LogoKey, app_key
from tests.security.faults.events import event, page
from tests.security.faults.fetched import DOCUMENT, LOGO, LOGO_AT, PUBLISHED, REFUSING
from tests.security.faults.flow import Check, every, flow, gone, grants, has, in_feed
from tests.security.faults.token_flows import BOTH, CONFIGURED, REPORTS, TOOLS
from tests.security.faults.world import ALICE, REQUEST_ID, Answer, Event, World
from tests.unit.world import CALLBACK, CHALLENGE, WEB

ASKED = {"client_id": WEB, "response_type": "code", "redirect_uri": CALLBACK, "state": "a state", "scope": "read"}
APPROVAL = ApprovalKey(ALICE.user_id, WEB)


def ask(**changes: Any) -> Event:
    return page(AUTHORIZE, query={**ASKED, **changes})


def ask_of(document: str) -> Event:
    """Ask for a code of the app of a document, from a page of the server."""
    query = {**ASKED, "client_id": document, "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    return page(AUTHORIZE, query=query, headers={"Sec-Fetch-Site": "same-origin"})


def answer_form(decision: str) -> Event:
    return page(CONSENT, form={"decision": decision, "request_id": REQUEST_ID})


def remember(world: World) -> None:
    """Alice approved `read` before."""
    world.grant_code(
        approval=Approval(user_id=ALICE.user_id, client_id=WEB, scope=Scope.of("read"), approved_at=int(world.now))
    )


def approve_both(world: World) -> None:
    world.pending(resources=BOTH)
    world.call("consent", answer_form("allow"))


def code_came(world: World, answer: Answer | None) -> None:
    """One code, with its record and a grant that waits for it; or a grant whose code was lost on the way."""
    assert all(grant.redeem_before and not grant.redeemed_by for grant in grants(world))
    if answer is not None:
        code = parse_qs(urlsplit(answer["headers"]["Location"]).query)["code"][0]
        records = {item["code_hash"]["S"]: item["grant_id"]["S"] for item in world.cloud.items()["codes"]}
        assert records[digest(code)] in {grant.grant_id for grant in grants(world)}


def code_for_both_came(world: World, answer: Answer | None) -> None:
    code_came(world, answer)
    assert {grant.resources for grant in grants(world)} == {BOTH}
    assert {tuple(part["S"] for part in item["resources"]["L"]) for item in world.cloud.items()["codes"]} == {BOTH}


def denied(world: World, answer: Answer | None) -> None:
    assert grants(world) == []
    assert not [item for item in world.cloud.items()["sessions"] if "request_hash" in item]


def token_came(world: World, answer: Answer | None) -> None:
    assert {grant.grant_type for grant in grants(world)} == {"implicit"}


def told_once(world: World, answer: Answer | None) -> None:
    """One problem at most; the SDK may count it twice, where it repeats a write whose response was lost."""
    problems = world.store.problems_of(WEB)
    assert len(problems) <= 1
    assert all(each.times <= 2 for each in problems)


BOTH_APPROVED = has(APPROVAL, scope=Scope(), resources=(f"{REPORTS} read", f"{TOOLS} read"))
TWO: dict[str, Any] = {"query": {**ASKED, "resource": BOTH}}
FLOWS = [
    flow("authorize", "consent page", ask()),
    flow("authorize", "not signed in", event(AUTHORIZE, query=ASKED), "303 /developer/login"),
    flow("authorize", "remembered approval", ask(), "303 code", given=remember, check=code_came),
    flow("authorize", "URI that is not registered", ask(redirect_uri=f"{CALLBACK}/"), "400", check=told_once),
    flow("authorize", "prompt=none", ask(prompt="none"), "303 consent_required"),
    flow(
        *("consent", "allow", answer_form("allow"), "303 code"),
        given=World.pending,
        check=every(code_came, has(APPROVAL)),
        again="400",
    ),
    flow(
        *("consent", "deny", answer_form("deny"), "303 access_denied"),
        given=World.pending,
        check=denied,
        again="400",
    ),
    flow(
        *("consent", "allow, implicit", answer_form("allow"), "303 token"),
        given=lambda world: world.pending(response_type="token"),
        check=token_came,
        again="400",
    ),
    flow(
        *("consent", "allow, for two resources", answer_form("allow"), "303 code"),
        given=lambda world: world.pending(resources=BOTH),
        check=every(code_for_both_came, BOTH_APPROVED),
        again="400",
        resources=CONFIGURED,
    ),
    flow(
        *("authorize", "remembered approval of two resources", page(AUTHORIZE, **TWO), "303 code"),
        given=approve_both,
        check=code_for_both_came,
        resources=CONFIGURED,
    ),
]


class Earlier:
    """Implements fetching.Fetcher: the document as it was."""

    def __init__(self, name: str) -> None:
        self._name = name

    def fetch(self, _outbound: object) -> Fetched:
        text = json.dumps({**PUBLISHED, "client_name": self._name})
        return Fetched(status=200, content_type="application/json", cache_control="max-age=60", body=text)


def known(world: World, age: int = 0, name: str = "As it was") -> App:
    """The app of the document as it was, fetched `age` seconds ago."""
    told: Any = {"user": ALICE, "source_ip": "192.0.2.7", "changed": lambda *_: None}
    told |= {"illustrator": lambda: None, "approved": lambda _: False}
    return fetched_app(world.server, lambda: Earlier(name), DOCUMENT, None, **told, now=world.now - age)


def approved(world: World) -> App:
    """The app of the document as it is, and long ago, which Alice approved."""
    app = known(world, 3600, str(PUBLISHED["client_name"]))
    world.grant_code(
        app=app,
        approval=Approval(
            user_id=ALICE.user_id, client_id=app.client_id, scope=Scope.of("read"), approved_at=int(world.now)
        ),
    )
    return app


def with_logo(world: World) -> None:
    drawn = approved(world)._replace(logo=LOGO.digest, logo_uri=LOGO_AT, version=2)
    world.store.set_app_logo(drawn, before=record(world), logo=LOGO)


def record(world: World) -> App:
    app: App | None = world.store.read(app_key(DOCUMENT))[0]
    assert app is not None
    return app


def ends_what_it_had(world: World, answer: Answer | None) -> None:
    in_feed("client", record(world).client_id)(world, answer)


def code_of_document_came(world: World, answer: Answer | None) -> None:
    code_came(world, answer)
    assert all(grant.client_id == record(world).client_id for grant in grants(world))


def document(**expected: object) -> Check:
    return has(app_key(DOCUMENT), **expected)


def logo_or_none_yet(world: World, answer: Answer | None) -> None:
    """It is taken with the document: whoever asks again after that finds the document fresh."""
    app = record(world)
    assert (app.logo, app.logo_uri) in [("", ""), (LOGO.digest, LOGO_AT)]
    assert (world.store.read(LogoKey(app.client_id))[0] is None) == (app.logo == "")


READ_ANEW = document(name=PUBLISHED["client_name"], redirect_uris=(CALLBACK,))
WAITS_AGAIN = every(READ_ANEW, document(status="pending", granted_look="", looks=1), ends_what_it_had)
OPEN: dict[str, Any] = {"client_id_documents": "open"}
FLOWS += [
    flow("authorize", "document that is not known", ask_of(DOCUMENT), check=READ_ANEW, **OPEN),
    flow(
        *("authorize", "document that is not fresh", ask_of(DOCUMENT)),
        given=lambda world: known(world, 3600),
        check=READ_ANEW,
        **OPEN,
    ),
    flow(
        *("authorize", "document that looks different", ask_of(DOCUMENT), "400"),
        given=lambda world: activate_app(world.store, known(world, 3600), now=world.now - 3600),
        check=WAITS_AGAIN,
        client_id_documents="approval",
    ),
    flow(
        *("authorize", "document that is fresh", ask_of(DOCUMENT)),
        given=known,
        check=document(name="As it was"),
        **OPEN,
    ),
    flow(
        *("authorize", "logo of a document, after an approval", ask_of(DOCUMENT)),
        given=approved,
        check=logo_or_none_yet,
        **OPEN,
    ),
    flow(
        *("authorize", "document with a logo that is not fresh", ask_of(DOCUMENT)),
        given=with_logo,
        check=document(logo=LOGO.digest),
        **OPEN,
    ),
    flow("authorize", "document that is not there", ask_of(REFUSING), "400", check=gone(app_key(REFUSING)), **OPEN),
    flow(
        *("consent", "allow, app of a document", answer_form("allow"), "303 code"),
        given=lambda world: world.pending(known(world)),
        check=code_of_document_came,
        again="400",
        **OPEN,
    ),
]
