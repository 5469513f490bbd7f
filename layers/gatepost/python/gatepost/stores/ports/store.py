"""All ports in one, as functions receive it."""

from __future__ import annotations

from typing import Protocol

from gatepost.stores.ports.accounts import AccountStore
from gatepost.stores.ports.apps import AppStore
from gatepost.stores.ports.audit import AuditStore
from gatepost.stores.ports.counts import CountStore
from gatepost.stores.ports.feed import FeedStore
from gatepost.stores.ports.grants import GrantStore
from gatepost.stores.ports.problems import ProblemStore
from gatepost.stores.ports.records import Records
from gatepost.stores.ports.sessions import SessionStore


class Store(
    Records, AppStore, AccountStore, SessionStore, GrantStore, FeedStore, AuditStore, ProblemStore, CountStore, Protocol
):
    """Every port."""
