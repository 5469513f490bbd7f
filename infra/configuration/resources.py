"""The resources of `cdk.json` (RFC 8707): APIs besides the audience that tokens may be for, each with its scopes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gatepost.resource import BELOW, Resource, canonical
from gatepost.scope import Scope
from gatepost.settings import APPROVED
from infra.configuration.names import READABLE, is_name
from infra.configuration.scopes import CHOICES, are_scopes, as_object, description_of, is_scope_name, scope_settings

ALLOWED = (
    "an object of URLs (https, or http on loopback, without slash at the end, query or fragment; or a path of the "
    "issuer; with /* behind it also what is below) and for each an object of `name` (1 to 60 characters, "
    f"{READABLE}), `scopes` (a "
    "list of names of `scopes`, at least one, or an object as `scopes` itself) and `client_credentials` (never, "
    "approved or open)"
)
_OF_A_RESOURCE = {"name", "scopes", "client_credentials"}


def are_resources(value: object) -> bool:
    """Whether it has the form of `resources`; in a stage, null removes a common one."""
    return isinstance(value, dict) and all(
        _is_url(url) and (each is None or _is_resource(each)) for url, each in value.items()
    )


def resource_problems(values: Mapping[str, Any]) -> Iterator[str]:
    """Return what is wrong with `resources` beside the other settings, a sentence each."""
    own = {canonical(values[name]) for name in ("audience", "issuer")}
    if not values["audience"] and values["domain_name"]:
        own.add(f"https://{values['domain_name']}")
    known = {*values["scopes"], *_described(values["resources"])}
    for url, each in values["resources"].items():
        scopes = _objects(each)
        unknown = [name for name in scopes if name not in known]
        said = [name for name, scope in scopes.items() if "restricted" in scope and name in values["scopes"]]
        if url in own:
            yield f"resources holds {url}, which the issuer or the audience is: every app gets tokens for that"
        if unknown:
            yield f"resources: {url} holds {', '.join(unknown)} without a description, and nothing else describes it"
        if said:
            yield f"resources: {url} says whether {', '.join(said)} is restricted; allowed is that `scopes` says it"


def settings_of(scopes: Mapping[str, Any], resources: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `Settings` that `scopes` and `resources` hold.

    A scope that resources describe and `scopes` does not is theirs alone.
    """
    besides = {name: each for name, each in _described(resources).items() if name not in scopes}
    settings = scope_settings({**scopes, **besides})
    policies = {name: each for name, each in settings["client_credentials_scopes"].items() if name in scopes}
    return settings | {
        "client_credentials_scopes": policies,
        "resource_scopes": Scope(besides),
        "resources": {url: _resource(each, settings["scopes"], policies) for url, each in resources.items()},
    }


def _described(resources: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The scopes that resources describe; the first that does says what people read elsewhere.

    One that any of them restricts is restricted.
    """
    given = [named for of in resources.values() for named in _objects(of).items()]
    restricted = {name for name, each in given if each.get("restricted")}
    found = {name: each for name, each in reversed(given) if description_of(each)}
    return {name: {**each, **({"restricted": True} if name in restricted else {})} for name, each in found.items()}


def _resource(given: Mapping[str, Any], texts: Mapping[str, str], policies: Mapping[str, str]) -> Resource:
    """Return only what a resource says differently from the server: the rest takes no room in the environment."""
    scopes, usual = _objects(given), given.get("client_credentials")
    own = {name: description_of(each) for name, each in scopes.items()}
    said = {name: each.get("client_credentials", usual) for name, each in scopes.items()}
    return Resource(
        name=given["name"],
        scopes={name: "" if text == texts.get(name) else text for name, text in own.items()},
        client_credentials={
            name: policy for name, policy in said.items() if policy and policy != policies.get(name, APPROVED)
        },
    )


def _objects(resource: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    scopes = resource["scopes"]
    return {name: {} for name in scopes} if isinstance(scopes, list) else {n: as_object(s) for n, s in scopes.items()}


def _is_url(url: str) -> bool:
    whole = f"https://example.com{url}" if url.startswith("/") else url
    plain = whole.removesuffix(BELOW)
    return canonical(plain) == plain


def _is_resource(value: object) -> bool:
    if not isinstance(value, dict) or not set(value) <= _OF_A_RESOURCE:
        return False
    scopes = value.get("scopes")
    listed = isinstance(scopes, list) and bool(scopes) and all(map(is_scope_name, scopes))
    return (
        is_name(value.get("name"))
        and (listed or are_scopes(scopes))
        and value.get("client_credentials", APPROVED) in CHOICES
    )
