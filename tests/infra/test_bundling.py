from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from gatepost.settings import table_variable
from gatepost_cdk.bundling import BundlingFailed, digest_of, function_folder, layer_folder
from gatepost_cdk.packages import LAYERS, OWN, SERVICES
from gatepost_cdk.wheels import InstallFailed, locked
from infra.configuration.context import ROOT
from infra.local.synthesis import machine_context
from infra.stack.function_spec import FunctionSpec
from infra.stack.function_table import FUNCTIONS
from tests.infra.rendered import functions
from tests.infra.synthesized import Synthesized
from tests.operating import ran

MACHINE = machine_context()
PYTHON = MACHINE["python"]
INPUTS = ("requirements/layer.txt", "layers/gatepost", "functions/token", "infra/constructs")

BUILD = """
import os, sys
from pathlib import Path
root, umask, architecture, python = Path(sys.argv[1]), int(sys.argv[2], 8), *sys.argv[3:]
sys.path.insert(0, str(root / "infra/constructs"))
os.umask(umask)
from gatepost_cdk.bundling import function_folder, layer_folder
from gatepost_cdk.packages import LAYERS, OWN
for name in (OWN, *LAYERS):
    print(layer_folder(root, name, architecture=architecture, python=python).name)
print(function_folder(root, root / "functions/token", python=python).name)
"""

# Imports a module, and says what came from the folders, and what a snapshot of the process would hold.
IMPORT = """
import gc, importlib, json, os, socket, sys, threading
before, folders, made = set(sys.modules), sys.argv[2:], []
socket.socket.connect = lambda *a, **k: made.append("a connection")
files = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
sys.path[0:0] = folders
importlib.import_module(sys.argv[1])
places = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items() if name not in before}
own = [module for name, module in list(sys.modules.items()) if name.startswith("gatepost.")]
kept = {value for module in own for value in vars(module).values() if hasattr(value, "cache_info")}
for each in gc.get_objects():
    if any((kind.__module__, kind.__name__) == ("botocore.client", "BaseClient") for kind in type(each).__mro__):
        made.append("a client")
    if isinstance(each, socket.socket) and each.fileno() != -1:
        made.append("an open socket")
print(json.dumps({
    "modules": sorted(name for name, place in places.items() if place.startswith(tuple(folders))),
    "kept": len(kept),
    "held": {
        "made": made,
        "full": [value.__name__ for value in kept if value.cache_info().currsize],
        "threads": threading.active_count(),
        "files": len(set(os.listdir("/proc/self/fd")) - files) if files else 0,
    },
}))
"""

