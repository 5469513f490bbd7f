"""The resources of `cdk.json` (RFC 8707): what may stand there, and what the functions are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatepost.resource import Resource
from gatepost.scope import Scope
from gatepost.settings import Settings
from infra.configuration.allowed_values import BadContext
from infra.configuration.context import configuration, read_configuration
from infra.configuration.resources import ALLOWED

SCOPES = {"read": "Read your data", "write": {"description": "Change your data", "client_credentials": "open"}}
URL = "https://reports.example.com"


def settings(resources: Any, **more: Any) -> Settings:
    return configuration({"scopes": SCOPES, "resources": resources, **more}).settings_for("https://id.example.test")


def said(resources: Any, **more: Any) -> str:
    with pytest.raises(BadContext) as caught:
        configuration({"scopes": SCOPES, "resources": resources, **more})
    return str(caught.value)


def test_a_resource_names_scopes_of_the_server() -> None:
    told = settings({URL: {"name": "Reports", "scopes": ["read", "write"]}})

    assert told.resources == {URL: Resource("Reports", {"read": "", "write": ""}, {})}
    assert (told.scopes, told.resource_scopes) == ({"read": "Read your data", "write": "Change your data"}, Scope())
    assert told.client_credentials_scopes == {"write": "open"}
    assert Settings.from_env(told.to_env()) == told


def test_a_policy_is_of_the_resource_or_of_one_scope_there() -> None:
    reports = {"read": {"client_credentials": "open"}, "write": {}}
    tools = "https://tools.example.com"
    told = settings(
        {
            URL: {"name": "Reports", "scopes": reports, "client_credentials": "never"},
            tools: {"name": "Tools", "scopes": ["read", "write"], "client_credentials": "approved"},
        }
    )

    assert told.resources[URL].client_credentials == {"read": "open", "write": "never"}
    assert told.resources[tools].client_credentials == {"write": "approved"}
    assert told.client_credentials_scopes == {"write": "open"}


def test_a_resource_may_describe_scopes_of_its_own_and_say_more_of_the_servers() -> None:
    told = settings(
        {
            "https://jobs.example.com/*": {"name": "Jobs", "scopes": {"jobs.run": {}, "read": "Read your jobs"}},
            URL: {"name": "Reports", "scopes": {"jobs.run": {"description": "Run jobs", "client_credentials": "open"}}},
            "/jobs": {"name": "Own jobs", "scopes": {"jobs.run": {"restricted": True}}},
        },
        default_scopes=["jobs.run"],
        scope_implies={"jobs.run": ["read"]},
    )

    assert told.scopes == {"read": "Read your data", "write": "Change your data", "jobs.run": "Run jobs"}
    assert told.resource_scopes == Scope.of("jobs.run")
    assert "jobs.run" in told.restricted_scopes
    assert told.resources["https://jobs.example.com/*"].scopes == {"jobs.run": "", "read": "Read your jobs"}
    assert told.client_credentials_scopes == {"write": "open"}
    assert told.resources[URL].client_credentials == {"jobs.run": "open"}


@pytest.mark.parametrize("order", [1, -1])
def test_a_scope_that_one_resource_restricts_is_restricted_wherever_it_is_described(order: int) -> None:
    pairs = [
        ("/a", {"name": "A", "scopes": {"jobs.run": {"restricted": True}}}),
        ("/b", {"name": "B", "scopes": {"jobs.run": "Run jobs"}}),
        ("/c", {"name": "C", "scopes": {"jobs.run": {"description": "Run other jobs", "restricted": False}}}),
    ]
    told = settings(dict(pairs[::order]))

    assert "jobs.run" in told.restricted_scopes
    assert told.scopes["jobs.run"] == ("Run jobs" if order == 1 else "Run other jobs")


def test_a_url_a_prefix_and_a_path_of_the_issuer_are_resources() -> None:
    urls = [f"{URL}/v1", f"{URL}:8443", f"{URL}/*", "http://localhost:3000/mcp", "/demo/notes", "/demo/*", "/*"]

    assert list(settings({url: {"name": "Reports", "scopes": ["read"]} for url in urls}).resources) == urls


NO_SCOPES: tuple[Any, ...] = ([], {}, ["read write"], "read")
FORMS = [
    [],
    {URL: "Reports"},
    {URL: {"name": "Reports"}},
    {URL: {"scopes": ["read"]}},
    *({URL: {"name": name, "scopes": ["read"]}} for name in ("", "R" * 61, "Reports\n")),
    *({URL: {"name": "Reports", "scopes": scopes}} for scopes in NO_SCOPES),
    {URL: {"name": "Reports", "scopes": {"read": {"client_credentials": "always"}}}},
    *({URL: {"name": "Reports", "scopes": ["read"], key: "x"}} for key in ("client_credentials", "audience")),
    *(
        {url: {"name": "Reports", "scopes": ["read"]}}
        for url in (
            *("reports", "", "/", "//reports.example.com", "urn:reports", "*", "http://reports.example.com"),
            *(f"{URL}{rest}" for rest in ("/", ":443", "?a=b", "/#a", "/*/a", "*", "/../a")),
            "https://Reports.example.com",
        )
    ),
]


@pytest.mark.parametrize("resources", FORMS, ids=str)
def test_what_has_another_form_is_refused_with_what_is_allowed(resources: Any) -> None:
    assert said(resources) == f"cdk.json: gatepost.resources is {json.dumps(resources)}; allowed is {ALLOWED}."


@pytest.mark.parametrize(
    ("resources", "more", "sentence"),
    [
        (
            {URL: {"name": "Reports", "scopes": ["read", "reports.read"]}},
            {},
            f"resources: {URL} holds reports.read without a description, and nothing else describes it",
        ),
        (
            {URL: {"name": "Reports", "scopes": {"read": {"restricted": True}}}},
            {},
            f"resources: {URL} says whether read is restricted; allowed is that `scopes` says it",
        ),
        *(
            (
                {URL: {"name": "Reports", "scopes": ["read"]}},
                more,
                f"resources holds {URL}, which the issuer or the audience is: every app gets tokens for that",
            )
            for more in (
                {"audience": URL},
                {"audience": f"{URL}/"},
                {"issuer": URL},
                {"domain_name": "reports.example.com", "certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x"},
            )
        ),
    ],
)
def test_what_does_not_go_together_is_refused(resources: Any, more: dict[str, Any], sentence: str) -> None:
    assert said(resources, **more) == f"cdk.json: gatepost.{sentence}."


def test_more_resources_than_the_environment_of_a_function_holds_are_refused() -> None:
    many = {f"https://{n}.example.com": {"name": "R" * 60, "scopes": ["read"]} for n in range(40)}

    assert "scopes, resources and the other settings take" in said(many)


def test_a_stage_adds_replaces_and_takes_away_resources(tmp_path: Path) -> None:
    reports, tools, jobs = ({"name": name, "scopes": ["read"]} for name in ("Reports", "Tools", "Jobs"))
    below = {"scopes": SCOPES, "resources": {URL: reports, "/tools": tools}}
    stages = {"dev": {"resources": {"/tools": {**tools, "name": "Tools to try"}, "/jobs": jobs, URL: None}}, "prod": {}}
    path = tmp_path / "cdk.json"
    path.write_text(json.dumps({"context": {"gatepost": {**below, "stages": stages}}}))

    def names(stage: str) -> dict[str, str]:
        found = read_configuration(path, {"CDK_CONTEXT_JSON": json.dumps({"gatepost.stage": stage})})
        return {url: each.name for url, each in found.settings["resources"].items()}

    assert names("dev") == {"/tools": "Tools to try", "/jobs": "Jobs"}
    assert names("prod") == {URL: "Reports", "/tools": "Tools"}
