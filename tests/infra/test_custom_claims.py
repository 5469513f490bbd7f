"""A claims.py at the synthesis: what stops it, what is bundled, and the example."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from gatepost.claims import RESERVED, TokenFacts, UserinfoFacts
from gatepost.tokens.claims_code import PACKAGE, stated
from infra.app import make_app
from infra.configuration.allowed_values import BadContext
from infra.configuration.context import ROOT, Configuration, configuration
from infra.configuration.custom_claims import check_custom_claims, claims_folder, importable
from infra.local.synthesis import context_variable, machine_context
from infra.stack.function_table import FUNCTIONS
from tests.infra.rendered import Template, functions
from tests.infra.synthesized import Synthesized

EXAMPLE = "docs/examples/claims"
DOCUMENT = (ROOT / "docs" / "claims.md").read_text()


def configured(folder: Path | str, **more: Any) -> Configuration:
    """Return the configuration of a deployment with the claims.py of a folder."""
    return configuration({"scopes": {"read": "Read your data"}, "claims": os.path.relpath(ROOT / folder, ROOT), **more})


def told(folder: Path, source: str, **more: Any) -> str:
    (folder / "claims.py").write_text(source)
    with pytest.raises(BadContext) as caught:
        check_custom_claims(configured(folder, **more))
    place = f"cdk.json: gatepost.claims: {os.path.relpath(folder, ROOT)}/claims.py"
    assert str(caught.value).startswith(place)
    return str(caught.value).removeprefix(place)


TOKEN = "token_claims of an access token"
MEMBER = f"{TOKEN} (authorization_code) for a user with groups"
WHOLE = "userinfo_claims of a response for a user with groups"


@pytest.mark.parametrize(
    ("source", "where", "problem"),
    [
        (
            "\ndef token_claims(facts):\n    return {'level': len(facts.grops)}",
            MEMBER,
            "raised (AttributeError at claims.py:3): 'TokenFacts' object has no attribute 'grops'",
        ),
        (
            "def token_claims(facts): return {'team': facts.groups[0]}",
            f"{TOKEN} (authorization_code) for a user without address and groups",
            "raised (IndexError at claims.py:1): tuple index out of range",
        ),
        (
            "def token_claims(facts): return {'host': facts.email.split('@')[1]} if facts.user_id == '' else {}",
            f"{TOKEN} (client_credentials) without a user",
            "raised (IndexError at claims.py:1): list index out of range",
        ),
        (
            "def token_claims(facts): return {'iss': 'x'} if facts.kind == 'id_token' else {}",
            "token_claims of an ID token (authorization_code) for a user with groups",
            "returned a reserved name (iss)",
        ),
        ("def token_claims(facts): return {'teams': []}", MEMBER, "returned a reserved name (teams)"),
        (
            "def userinfo_claims(facts): return {'since': object()}",
            WHOLE,
            "returned what JSON can't hold (TypeError): Object of type object is not JSON serializable",
        ),
        (
            "import time\ndef token_claims(facts): time.sleep(9)",
            MEMBER,
            "was too slow (it took over 0.25 seconds)",
        ),
    ],
)
def test_s215_the_synthesis_stops_at_everything_that_a_request_would_stop_at(
    tmp_path: Path, source: str, where: str, problem: str
) -> None:
    assert told(tmp_path, source, groups_claim="teams").startswith(f": {where}: claims.py {problem}.")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "def userinfo_claims(facts): return {}\ndef tokens_claims(facts): return {}",
            ": nothing calls tokens_claims; the name of the function is token_claims.",
        ),
        ("def user_claims(facts): return {}", " has neither token_claims nor userinfo_claims."),
        (
            "from plans import PLANS\ndef token_claims(facts): return {}",
            ": claims.py can't be imported (ModuleNotFoundError at claims.py:1): No module named 'plans'.",
        ),
    ],
)
def test_s215_it_stops_at_a_file_that_is_none(tmp_path: Path, source: str, sentence: str) -> None:
    assert told(tmp_path, source) == sentence


def test_a_folder_without_the_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadContext, match=r"/claims\.py does not exist\.$"):
        check_custom_claims(configured(tmp_path))


@pytest.mark.parametrize("name", ["sub", "email", "scope", "", "two words", "1st", "x" * 101, 'a","b'])
def test_s215_a_claim_of_groups_has_a_name_that_no_standard_reserves(name: str) -> None:
    with pytest.raises(BadContext, match="allowed is the name of a claim that no standard reserves"):
        configured(EXAMPLE, groups_claim=name)


@pytest.mark.parametrize("name", ["groups", "cognito:groups", "https://example.com/groups"])
def test_other_names_are_allowed(name: str) -> None:
    assert configured(EXAMPLE, groups_claim=name).settings["groups_claim"] == name


@pytest.mark.parametrize("folder", ["", "/etc", 7, "x" * 201])
def test_the_folder_is_a_relative_path(folder: object) -> None:
    with pytest.raises(BadContext, match=r"allowed is the folder of claims\.py, relative to cdk\.json"):
        configuration({"scopes": {"read": "Read your data"}, "claims": folder})


def test_the_check_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "claims.py").write_text("def token_claims(facts): return {}")
    check_custom_claims(configured(tmp_path))

    assert [name for name in sys.modules if name.startswith(PACKAGE)] == []
    assert [each.name for each in tmp_path.iterdir()] == ["claims.py"]


def test_the_layer_holds_the_python_files_in_a_package(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for name in ("claims.py", "more/plans.py", "README.md"):
        (tmp_path / name).write_text("")
    layer = claims_folder(configured(tmp_path, python=machine_context()["python"]))

    files = {str(path.relative_to(layer)) for path in layer.rglob("*") if path.is_file()}
    assert {each for each in files if not each.endswith(".pyc")} == {
        f"python/{PACKAGE}/claims.py",
        f"python/{PACKAGE}/more/plans.py",
    }


def test_only_the_functions_that_state_claims_have_the_layer(template: Template, everything: Synthesized) -> None:
    having = {
        name: ["ClaimsLayer" in each["Ref"] for each in function.get("Layers", [])]
        for name, function in functions(everything.main).items()
    }
    assert {name for name, layers in having.items() if any(layers)} == {"consent", "token", "userinfo"}
    assert {spec.name for spec in FUNCTIONS if spec.states_claims} == {"consent", "token", "userinfo"}
    assert "ClaimsLayer" not in "".join(template["Resources"])
    assert max(map(len, having.values())) <= 5  # of Lambda


def test_s215_a_synthesis_that_stops_says_why(tmp_path: Path) -> None:
    (tmp_path / "claims.py").write_text("def token_claims(facts): return {'sub': 'root'}")

    with pytest.raises(BadContext, match=r"claims\.py returned a reserved name \(sub\)\."):
        make_app({"CDK_CONTEXT_JSON": context_variable({"claims": os.path.relpath(tmp_path, ROOT)})})


def test_the_example_states_roles() -> None:
    check_custom_claims(configured(EXAMPLE))
    address = {"email": "maria@example.com", "email_verified": True}
    known: dict[str, Any] = {"user_id": "u", "user_name": "maria", "client_id": "c", **address}
    known["groups"] = ("board", "editors", "gardeners")
    of_token: dict[str, Any] = {"grant_type": "password", "audience": "https://api.example.com", "app_name": "An app"}
    of_token["kind"] = "access_token"

    def stated_for(scope: str, **facts: Any) -> Any:
        return stated("token_claims", TokenFacts(**of_token, **facts, scope=frozenset([scope])), "groups")

    with importable(ROOT / EXAMPLE):
        roles = {"roles": ["approver", "editor", "viewer"]}
        assert stated_for("email", **known) == {**roles, **address}
        assert stated_for("read", **known) == roles
        assert stated_for("read", client_id="c") == {"roles": ["service"]}
        assert stated("userinfo_claims", UserinfoFacts(**known, scope=frozenset(["openid"])), "groups") == roles


def test_the_document_shows_the_example_and_lists_every_reserved_name() -> None:
    (shown,) = re.findall(r"```python\n(from gatepost\.claims.*?)```", DOCUMENT, re.DOTALL)
    source = (ROOT / EXAMPLE / "claims.py").read_text()
    assert source.endswith(shown)

    (listed,) = re.findall(r"names that are reserved: (.*?), and the name in", DOCUMENT, re.DOTALL)
    assert set(re.findall(r"`([a-z_]+)`", listed)) == RESERVED
