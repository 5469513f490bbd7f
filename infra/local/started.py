"""What is started for a block: a deployment of ours, or a guest beside it."""

from __future__ import annotations

import contextlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Self

from infra.local.coverage import check_covered
from infra.local.lambda_runtime.process import FunctionConfig
from infra.local.lambda_runtime.runtime import Function
from infra.local.synthesis import Assembly

Alter = Callable[[dict[str, Any]], None]


class Started(ABC):
    """`with` starts everything, and stops it in the reverse order."""

    _exit = ExitStack()

    def __enter__(self) -> Self:
        """Start everything. What goes wrong has a sentence for people (see `infra.local.__main__`)."""
        with ExitStack() as starting:
            self._start(starting)
            self._exit = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything that was started, the last first."""
        self._exit.close()

    @abstractmethod
    def _start(self, starting: ExitStack) -> None:
        """Enter into `starting` whatever must be stopped."""


def in_use(assembly: Assembly, alter: Alter | None, starting: ExitStack) -> Assembly:
    """The assembly with its template altered and checked; nothing else changes its files before `starting` ends."""
    if alter:
        template = json.loads(json.dumps(assembly.template))
        alter(template)
        assembly = replace(assembly, template=template)
    check_covered(assembly.template)
    starting.enter_context(assembly.in_use())
    return assembly


def running_functions(
    configs: Mapping[str, FunctionConfig],
    starting: ExitStack,
    *,
    width: int,
    credentials: Callable[[str], Callable[[str], Mapping[str, str]]],
    log: Callable[[str, str], None],
) -> dict[str, Function]:
    """A function for each configuration, under the same name; `credentials` gives those of a role, by that name."""
    return {
        name: starting.enter_context(
            contextlib.closing(Function(config, width=width, credentials=credentials(name), log=log))
        )
        for name, config in configs.items()
    }
