"""Parameters and conditions in the local deployment."""

from __future__ import annotations

from infra.local.aws.parameters import settled


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
