"""Claims about a person that an app will get, with their values, for the consent page."""

from __future__ import annotations

from typing import NamedTuple

from gatepost.model.subject import Subject
from gatepost.scope import EMAIL, OPENID, PROFILE, Scope
from gatepost.settings import Settings


class Learned(NamedTuple):
    """A fact with the claims that state it; `value` is what they say, "" if that is not known yet."""

    text: str
    claims: tuple[str, ...]
    value: str = ""


def learned(subject: Subject, scope: Scope, settings: Settings) -> list[Learned]:
    """Return what the scope tells about the person: without openid their groups, if tokens have them."""
    groups: list[Learned] = []
    if settings.groups_claim and subject.groups:
        groups.append(Learned("Your groups", (settings.groups_claim,), ", ".join(subject.groups)))
    if OPENID not in scope & settings.openid_scope:
        return groups
    told = [
        Learned("Your user ID here, the same for every app", ("sub",), subject.user_id),
        Learned("When you signed in, and how", ("auth_time", "amr", "acr", "sid")),
    ]
    if PROFILE in scope:
        told.append(Learned("Your user name", ("name", "preferred_username"), subject.user_name))
    if EMAIL in scope and subject.email:
        told.append(Learned("Your e-mail address", ("email",), subject.email))
        confirmed = "yes" if subject.email_confirmed else "no"
        told.append(Learned("Whether you have confirmed it", ("email_verified",), confirmed))
    elif EMAIL in scope:
        told.append(Learned("Your e-mail address", ("email",), "nothing, since you gave none"))
    return [*told, *groups]
