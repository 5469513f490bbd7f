"""The OpenAPI document as a page of text for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Named(NamedTuple):
    """A parameter, or a member of the body."""

    name: str
    place: str  # path, query, header or body
    kind: str
    required: bool
    description: str


class Documented(NamedTuple):
    """An operation. `answer` is the example of the response when it succeeds, JSON or empty."""

    anchor: str
    method: str
    path: str
    summary: str
    scope: str  # empty: it takes no token
    fields: tuple[Named, ...]
    body: str  # an example, JSON or empty
    answer: str
    statuses: tuple[tuple[int, str], ...]


class Reference(NamedTuple):
    """The operations, and the statuses that every operation with a token may have."""

    operations: list[Documented]
    common: tuple[tuple[int, str], ...]


def reference_of(document: Mapping[str, Any]) -> Reference:
    """Return what an OpenAPI document says, each common status once."""
    operations = operations_of(document)
    common = set.intersection(*(set(each.statuses) for each in operations if each.scope))
    own = [each._replace(statuses=tuple(said for said in each.statuses if said not in common)) for each in operations]
    return Reference(operations=own, common=tuple(sorted(common)))


def operations_of(document: Mapping[str, Any]) -> list[Documented]:
    """Return the operations of an OpenAPI document, by path and then by method."""
    schemas = document["components"]["schemas"]
    return [
        _documented(path, method, operation, schemas)
        for path, methods in sorted(document["paths"].items())
        for method, operation in sorted(methods.items())
    ]


def _documented(path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Documented:
    body = _schema(operation.get("requestBody", {}), schemas)
    statuses = sorted((int(status), said) for status, said in operation["responses"].items())
    return Documented(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        scope=next((" ".join(each["oauth2"]) for each in operation.get("security", ()) if "oauth2" in each), ""),
        fields=(*map(_parameter, operation.get("parameters") or ()), *_members(body, schemas)),
        body=_pretty(body["examples"][0]) if body.get("examples") else "",
        answer=next((_example(said) for status, said in statuses if status < 300), ""),
        statuses=tuple((status, _plain(said)) for status, said in statuses),
    )


def _parameter(said: Mapping[str, Any]) -> Named:
    kind = _kind(said["schema"], {})
    return Named(name=said["name"], place=said["in"], kind=kind, required=said["required"], description=_plain(said))


def _members(body: Mapping[str, Any], schemas: Mapping[str, Any]) -> tuple[Named, ...]:
    required = body.get("required", ())
    return tuple(
        Named(
            name=name,
            place="body",
            kind=_kind(said, schemas),
            required=name in required,
            description=_plain(said),
        )
        for name, said in body.get("properties", {}).items()
    )


def _schema(content: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a request body, empty without one."""
    for media in content.get("content", {}).values():
        found: Mapping[str, Any] = schemas[media["schema"]["$ref"].rpartition("/")[2]]
        return found
    return {}


def _kind(said: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return a type with its limits: "string, at most 60 characters"."""
    if "anyOf" in said:
        return " or ".join(_kind(each, schemas) for each in said["anyOf"] if each.get("type") != "null")
    if said.get("type") == "array":
        most = f", at most {said['maxItems']}" if "maxItems" in said else ""
        return f"list of {_kind(said['items'], schemas)}{most}"
    if "enum" in said:
        return " | ".join(said["enum"])
    limits = {"maxLength": "at most {} characters", "minimum": "from {:.0f}", "maximum": "to {:.0f}"}
    return ", ".join((str(said["type"]), *(text.format(said[name]) for name, text in limits.items() if name in said)))


def _plain(said: Mapping[str, Any]) -> str:
    """Return a description without Markdown."""
    return str(said.get("description", "")).replace("`", "")


def _example(response: Mapping[str, Any]) -> str:
    for media in response.get("content", {}).values():
        for example in media.get("examples", {}).values():
            return _pretty(example["value"])
    return ""


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
