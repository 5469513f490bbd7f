"""Cold starts: each function in a fresh Python that sees only its own bundle and layers, as on Lambda."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatepost.settings import table_variable
from gatepost_cdk.bundling import function_folder, layer_folder
from infra.configuration.context import ROOT
from infra.local.synthesis import machine_context
from infra.stack.function_table import FUNCTIONS
from infra.tools.sizes import measured
from tests.bench.deployed import Deployed
from tests.bench.operations import operations

RUNS = 9
_MACHINE = machine_context()
LAYERS_OF = {spec.name: spec.layers(mail=False, boto3=False) for spec in FUNCTIONS}
_PROGRAM = """
import sys, time
folders, program, event = sys.argv[1].split(":"), sys.argv[2], sys.argv[3]
sys.path[0:0] = folders
out = sys.stdout
sys.stdout = open("/dev/null", "w")
known = {}
exec(program, known)
imported = time.process_time()
if event:
    answer = known["handler"](known["json"].loads(event), None)
    assert answer.get("isAuthorized") or answer.get("statusCode") in (200, 201, 303), answer
answered = time.process_time()
import json
with open("/proc/self/status") as status:  # not getrusage: its maximum is inherited from the process that forked
    rss = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
# Packages: those of others, and of the standard library. Two are modules in one Python and packages in another.
found = {name.partition(".")[0] for name in sys.modules if name not in sys.stdlib_module_names or name == "pathlib"}
mine = sorted(found - {"typing"})
print(json.dumps([imported, answered, rss, mine]), file=out)
"""
HANDLER = "import json\nfrom handler import handler"
YARDSTICKS = {
    "Python alone": ("", ()),
    "Python + cryptography": (
        "import cryptography.hazmat.primitives.asymmetric.ec, cryptography.hazmat.primitives.asymmetric.rsa",
        ("tokens",),
    ),
    "boto3 client + PyJWT": (
        "import boto3, jwt\nimport jwt.algorithms\nboto3.client('dynamodb', region_name='eu-central-1')",
        ("boto3", "tokens", "jwt"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Milliseconds of CPU from the start of the process, the median of several; megabytes of memory at the end."""

    name: str
    imported: float
    answered: float
    memory: float
    kilobytes: int  # unzipped, with layers
    zipped: int


def folders(name: str) -> list[Path]:
    """Return a function's folders on Lambda: its own and its layers'."""
    python = _MACHINE["python"]
    layers = [layer_folder(ROOT, each, **_MACHINE) for each in LAYERS_OF[name]]
    return [function_folder(ROOT, ROOT / "functions" / name, python=python), *layers]


def starts(deployed: Deployed, endpoint: str, *, runs: int = RUNS) -> Iterator[Start]:
    """Yield every function's start, with its operation's response if it has one; then the yardsticks."""
    environment = deployed.environment(client="own", endpoint=endpoint)
    started: list[_Started] = []
    events: dict[str, Mapping[str, Any]] = {}
    for operation in operations(deployed):
        events.setdefault(operation.function, operation.events[0])
    for spec in FUNCTIONS:
        parts = folders(spec.name)
        sizes = [measured(part) for part in parts]
        path = [parts[0], *(part / "python" for part in parts[1:])]
        kilobytes, zipped = (sum(part) // 1000 for part in ([s.unzipped for s in sizes], [s.zipped for s in sizes]))
        started.append(_Started(spec.name, _command(path, HANDLER, events.get(spec.name)), kilobytes, zipped))
    for name, (program, layers) in YARDSTICKS.items():
        path = [layer_folder(ROOT, each, **_MACHINE) / "python" for each in layers]
        started.append(_Started(name, _command(path, program, None)))
    for _ in range(runs + 1):  # in turns, so that a slow moment of the machine is in the starts of all
        for each in started:
            each.said.append(json.loads(subprocess.check_output(each.command, env=dict(environment))))
    yield from map(_start, started)


@dataclass(slots=True)
class _Started:
    """A program that is started several times, and what it said each time."""

    name: str
    command: Sequence[str]
    kilobytes: int = 0
    zipped: int = 0
    said: list[list[Any]] = field(default_factory=list)


def _command(path: Sequence[Path], program: str, event: Mapping[str, Any] | None) -> list[str]:
    command = [sys.executable, "-I", "-S", "-c", _PROGRAM, ":".join(map(str, path)), program]
    return [*command, json.dumps(event) if event else ""]


def _start(started: _Started) -> Start:
    said = started.said[1:]  # the first one writes the bytecode
    return Start(
        name=started.name,
        imported=statistics.median(each[0] * 1000 for each in said),
        answered=statistics.median(each[1] * 1000 for each in said),
        memory=statistics.median(each[2] for each in said) / 1024,
        kilobytes=started.kilobytes,
        zipped=started.zipped,
    )


def imports(name: str) -> list[str]:
    """The packages outside the standard library that a function imports at its start."""
    parts = folders(name)
    path = [parts[0], *(part / "python" for part in parts[1:])]
    command = [sys.executable, "-I", "-S", "-c", _PROGRAM, ":".join(map(str, path)), HANDLER, ""]
    spec = next(spec for spec in FUNCTIONS if spec.name == name)
    tables = {table_variable(access.table): access.table for access in spec.tables}  # the authorizer asks for its own
    found: list[str] = json.loads(subprocess.check_output(command, env=tables))[3]
    return [each for each in found if each not in {"handler", "gatepost", "__main__"}]