# What no function imports at its start but when it is called: no cold start hashes a password or sends a mail.
HASHING = ("token", "console", "registration", "recovery", "account")
MAILING = {"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}
LAYERS_OF = {spec.name: spec.layers(mail=True, boto3=False) for spec in FUNCTIONS}
LAZY: dict[str, set[str]] = {
    spec.name: {*(("bcrypt", "zxcvbn") if spec.name in HASHING else ()), *(MAILING if spec.sends_mail else ())}
    for spec in FUNCTIONS
}
LAZY["consumer"] |= {"jinja2", "markupsafe"}  # of its page only
LAZY["logo"] |= {"pillow"}  # the folder of Pillow's shared libraries
LAZY["userinfo"] |= {"cryptography", "_cffi_backend"}  # of a signed response only


def imported(module: str, *folders: Path, **environ: str) -> dict[str, Any]:
    """Import a module in a process that has these folders and nothing else."""
    done = ran(sys.executable, "-I", "-S", "-c", IMPORT, module, *folders, env=environ)
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def files_of(folder: Path, names: list[str]) -> dict[str, tuple[int, bytes]]:
    """The files of the folders of these names, with modes and contents."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, b"" if path.is_dir() else path.read_bytes())
        for name in names
        for path in (folder / name).rglob("*")
    }


def built(place: Path) -> list[str]:
    """Return the names of the folders that a clean build at `place` makes, with other habits than ours."""
    for name in INPUTS:
        source, target = ROOT / name, place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    for path in place.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    build = (sys.executable, "-B", "-c", BUILD, place, "077", MACHINE["architecture"], PYTHON)
    done = ran(*build, env={**os.environ, "PYTHONHASHSEED": "2"})
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_clean_build_elsewhere_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    names = built(tmp_path / "another/place")
    ours = [*map(layer, (OWN, *LAYERS)), function_folder(ROOT, ROOT / "functions" / "token", python=PYTHON)]
    first = files_of(ROOT / ".build" / "bundles", names)

    assert names == [each.name for each in ours]
    assert len(names) == 10
    assert len(first) > 1000
    assert first == files_of(tmp_path / "another/place/.build/bundles", names)


def test_an_edit_makes_another_bundle_and_its_undoing_brings_the_old_one_back(tmp_path: Path) -> None:
    source = tmp_path / "functions" / "hello"
    source.mkdir(parents=True)
    (source / "handler.py").write_text("ANSWER = 1\n")
    first = function_folder(tmp_path, source, python=PYTHON)
    (source / "handler.py").write_text("ANSWER = 2\n")
    second = function_folder(tmp_path, source, python=PYTHON)
    (source / "handler.py").write_text("ANSWER = 1\n")
    again = function_folder(tmp_path, source, python=PYTHON)
    assert first == again
    assert digest_of(first) != digest_of(second)
    assert [(each / "handler.py").read_text() for each in (first, second)] == ["ANSWER = 1\n", "ANSWER = 2\n"]


@pytest.mark.parametrize("script", [None, "#!/bin/sh\necho 'python3.99: command not found' >&2\nexit 127\n"])
def test_without_the_python_of_the_functions_nothing_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    (tmp_path / "bin").mkdir()
    if script is not None:
        (tmp_path / "bin" / "python3.99").write_text(script)
        (tmp_path / "bin" / "python3.99").chmod(0o755)
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "handler.py").write_text("ANSWER = 1\n")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(BundlingFailed) as caught:
        function_folder(tmp_path, tmp_path / "hello", python="3.99")
    assert str(caught.value) == (
        "The functions are for Python 3.99, and only Python 3.99 can compile them: install python3.99, "
        "or set `python` (in cdk.json, or of GatepostAuthorizer) to a version that this machine and Lambda have."
    )
    assert not list((tmp_path / ".build" / "bundles").glob("function-hello-python399-????????*"))


def test_a_package_of_the_lock_file_without_a_layer_stops_the_build() -> None:
    lock = (ROOT / "requirements/layer.txt").read_text()
    with pytest.raises(InstallFailed) as caught:
        locked(lock + "leftpad==1.0 \\\n    --hash=sha256:00\n")
    assert str(caught.value) == (
        "requirements/layer.txt and the layers of gatepost_cdk/packages.py disagree about leftpad."
    )


def layer(name: str) -> Path:
    return layer_folder(ROOT, name, architecture=MACHINE["architecture"], python=PYTHON)


@pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)
def test_a_function_imports_every_package_of_its_layers_and_no_other_and_holds_nothing(spec: FunctionSpec) -> None:
    """No connection, client, setting or secret is there before the first request: a snapshot would hold it."""
    task = function_folder(ROOT, ROOT / "functions" / spec.name, python=PYTHON)
    folders = [task, *(layer(name) / "python" for name in LAYERS_OF[spec.name])]
    tables = {table_variable(access.table): "a-table" for access in spec.tables}  # the authorizer asks for its table

    found = imported("handler", *folders, **tables)

    names = {name.partition(".")[0] for name in found["modules"]} | LAZY[spec.name]
    assert names == {"handler", *(name for each in LAYERS_OF[spec.name] for name in packages(layer(each)))}
    assert found["kept"] >= 5 or spec.name in ("demo", "fetch", "logo")  # what is made once, at the first request
    assert found["held"] == {"made": [], "full": [], "threads": 1, "files": 0}
    assert len(LAYERS_OF[spec.name]) <= 5  # as many as Lambda allows


def packages(folder: Path) -> set[str]:
    return {path.name.partition(".")[0] for path in (folder / "python").iterdir()} - {"__pycache__"}


def test_the_functions_that_ship_bcrypt_are_those_that_hash() -> None:
    hashing = re.compile(
        r"\b(check_password|hash_password|register_user|mail_registration|recover|accounts\.change_password|exchange)\("
    )
    calling = {
        spec.name for spec in FUNCTIONS if hashing.search((ROOT / "functions" / spec.name / "handler.py").read_text())
    }
    assert calling == {spec.name for spec in FUNCTIONS if "passwords" in LAYERS_OF[spec.name]} == set(HASHING)


def test_the_service_models_that_are_shipped_are_those_that_clients_are_made_for() -> None:
    code = [path.read_text() for folder in ("layers/gatepost", "functions") for path in (ROOT / folder).rglob("*.py")]
    made = {name for text in code for name in re.findall(r"client\(\s*\"(\w+)\"", text)}
    assert made == set(SERVICES)
    data = layer("boto3") / "python/botocore/data"
    assert {path.name for path in data.iterdir() if path.is_dir()} == made


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_holds_code_and_licences_and_nothing_else(name: str) -> None:
    folder = layer(name)
    assert {path.name for path in folder.iterdir()} == {"python", "licenses"}
    assert {path.name for path in (folder / "licenses").iterdir()} == set(LAYERS[name])
    files = (re.sub(r"\.so[.0-9]+$", ".so", path.name) for path in (folder / "python").rglob("*") if path.is_file())
    endings = {Path(name).suffix for name in files}
    assert endings <= {".py", ".pyc", ".so", ".json", ".gz", ".pem"}  # and so nothing of *.dist-info


@pytest.mark.parametrize(("name", "place"), [*((name, "/opt/python") for name in ("gatepost", *LAYERS)), ("", "")])
def test_every_module_has_bytecode_that_is_used_unchecked(name: str, place: str) -> None:
    folder = layer(name) if name else function_folder(ROOT, ROOT / "functions" / "token", python=PYTHON)
    place = place or "/var/task"
    code = folder / "python" if name else folder
    for path in code.rglob("*.py"):
        compiled = path.parent / "__pycache__" / f"{path.stem}.cpython-{PYTHON.replace('.', '')}.pyc"
        content = compiled.read_bytes()
        assert content[4:8] == b"\x01\0\0\0"  # PEP 552: by hash, which is not checked
        assert f"{place}/{path.relative_to(code)}".encode() in content
        assert str(ROOT).encode() not in content


def test_the_code_of_the_operators_functions_is_what_they_import(everything: Synthesized) -> None:
    code = functions(everything.main)["operate_admin"]["Code"]["S3Key"]
    folder = everything.folder / f"asset.{code.removesuffix('.zip')}"
    layers = [layer(name) / "python" for name in ("gatepost", "boto3")]
    found = imported("infra.tools.operator.invoked", folder, *layers)
    shipped = {
        str(path.relative_to(folder)).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for path in folder.rglob("*.py")
    }
    assert {name for name in found["modules"] if name.partition(".")[0] == "infra"} == shipped
    assert {path.name for path in (folder / "models").iterdir()} == {"cloudformation"}
