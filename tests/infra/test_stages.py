"""Stages: settings per stage in `cdk.json`, all of them checked, one of them chosen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.configuration.allowed_values import BadContext
from infra.configuration.context import ROOT, read_configuration
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

    assert (by_default.stage, by_default.settings["code_lifetime"], by_default.demo) == ("dev", 40, True)
    assert (prod.stage, prod.settings["code_lifetime"], prod.demo, prod.alarms) == ("prod-eu", 50, False, True)
    assert told.settings["code_lifetime"] == 30


def test_the_file_may_choose(tmp_path: Path) -> None:
    path = write(tmp_path, {"dev": {}, "prod": {"alarms": True}}, stage="prod")

    assert read_configuration(path, {}).alarms is True
    assert read_configuration(path, over(stage="dev")).alarms is False


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
        (
            {"alarms": "no"},
            'cdk.json: gatepost.stages.other.alarms is "no"; allowed is true or false.',
        ),
        (
            {"stage": "dev"},
            "cdk.json: gatepost.stages.other.stage is not allowed: the key is the stage's name.",
        ),
        (
            {"removal": "destroy"},
            "cdk.json: gatepost.removal is destroy; allowed is retain while deletion_protection is true.",
        ),
    ],
)
def test_a_bad_value_of_a_stage_that_is_not_chosen_is_refused(
    tmp_path: Path, values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadContext) as caught:
        read_configuration(write(tmp_path, {"dev": {}, "other": values}), {})

    assert str(caught.value) == sentence


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
