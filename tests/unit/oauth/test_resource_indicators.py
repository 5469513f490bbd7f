"""Resource indicators (RFC 8707): the APIs that requests may name, and those that a grant may be narrowed to."""

from __future__ import annotations

import pytest

from gatepost.errors import InvalidTarget
from gatepost.oauth.resource_indicators import (
    Target,
    default_target,
    granted_target,
    is_known,
    requested_targets,
    resources_of,
    sole_target,
    targets_of,
    within_any,
)
from gatepost.resource import Resource
from gatepost.scope import Scope
from gatepost.settings import Settings
from tests.unit.world import READ, READ_WRITE, SETTINGS, WRITE

OWN, REPORTS, TOOLS = "https://api.example.test", "https://reports.example.test", "https://tools.example.test/mcp"
CONFIGURED = SETTINGS._replace(
    scopes={**SETTINGS.scopes, "reports.read": "Read your reports"},
    resource_scopes=Scope.of("reports.read"),
    resources={
        REPORTS: Resource("Reports", {"read": "", "reports.read": ""}, {}),
        "https://tools.example.test/*": Resource("Tools", {"write": "Use tools"}, {}),
    },
)
LOCAL = CONFIGURED._replace(issuer="http://localhost:8080", audience="http://localhost:8080")


def audiences(*resources: str) -> list[str]:
    found = requested_targets(CONFIGURED, {"resource": "\n".join(resources)} if resources else {})
    return [each.audience for each in found]


def granted(*resources: str, of: tuple[str, ...] = (), settings: Settings = CONFIGURED) -> str:
    parameters = {"resource": "\n".join(resources)} if resources else {}
    return granted_target(settings, parameters, of).audience


def test_without_a_resource_a_token_is_for_the_servers_own_audience() -> None:
    assert requested_targets(SETTINGS, {}) == (Target(OWN, "Gatepost", None, None),)
    assert audiences() == [OWN]
    assert sole_target(CONFIGURED, {}).audience == OWN
    for spelling in (OWN, f"{OWN}/"):
        assert audiences(spelling) == [OWN]
        assert resources_of(requested_targets(CONFIGURED, {"resource": spelling})) == ()


def test_the_own_audience_does_not_take_scopes_that_resources_alone_describe() -> None:
    assert default_target(CONFIGURED).within(Scope.of("read", "reports.read", "admin")) == Scope.of("read", "admin")
    for settings in (SETTINGS, CONFIGURED):  # whether or not they are described
        assert default_target(settings).within(Scope.of("read", "consumer.apps")) == Scope.of("read", "consumer.apps")


def test_a_resource_takes_its_own_scopes_only() -> None:
    (reports,) = requested_targets(CONFIGURED, {"resource": REPORTS})

    assert (reports.audience, reports.name) == (REPORTS, "Reports")
    assert reports.within(Scope.of("read", "write", "reports.read")) == Scope.of("read", "reports.read")


@pytest.mark.parametrize("spelling", [REPORTS, f"{REPORTS}/", "HTTPS://REPORTS.example.test", f"{REPORTS}:443/"])
def test_s201_every_spelling_gives_one_audience(spelling: str) -> None:
    assert audiences(spelling) == [REPORTS]


def test_below_a_prefix_each_url_is_an_audience_of_its_own() -> None:
    assert audiences(TOOLS, f"{TOOLS}/2") == [TOOLS, f"{TOOLS}/2"]
    assert audiences("https://tools.example.test/") == ["https://tools.example.test"]


@pytest.mark.parametrize(
    "resource",
    [
        *("reports", "/reports", " ", f"{REPORTS}#part", f"{REPORTS}#", f"{REPORTS}?a=b", f"{REPORTS}/below"),
        *("https://unknown.example.test", "http://reports.example.test", "http://localhost:3000/mcp"),
        *("https://tools.example.test/a/../b", "https://tools.example.test/*", f"{REPORTS} {TOOLS}"),
    ],
)
def test_s201_what_is_unknown_relative_or_has_a_fragment_is_an_invalid_target(resource: str) -> None:
    with pytest.raises(InvalidTarget):
        audiences(resource)
    with pytest.raises(InvalidTarget):
        audiences(REPORTS, resource)
    assert not is_known(CONFIGURED, resource)


