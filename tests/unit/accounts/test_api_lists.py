"""For which API a token is, as the consent page, the console and the consumer API say it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from gatepost.accounts.api_lists import app_at_resources, asked_apis, granted_apis
from gatepost.accounts.connected_apps import connections_of
from gatepost.clients.admin_decisions import grant_scopes
from gatepost.clients.scopes import loses_something, overall_policy
from gatepost.console.app_tabs import app_apis
from gatepost.console.snippets import authorize_url, snippets_for
from gatepost.model.records import Approval
from gatepost.oauth.resource_indicators import requested_targets
from gatepost.resource import Resource
from gatepost.scope import Scope
from tests.unit.console.states import page
from tests.unit.consumer.api import Api
from tests.unit.world import ALICE, APPROVAL, NOW, OWNER, READ, READ_WRITE, SETTINGS, WEB, WRITE, World, web_app

OWN, REPORTS, TOOLS = "https://api.example.test", "https://reports.example.test", "https://tools.example.test/mcp"
CONFIGURED = SETTINGS._replace(
    scopes={**SETTINGS.scopes, "jobs.run": "Run jobs"},
    resource_scopes=Scope.of("jobs.run"),
    client_credentials_scopes={"read": "open"},
    resources={
        REPORTS: Resource("Reports", {"read": "Read your reports"}, {"read": "never"}),
        "https://tools.example.test/*": Resource("Tools", {"write": "", "jobs.run": ""}, {"jobs.run": "open"}),
        "/notes": Resource("Notes", {"admin": ""}, {}),
    },
)


def targets(*resources: str) -> Any:
    return requested_targets(CONFIGURED, {"resource": "\n".join(resources)} if resources else {})


# The consent page


def test_s38_consent_says_api_by_api_what_is_asked_for() -> None:
    known = Approval(user_id="alice-id", client_id=WEB, scope=READ, approved_at=NOW, resources=(f"{TOOLS} write",))

    apis = asked_apis(targets(REPORTS, TOOLS, OWN), READ_WRITE, known, CONFIGURED)
    assert [(api["name"], api["url"]) for api in apis] == [("Reports", REPORTS), ("Tools", TOOLS), ("Gatepost", "")]
    assert [api["scopes"] for api in apis] == [
        [{"name": "read", "description": "Read your reports", "is_new": True}],
        [{"name": "write", "description": "Change your data", "is_new": False}],
        [
            {"name": "read", "description": "Read your data", "is_new": False},
            {"name": "write", "description": "Change your data", "is_new": True},
        ],
    ]


def test_a_request_without_a_resource_names_no_api() -> None:
    (api,) = asked_apis(targets(), READ, None, CONFIGURED)

    assert (api["name"], api["url"]) == ("", "")


# An app


def test_an_app_shows_the_apis_that_take_its_scopes_and_what_it_has_for_itself_there() -> None:
    app = web_app(scope=Scope.of("read", "jobs.run"))
    reports, tools = app_apis(app, CONFIGURED, "the-verifier")

    assert (reports["name"], reports["url"], reports["below"]) == ("Reports", REPORTS, False)
    assert reports["scopes"] == [
        {"name": "read", "description": "Read your reports", "users": "open", "itself": "never"}
    ]
    assert (tools["url"], tools["below"]) == ("https://tools.example.test/*", True)
    assert tools["scopes"] == [{"name": "jobs.run", "description": "Run jobs", "users": "open", "itself": "open"}]
    asked = parse_qs(urlsplit(tools["authorize_url"]).query)
    assert (asked["resource"], asked["scope"]) == (["https://tools.example.test"], ["jobs.run"])
    assert app_at_resources(web_app(scope=Scope.of("other")), CONFIGURED) == []
    assert app_apis(app, SETTINGS, "the-verifier") == []


def test_a_path_of_the_issuer_is_shown_in_full() -> None:
    (notes,) = app_at_resources(web_app(scope=Scope.of("admin")), CONFIGURED)

    assert notes.target.audience == "https://id.example.test/notes"


def test_code_to_try_an_app_with_is_for_the_own_audience_and_there_is_none_without_scope_for_it() -> None:
    mixed, alone = web_app(scope=Scope.of("read", "jobs.run")), web_app(scope=Scope.of("jobs.run"))

    assert "resource" not in str(authorize_url(mixed, CONFIGURED, "v"))
    assert "scope=read&" in str(authorize_url(mixed, CONFIGURED, "v"))
    assert authorize_url(alone, CONFIGURED, "v") is None
    assert snippets_for(alone, CONFIGURED, verifier="v") == []
    assert snippets_for(mixed, CONFIGURED, verifier="v") != []


def test_the_page_of_an_app_names_the_apis_and_their_addresses() -> None:
    shown = page("app_try.html").text("main")

    assert "Without resource it is for https://auth.example.test." in shown
    assert "Reports https://reports.example.test/* Any address below it works too." in shown
    assert "APIs" not in page("app_try.html", apis=[]).text("h2")


def test_the_form_says_which_scopes_are_for_one_api_alone() -> None:
    assert "Only in tokens for Reports." in page("app_form.html").text("main")
    assert page("app_form.html").text("main").count("Only in tokens") == 1


def test_who_gets_a_scope_without_a_user_over_all_apis_is_for_an_administrator_where_one_leaves_it_to_them() -> None:
    names = ("read", "write", "jobs.run", "admin", "unknown")
    found = [overall_policy(name, CONFIGURED) for name in names]
    assert found == ["open", "approved", "open", "approved", "approved"]

    settings = CONFIGURED._replace(
        resources={REPORTS: Resource("Reports", {"read": "", "write": ""}, {"read": "approved", "write": "never"})},
        client_credentials_scopes={"read": "open", "write": "never"},
    )

    assert (overall_policy("read", settings), overall_policy("write", settings)) == ("approved", "never")


def test_s119_what_is_taken_from_an_app_ends_its_tokens_also_where_only_a_resource_gave_them(world: World) -> None:
    world.set(
        client_credentials_scopes={"read": "open"},
        resources={REPORTS: Resource("Reports", {"read": ""}, {"read": "approved"})},
    )
    app = world.add_app(web_app(scope=READ, own_scope=READ))
    token = world.send(app, grant_type="client_credentials", resource=REPORTS).access_token

    taken = grant_scopes(world.store, world.settings, app, own=Scope(), marked=Scope(), owner=OWNER, now=NOW + 1)

    assert loses_something(app, taken, world.settings)
    assert not loses_something(taken, app, world.settings)
    assert world.introspect(token) == {"active": False}
    assert [each.subject for each in world.store.feed(0) if each.kind == "user"] == [WEB]


# What was granted


def test_connected_apps_say_what_was_allowed_at_which_api(world: World) -> None:
    world.set(resources=CONFIGURED.resources)
    world.redeem(world.code(scope=READ_WRITE, resources=(REPORTS, TOOLS)), resource=REPORTS)
    world.redeem(world.code(scope=READ))
    approval = APPROVAL._replace(scope=WRITE, resources=(f"{TOOLS}/2 write",))
    world.store.approve(world.store.grants_of("alice-id")[0], user=ALICE, code=None, approval=approval)
    (connection,) = connections_of(world.store, ALICE, now=NOW + 1)

    assert connection.scope == READ_WRITE
    found = granted_apis(connection.by_audience, world.settings)
    assert {(each["name"], each["url"]): [scope["name"] for scope in each["scopes"]] for each in found} == {
        ("", ""): ["read", "write"],
        ("Reports", REPORTS): ["read"],
        ("Tools", TOOLS): ["write"],
        ("Tools", f"{TOOLS}/2"): ["write"],
    }


def test_what_was_granted_for_an_api_that_is_configured_no_more_is_still_shown() -> None:
    assert granted_apis({REPORTS: READ, "": Scope(), OWN: WRITE}, SETTINGS) == [
        {"name": REPORTS, "url": REPORTS, "scopes": [{"name": "read", "description": "Read your data"}]},
        {"name": "", "url": "", "scopes": [{"name": "write", "description": "Change your data"}]},
    ]


# The consumer API


def test_the_consumer_api_says_which_apis_take_a_scope_and_an_app() -> None:
    api = Api()
    api.set(
        resources={REPORTS: Resource("Reports", {"read": "", "jobs.run": ""}, {})},
        scopes={**api.settings.scopes, "jobs.run": "Run jobs"},
        resource_scopes=Scope.of("jobs.run"),
    )
    scopes = {each["name"]: each for each in api.call("GET", "/consumer/scope").json["items"]}
    app = api.created(scope=["read", "jobs.run"]).json

    assert {name: (each["resources"], each["without_resource"]) for name, each in scopes.items()} == {
        "consumer": ([], True),
        "jobs.run": ([REPORTS], False),
        "read": ([REPORTS], True),
        "write": ([], True),
    }
    shown = [{"name": name, "users": "open", "itself": None} for name in ("jobs.run", "read")]
    assert app["resources"] == [{"resource": REPORTS, "name": "Reports", "scopes": shown}]
