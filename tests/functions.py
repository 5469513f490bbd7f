"""The functions in this process: their handlers, and what a container keeps."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from gatepost.observability import log
from gatepost.resource_server import feed_watch
from gatepost.resource_server import guard_wiring as guarding
from gatepost.runtime import database, environment, fetching, logouts, telling_owners, token_counts, wiring

FUNCTIONS = Path(__file__).parents[1] / "functions"
_KEPT: tuple[Any, ...] = (
    *(guarding.protection, guarding.watch, feed_watch.watch),
    *(environment.settings, database.table_names, database.dynamodb, log.environment),
    *(wiring.store, wiring.server, wiring.mailer, database.secrets_manager),
    *(telling_owners.waiting, logouts.logout_queue, logouts.logout_queues, fetching.fetcher),
)


def module_of(function: str) -> ModuleType:
    """Import a function's handler anew."""
    spec = spec_from_file_location(f"handler_of_{function}", FUNCTIONS / function / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def forget(modules: Iterable[ModuleType] = (), *, counts: bool = True) -> None:
    """The next call finds a new container: nothing is kept by the layer, nor by handlers; nor the tokens it counted."""
    of_handlers = (each for module in modules for each in vars(module).values() if hasattr(each, "cache_clear"))
    for cached in (*_KEPT, *([token_counts.counts] if counts else []), *of_handlers):
        cached.cache_clear()
