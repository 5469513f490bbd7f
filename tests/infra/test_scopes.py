"""The scopes of `cdk.json`: a sentence each, or an object that also says which apps may have it (S119)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatepost.scope import Scope
from gatepost.settings import Settings
from infra.configuration.allowed_values import BadContext
from infra.configuration.context import ROOT, configuration, read_configuration
from infra.configuration.scopes import ALLOWED

CONSUMER = Scope.of("consumer", "consumer.account", "consumer.apps", "consumer.grants")


def settings(scopes: Any, **more: Any) -> Settings:
    return configuration({"scopes": scopes, **more}).settings_for("https://id.example.test")


def said(scopes: Any) -> str:
    with pytest.raises(BadContext) as caught:
        configuration({"scopes": scopes})
    return str(caught.value)


def written(folder: Path, scopes: Any, stages: Any) -> Path:
    path = folder / "cdk.json"
    path.write_text(json.dumps({"context": {"gatepost": {"scopes": scopes, "stages": stages}}}))
    return path


def test_a_scope_is_a_sentence_or_an_object() -> None:
    told = settings(
        {
            "read": "Read your data",
            "write": {"description": "Change your data", "client_credentials": "open"},
            "admin": {"description": "Everything", "client_credentials": "never", "restricted": True},
            "plain": {"description": "As it is by default", "client_credentials": "approved", "restricted": False},
        }
    )

    assert told.scopes == {
        "read": "Read your data",
        "write": "Change your data",
        "admin": "Everything",
        "plain": "As it is by default",
    }
    assert told.client_credentials_scopes == {"write": "open", "admin": "never"}
    assert told.restricted_scopes == CONSUMER | Scope.of("admin")
    assert Settings.from_env(told.to_env()) == told


def test_what_is_as_by_default_takes_no_room_in_the_environment() -> None:
    plain = settings({"read": "Read your data"}).to_env()

    assert plain.keys() == {"GATEPOST_ISSUER", "GATEPOST_AUDIENCE", "GATEPOST_SCOPES"}


def test_the_scopes_of_the_consumer_api_are_restricted_unless_said() -> None:
    free = {"consumer": "All of it", "consumer.apps": {"description": "Apps", "restricted": False}}

    assert settings(free).restricted_scopes == CONSUMER - Scope.of("consumer.apps")


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"description": ""},
        {"description": " "},
        {"description": 1},
        {"description": "x", "client_credentials": "always"},
        {"description": "x", "client_credentials": True},
        {"description": "x", "client_credentials": ["open"]},
        {"description": "x", "restricted": "yes"},
        {"description": "x", "restricted": 1},
        {"description": "x", "owner": "x"},
        ["x"],
        None,
    ],
)
def test_an_object_of_anything_else_is_refused_with_what_is_allowed(scope: Any) -> None:
    sentence = said({"read": "x", "write": scope})

    if scope == {}:
        expected = (
            "cdk.json: gatepost.scopes holds write without a description; a stage changes only what is described."
        )
    else:
        given = json.dumps({"read": "x", "write": scope})
        expected = f"cdk.json: gatepost.scopes is {given}; allowed is {ALLOWED}."
    assert sentence == expected


def test_the_shipped_scopes_are_open_in_dev_and_nowhere_else() -> None:
    dev, prod = (
        read_configuration(ROOT / "cdk.json", {"CDK_CONTEXT_JSON": json.dumps({"gatepost.stage": stage})}).settings
        for stage in ("dev", "prod")
    )

    assert dev["scopes"] == prod["scopes"]
    assert dev["scopes"]["write"] == "Change your demo data"
    assert (dev["client_credentials_scopes"], prod["client_credentials_scopes"]) == (
        {"read": "open", "write": "open"},
        {},
    )
    assert dev["restricted_scopes"] == prod["restricted_scopes"] == CONSUMER


def test_a_stage_changes_scopes_that_stand_beside_it_or_has_its_own(tmp_path: Path) -> None:
    scopes = {"read": "Read", "write": {"description": "Change", "restricted": True}}
    stages = {
        "dev": {"scopes": {"write": {"client_credentials": "open"}}},
        "own": {"scopes": {"other": {"description": "Other"}}, "default_scopes": []},
    }
    path = written(tmp_path, scopes, stages)

    dev = read_configuration(path, {}).settings
    assert dev["scopes"] == {"read": "Read", "write": "Change"}
    assert dev["client_credentials_scopes"] == {"write": "open"}
    assert dev["restricted_scopes"] == CONSUMER | Scope.of("write")
    own = read_configuration(path, {"CDK_CONTEXT_JSON": '{"gatepost.stage": "own"}'}).settings
    assert (own["scopes"], own["restricted_scopes"]) == ({"other": "Other"}, CONSUMER)


def test_so_does_the_command_line(tmp_path: Path) -> None:
    path = written(tmp_path, {"read": "Read"}, {"dev": {"scopes": {"read": {"client_credentials": "open"}}}})
    over = {"CDK_CONTEXT_JSON": json.dumps({"gatepost.scopes": '{"read": {"restricted": true}}'})}

    told = read_configuration(path, over).settings

    assert told["client_credentials_scopes"] == {"read": "open"}
    assert told["restricted_scopes"] == CONSUMER | Scope.of("read")


def test_a_stage_that_changes_a_scope_that_nothing_describes_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, {"read": "Read"}, {"dev": {}, "prod": {"scopes": {"raed": {"restricted": True}}}})

    with pytest.raises(BadContext) as caught:
        read_configuration(path, {})
    assert str(caught.value) == (
        "cdk.json: gatepost.scopes holds raed without a description; a stage changes only what is described."
    )
