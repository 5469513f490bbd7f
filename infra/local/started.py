"""Base of deployments that run for a block: our own, or a guest beside it."""

from __future__ import annotations

import contextlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Self

from infra.local.coverage import check_covered
from infra.local.lambda_runtime.process import FunctionConfig
from infra.local.lambda_runtime.runtime import Function
from infra.local.synthesis import Assembly

Alter = Callable[[dict[str, Any]], None]


class Started(ABC):
    """A context manager that starts everything, and stops it in reverse order."""

    _exit = ExitStack()

    def __enter__(self) -> Self:
        """Start everything. Errors have a sentence for people (see `infra.local.__main__`)."""
        with ExitStack() as starting:
            self._start(starting)
            self._exit = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything that was started, in reverse order."""
        self._exit.close()

    @abstractmethod
    def _start(self, starting: ExitStack) -> None:
        """Start, entering everything that must be stopped into `starting`."""


def in_use(assembly: Assembly, alter: Alter | None, starting: ExitStack) -> Assembly:
    """Return the assembly with its template altered and checked; its files are kept until `starting` ends."""
    if alter:
        template = json.loads(json.dumps(assembly.template))
        alter(template)
        assembly = replace(assembly, template=template)
    check_covered(assembly.template)
    starting.enter_context(assembly.in_use())
    return assembly


def by_what_invokes(functions: Iterable[Function]) -> dict[str, Function]:
    """Return the functions by their names and the ARNs of their aliases."""
    return {name: each for each in functions for name in (each.config.physical_name, each.config.alias_arn)}


def running_functions(
    configs: Mapping[str, FunctionConfig],
    starting: ExitStack,
    *,
    width: int,
    credentials: Callable[[str], Callable[[str], Mapping[str, str]]],
    log: Callable[[str, str], None],
) -> dict[str, Function]:
    """Return a function per configuration, under the same name; `credentials` takes that name and returns a role's."""
    return {
        name: starting.enter_context(
            contextlib.closing(Function(config, width=width, credentials=credentials(name), log=log))
        )
        for name, config in configs.items()
    }
