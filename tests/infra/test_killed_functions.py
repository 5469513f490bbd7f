"""Killing the processes of functions: what the soak does to a deployment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.local.lambda_runtime.process import FunctionConfig, InvocationFailed
from infra.local.lambda_runtime.runtime import Function

HANDLER = """
import os, time

def handler(event, context):
    if event["seconds"]:
        open(event["started"], "w").close()
        time.sleep(event["seconds"])
    return os.getpid()
"""


@pytest.fixture
def function(tmp_path: Path) -> Iterator[Function]:
    (tmp_path / "handler.py").write_text(HANDLER)
    config = FunctionConfig(
        name="sleeper", physical_name="sleeper", arn="arn:aws:lambda:us-east-1:000000000000:function:sleeper",
        role_arn="", handler="handler.handler", memory=128, timeout=60, environment={}, code=tmp_path, layers=(),
    )  # fmt: skip
    made = Function(config, width=2, credentials=lambda _: {}, log=lambda *_: None)
    yield made
    made.close()


def test_where_nothing_runs_there_is_nothing_to_kill(function: Function) -> None:
    assert function.kill_one() is False
    assert function.pids == []


def test_a_process_that_was_killed_while_it_waited_is_replaced(function: Function) -> None:
    first = function.invoke({"seconds": 0})
    assert function.pids == [first]

    assert function.kill_one() is True

    second = function.invoke({"seconds": 0})
    assert second != first
    assert function.pids == [second]


def test_a_process_that_works_is_killed_before_one_that_waits_and_its_request_fails(
    function: Function, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    with ThreadPoolExecutor() as pool:
        working = pool.submit(function.invoke, {"seconds": 60, "started": str(started)})
        while not started.exists():
            time.sleep(0.01)
        waiting = function.invoke({"seconds": 0})

        assert function.kill_one() is True

        with pytest.raises(InvocationFailed):
            working.result(timeout=30)
    assert function.invoke({"seconds": 0}) == waiting
