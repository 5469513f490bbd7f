"""What an app may do and see, each thing once and in the person's words, for the consent page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gatepost.model.subject import Subject
from gatepost.scope import EMAIL, OFFLINE_ACCESS, OPENID, OPENID_SCOPES, PROFILE, Scope
from gatepost.settings import Settings

_FIRST = (OPENID, PROFILE, EMAIL)
_BOTH = "See your user name and e-mail address"
_NO_ADDRESS = "none, since you gave none"


class Line(NamedTuple):
    """A sentence, what the app sees by it, and whether the person has not allowed it before."""

    text: str
    values: tuple[str, ...]
    is_new: bool


def with_lines(
    apis: Sequence[Mapping[str, Any]], subject: Subject, scope: Scope, settings: Settings
) -> list[dict[str, Any]]:
    """Return the APIs of `asked_apis` with their `lines`; sign-in and what is seen of the person come first."""
    shown = [
        {**api, "lines": list(_lines({each["name"]: each for each in api["scopes"]}, subject, scope, settings))}
        for api in apis
    ]
    if shown and settings.groups_claim and subject.groups:
        shown[0]["lines"].append(Line("See your groups", subject.groups, is_new=False))
    return shown


def _lines(
    scopes: Mapping[str, Mapping[str, Any]], subject: Subject, scope: Scope, settings: Settings
) -> Iterator[Line]:
    seen = _seen(subject) if OPENID in scope & settings.openid_scope else {}
    as_shipped = all(settings.descriptions.get(name) == OPENID_SCOPES[name] for name in (PROFILE, EMAIL))
    together = [scopes[name] for name in (PROFILE, EMAIL) if name in scopes]
    for name in sorted(scopes, key=lambda name: (_place(name), name)):
        if len(together) > 1 and as_shipped and name in (PROFILE, EMAIL):
            if name == PROFILE:
                values = tuple(seen[each] for each in (PROFILE, EMAIL) if each in seen)
                yield Line(_BOTH, values, any(each["is_new"] for each in together))
        else:
            values = (seen[name],) if name in seen else ()
            yield Line(scopes[name]["description"], values, scopes[name]["is_new"])


def _place(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST) + (name == OFFLINE_ACCESS)


def _seen(subject: Subject) -> dict[str, str]:
    return {PROFILE: subject.user_name, EMAIL: subject.email or _NO_ADDRESS}
