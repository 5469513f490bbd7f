"""Checks that the local deployment knows each part of a template.

A part on neither list of `covered` stops the deployment, so that nothing is dropped silently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from infra.local.covered import COVERAGE, NOT_MADE, VALUES


class NotCovered(Exception):
    """The template has a part that the local deployment does not know; the text is one sentence."""


# CDK's check that an account is bootstrapped; the CLI repeats it before it deploys.
_BOOTSTRAP = {"Parameters": {"BootstrapVersion"}, "Rules": {"CheckBootstrapVersion"}}


# Attributes of a resource beside its properties: its order and fate, and that an alias is moved by CodeDeploy.
_ATTRIBUTES = {"Type", "Properties", "DependsOn", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy", "Metadata"}


def check_covered(template: Mapping[str, Any]) -> None:
    """Raise NotCovered for the first part of the template that is on no list."""
    sections = {name for name, each in template.items() if set(each) != _BOOTSTRAP.get(name)}
    sections -= {
        "AWSTemplateFormatVersion",
        "Resources",
        "Outputs",
        "Description",
        "Conditions",
    }  # a resource of a condition is on no list
    if sections:
        raise NotCovered(f"The local deployment does not know the section {min(sections)} of a template.")
    for name, resource in template["Resources"].items():
        kind = resource["Type"]
        if kind in NOT_MADE:
            continue
        coverage = COVERAGE.get(kind)
        if coverage is None:
            raise NotCovered(f"The local deployment does not know {kind} (resource {name}).")
        properties = set(resource.get("Properties", {})) - {*coverage.done, *coverage.left_out}
        unknown = sorted(properties | (set(resource) - _ATTRIBUTES))
        if unknown:
            raise NotCovered(f"The local deployment does not know {unknown[0]} of {kind} (resource {name}).")
        for key, value in resource.get("Properties", {}).items():
            if (kind, key) in VALUES and not re.fullmatch(VALUES[kind, key], str(value)):
                raise NotCovered(f"The local deployment does not know {key} {value} of {kind} (resource {name}).")
