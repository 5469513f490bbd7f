"""Stages and scopes of cdk.json: settings per stage, and scopes that say which apps may have them (S119)."""

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
from tests.infra.rendered import Template, functions, of_type

COMMON = {"scopes": {"read": "Read your data"}, "code_lifetime": 50}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A `cdk.json` with two stages, `dev` and `prod-eu`."""
    return write(tmp_path, {"dev": {"code_lifetime": 40, "demo": True}, "prod-eu": {"alarms": True}})


def write(folder: Path, stages: Any, **common: Any) -> Path:
    path = folder / "cdk.json"
    path.write_text(json.dumps({"context": {"gatepost": {**COMMON, **common, "stages": stages}}}))
    return path


def over(**values: Any) -> dict[str, str]:
    return {"CDK_CONTEXT_JSON": json.dumps({f"gatepost.{key}": value for key, value in values.items()})}


def test_the_chosen_stage_goes_over_the_common_values_and_the_command_line_over_both(written: Path) -> None:
    by_default = read_configuration(written, {})
    prod = read_configuration(written, over(stage="prod-eu"))
    told = read_configuration(written, over(code_lifetime="30"))
    chosen = write(written.parent, {"dev": {}, "prod": {"alarms": True}}, stage="prod")

    assert (by_default.stage, by_default.settings["code_lifetime"], by_default.demo) == ("dev", 40, True)
    assert (prod.stage, prod.settings["code_lifetime"], prod.demo, prod.alarms) == ("prod-eu", 50, False, True)
    assert told.settings["code_lifetime"] == 30
    assert read_configuration(chosen, {}).alarms is True
    assert read_configuration(chosen, over(stage="dev")).alarms is False


def test_a_stage_that_the_file_does_not_describe_is_refused(written: Path) -> None:
    with pytest.raises(BadContext) as caught:
        read_configuration(written, over(stage="prdo"))

    assert str(caught.value) == 'cdk.json: gatepost.stage is "prdo"; allowed is dev or prod-eu.'


@pytest.mark.parametrize("name", ["Prod", "1st", "a_b", "a" * 21, ""])
def test_a_stage_has_a_name_that_a_stack_may_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadContext, match=r"gatepost\.stage is"):
        read_configuration(write(tmp_path, {name: {}}), {})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"alarms": "no"}, 'stages.other.alarms is "no"; allowed is true or false.'),
        ({"stage": "dev"}, "stages.other.stage is not allowed: the key is the stage's name."),
        ({"removal": "destroy"}, "removal is destroy; allowed is retain while deletion_protection is true."),
    ],
)
def test_a_bad_value_of_a_stage_that_is_not_chosen_is_refused(
    tmp_path: Path, values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadContext) as caught:
        read_configuration(write(tmp_path, {"dev": {}, "other": values}), {})

    assert str(caught.value) == f"cdk.json: gatepost.{sentence}"


def test_stages_are_objects(tmp_path: Path) -> None:
    unfit: tuple[Any, ...] = ([], {"dev": []}, "dev")
    for stages in unfit:
        with pytest.raises(BadContext, match=r"gatepost\.stages is not an object"):
            read_configuration(write(tmp_path, stages), {})


def test_the_shipped_stages_keep_and_watch_as_their_names_promise() -> None:
    dev, prod = (read_configuration(ROOT / "cdk.json", over(stage=stage)) for stage in ("dev", "prod"))

    assert (dev.removal, dev.deletion_protection, dev.point_in_time_recovery) == ("destroy", False, False)
    assert (prod.removal, prod.deletion_protection, prod.point_in_time_recovery) == ("retain", True, True)
    assert (dev.log_retention_days, dev.alarms, dev.demo) == (7, False, True)
    assert (prod.log_retention_days, prod.alarms, prod.demo) == (365, True, False)
    assert prod.reserved_concurrency == {"console": 40, "registration": 20, "recovery": 20, "account": 20}
    assert (dev.stack_name, prod.stack_name) == ("Gatepost-dev", "Gatepost-prod")


def test_what_hashes_passwords_for_anybody_can_not_use_up_the_account(template: Template) -> None:
    reserved = {
        name: each["ReservedConcurrentExecutions"]
        for name, each in functions(template).items()
        if "ReservedConcurrentExecutions" in each
    }

    assert reserved == {"console": 40, "registration": 20, "recovery": 20, "account": 20}
    assert sum(reserved.values()) <= 900  # Lambda keeps 100 of an account's 1,000 for the rest


def test_a_stage_has_names_of_its_own(template: Template, plain_template: Template) -> None:
    for rendered, stage in ((template, "prod"), (plain_template, "dev")):
        (api,) = of_type(rendered, "AWS::ApiGatewayV2::Api").values()
        services = {each["Environment"]["Variables"]["GATEPOST_LOG_SERVICE"] for each in functions(rendered).values()}

        assert api["Name"] == f"Gatepost-{stage}"
        assert services == {f"gatepost-{stage}"}


def test_what_operators_need_is_an_output(template: Template, plain_template: Template) -> None:
    assert {"Issuer", "BaseUrl", "ApiHost", "RotationFunction", "AlarmTopic"} <= set(template["Outputs"])
    assert {"DnsTarget", "RotationFunction"} <= set(plain_template["Outputs"])
    assert "AlarmTopic" not in plain_template["Outputs"]


CONSUMER = Scope.of("consumer", "consumer.account", "consumer.apps", "consumer.grants")


def settings(scopes: Any, **more: Any) -> Settings:
    return configuration({"scopes": scopes, **more}).settings_for("https://id.example.test")


def said(scopes: Any) -> str:
    with pytest.raises(BadContext) as caught:
        configuration({"scopes": scopes})
    return str(caught.value)


def scoped(folder: Path, scopes: Any, stages: Any) -> Path:
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
        *({"description": text} for text in ("", " ", 1)),
        *({"description": "x", "client_credentials": policy} for policy in ("always", True, ["open"])),
        *({"description": "x", "restricted": value} for value in ("yes", 1)),
        {"description": "x", "owner": "x"},
        ["x"],
        None,
    ],
    ids=str,
)
def test_an_object_of_anything_else_is_refused_with_what_is_allowed(scope: Any) -> None:
    scopes = {"read": "x", "write": scope}

    assert said(scopes) == f"cdk.json: gatepost.scopes is {json.dumps(scopes)}; allowed is {ALLOWED}."


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
    path = scoped(tmp_path, scopes, stages)

    dev = read_configuration(path, {}).settings
    assert dev["scopes"] == {"read": "Read", "write": "Change"}
    assert dev["client_credentials_scopes"] == {"write": "open"}
    assert dev["restricted_scopes"] == CONSUMER | Scope.of("write")
    own = read_configuration(path, {"CDK_CONTEXT_JSON": '{"gatepost.stage": "own"}'}).settings
    assert (own["scopes"], own["restricted_scopes"]) == ({"other": "Other"}, CONSUMER)


def test_so_does_the_command_line(tmp_path: Path) -> None:
    path = scoped(tmp_path, {"read": "Read"}, {"dev": {"scopes": {"read": {"client_credentials": "open"}}}})
    over = {"CDK_CONTEXT_JSON": json.dumps({"gatepost.scopes": '{"read": {"restricted": true}}'})}

    told = read_configuration(path, over).settings

    assert told["client_credentials_scopes"] == {"read": "open"}
    assert told["restricted_scopes"] == CONSUMER | Scope.of("read")


def test_a_change_of_a_scope_that_nothing_describes_is_refused(tmp_path: Path) -> None:
    sentence = "cdk.json: gatepost.scopes holds {} without a description; a stage changes only what is described."
    path = scoped(tmp_path, {"read": "Read"}, {"dev": {}, "prod": {"scopes": {"raed": {"restricted": True}}}})

    with pytest.raises(BadContext) as caught:
        read_configuration(path, {})
    assert str(caught.value) == sentence.format("raed")
    assert said({"read": "x", "write": {}}) == sentence.format("write")