def test_an_audience_that_is_a_name_may_be_named_as_it_is() -> None:
    settings = CONFIGURED._replace(audience="urn:example:api")

    assert sole_target(settings, {"resource": "urn:example:api"}).audience == "urn:example:api"
    for other in ("urn:example:other", "api"):
        with pytest.raises(InvalidTarget):
            sole_target(settings, {"resource": other})


def test_several_at_once_are_kept_each_once_and_with_the_own_audience_by_name() -> None:
    assert audiences(TOOLS, REPORTS, f"{REPORTS}/") == [TOOLS, REPORTS]
    both = requested_targets(CONFIGURED, {"resource": f"{REPORTS}\n{OWN}"})
    assert resources_of(both) == (REPORTS, OWN)
    assert targets_of(CONFIGURED, resources_of(both)) == both
    assert within_any(both, Scope.of("reports.read", "admin")) == Scope.of("reports.read", "admin")
    ten = [f"{TOOLS}/{number}" for number in range(10)]
    assert audiences(*ten) == ten
    with pytest.raises(InvalidTarget):
        audiences(*ten, REPORTS)


@pytest.mark.parametrize("resources", [(REPORTS, TOOLS), (REPORTS, REPORTS), (REPORTS, f"{REPORTS}/"), (OWN, REPORTS)])
def test_s201_a_token_is_for_one_resource(resources: tuple[str, ...]) -> None:
    with pytest.raises(InvalidTarget):
        sole_target(CONFIGURED, {"resource": "\n".join(resources)})
    with pytest.raises(InvalidTarget):
        granted(*resources, of=(REPORTS, TOOLS, OWN))


def test_s202_a_grant_gives_tokens_for_each_of_its_resources_and_no_other() -> None:
    assert granted(TOOLS, of=(REPORTS, TOOLS)) == TOOLS
    assert granted(f"{REPORTS}/", of=(REPORTS, TOOLS)) == REPORTS
    for other in (OWN, f"{TOOLS}/2"):
        with pytest.raises(InvalidTarget):
            granted(other, of=(REPORTS, TOOLS))
    assert granted(OWN) == OWN
    with pytest.raises(InvalidTarget):
        granted(REPORTS)


def test_s202_a_grant_of_one_resource_needs_no_name_and_one_of_several_does() -> None:
    assert granted(of=(REPORTS,)) == REPORTS
    assert granted() == OWN
    with pytest.raises(InvalidTarget):
        granted(of=(REPORTS, TOOLS))


def test_s201_a_resource_that_is_configured_no_more_gets_no_token() -> None:
    with pytest.raises(InvalidTarget):
        granted(of=(REPORTS,), settings=SETTINGS)
    with pytest.raises(InvalidTarget):
        targets_of(SETTINGS, (REPORTS,))


def test_a_loopback_issuer_takes_any_resource_on_loopback_with_every_scope() -> None:
    (found,) = requested_targets(LOCAL, {"resource": "http://127.0.0.1:3000/mcp/"})

    assert (found.audience, found.name) == ("http://127.0.0.1:3000/mcp", "127.0.0.1:3000/mcp")
    assert found.within(Scope.of("read", "reports.read")) == Scope.of("read", "reports.read")
    assert sole_target(LOCAL, {"resource": "http://localhost:8080/"}) == default_target(LOCAL)
    with pytest.raises(InvalidTarget):
        sole_target(LOCAL, {"resource": "https://unknown.example.test"})


def test_what_is_configured_on_loopback_keeps_its_scopes() -> None:
    settings = LOCAL._replace(resources={"/notes": Resource("Notes", {"read": ""}, {})})

    assert sole_target(settings, {"resource": "http://localhost:8080/notes"}).within(READ_WRITE) == READ
    assert sole_target(settings, {"resource": "http://localhost:8080/other"}).within(WRITE) == WRITE
