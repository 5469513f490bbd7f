"""Rights of functions in deployments whose settings turn a feature on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from gatepost.settings import CLOSED, WITH_TOKEN, Settings
from infra.stack.access import TableAccess

Condition = Callable[[Settings], bool]

OPENID: Condition = attrgetter("openid")
SIGNED_USERINFO: Condition = attrgetter("signs_userinfo")
LOGOUTS: Condition = attrgetter("tells_of_logouts")
DOCUMENTS: Condition = attrgetter("takes_documents")
IMPLICIT: Condition = attrgetter("grant_implicit")
PASSWORD: Condition = attrgetter("grant_password")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """The fields of a FunctionSpec of the same names, where `only_if` holds."""

    only_if: Condition
    tables: tuple[TableAccess, ...] = ()
    reads_secrets: tuple[str, ...] = ()
    invokes: tuple[str, ...] = ()


def where(
    only_if: Condition, *tables: TableAccess, reads_secrets: tuple[str, ...] = (), invokes: tuple[str, ...] = ()
) -> Feature:
    """Return what a function needs where the condition holds."""
    return Feature(only_if=only_if, tables=tables, reads_secrets=reads_secrets, invokes=invokes)


def mail(settings: Settings) -> bool:
    """Whether mail is sent."""
    return bool(settings.mail_sender)


def sign_up(settings: Settings) -> bool:
    """Whether people may register."""
    return settings.registration != CLOSED


def app_sign_up(settings: Settings) -> bool:
    """Whether apps may register themselves."""
    return settings.dynamic_registration != CLOSED


def permits(settings: Settings) -> bool:
    """Whether they need an initial access token for that."""
    return settings.dynamic_registration == WITH_TOKEN
