"""Parameters and conditions in the local deployment."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.aws.cloud import REGION
from infra.local.aws.parameters import settled
from infra.local.coverage import NotCovered


def test_conditions_keep_and_choose_by_the_defaults_of_the_parameters() -> None:
    template = {
        "Parameters": {
            "Table": {"Type": "String", "Default": ""},
            "Name": {"Type": "String", "Default": "a"},
            "Poll": {"Type": "Number", "Default": 5},
        },
        "Conditions": {
            "Named": {"Fn::Equals": [{"Ref": "Name"}, "a"]},
            "HasTable": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Table"}, ""]}]},
            "Both": {"Fn::And": [{"Condition": "Named"}, {"Condition": "HasTable"}]},
            "One": {"Fn::Or": [{"Condition": "Named"}, {"Condition": "HasTable"}]},
        },
        "Resources": {
            "A": {
                "Type": "T",
                "Condition": "One",
                "Properties": {
                    "Name": {"Ref": "Name"},
                    "Table": {"Fn::If": ["HasTable", {"Ref": "Table"}, {"Ref": "AWS::NoValue"}]},
                    "Of": [
                        {"Fn::If": ["Named", "named", "nameless"]},
                        {"Fn::If": ["Both", 1, {"Ref": "AWS::NoValue"}]},
                    ],
                    "Other": {"Ref": "B"},
                    "Poll": {"Ref": "Poll"},
                },
            },
            "B": {"Type": "T", "Condition": "Both"},
        },
        "Outputs": {"B": {"Condition": "HasTable", "Value": 1}, "A": {"Value": {"Ref": "A"}}},
    }

    assert settled(template) == {
        "Resources": {
            "A": {"Type": "T", "Properties": {"Name": "a", "Of": ["named"], "Other": {"Ref": "B"}, "Poll": "5"}}
        },
        "Outputs": {"A": {"Value": {"Ref": "A"}}},
    }


def test_a_parameter_without_a_default_and_cdk_s_own_stay_for_the_coverage_to_judge() -> None:
    template = {
        "Parameters": {"BootstrapVersion": {"Default": "/cdk"}, "Bucket": {"Type": "String"}},
        "Resources": {"A": {"Type": "T", "Properties": {"Bucket": {"Ref": "Bucket"}}}},
    }

    assert settled(template) == template


def test_a_condition_on_the_region_is_carried_out() -> None:
    def kept(region: str) -> set[str]:
        here = {"Fn::Equals": [{"Ref": "AWS::Region"}, region]}
        template = {"Conditions": {"Here": here}, "Resources": {"A": {"Type": "T", "Condition": "Here"}}}
        return set(settled(template)["Resources"])

    assert kept(REGION) == {"A"}
    assert kept("mars-1") == set()


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (
            {"Fn::Equals": [{"Fn::FindInMap": ["A", "b", "c"]}, "x"]},
            'The local deployment does not know {"Fn::FindInMap": ["A", "b", "c"]} in a condition.',
        ),
        ({"Fn::Contains": [[], "x"]}, "The local deployment does not know Fn::Contains as a condition."),
    ],
)
def test_a_condition_that_can_not_be_told_stops_the_deployment(condition: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotCovered) as caught:
        settled({"Conditions": {"C": condition}, "Resources": {"A": {"Type": "T", "Condition": "C"}}})
    assert str(caught.value) == sentence
