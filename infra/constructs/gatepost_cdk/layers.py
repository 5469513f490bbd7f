"""The layers of a function that verifies tokens, once for each stack that has one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_

from gatepost_cdk.bundling import dependencies_layer

ROOT = Path(__file__).resolve().parents[3]  # of the checkout: what is deployed lies there
NOT_CODE = ["**/__pycache__", "**/.mypy_cache"]
ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


def verifying_layers(
    stack: Stack, *, architecture: str, python: str, runtime: lambda_.Runtime
) -> Sequence[lambda_.ILayerVersion]:
    """What `gatepost.guard` and the authorizer import, and nothing else; for functions of `runtime`."""
    folders: tuple[tuple[str, Path, list[str]], ...] = (
        ("Dependencies", dependencies_layer(ROOT, architecture=architecture, python=python), []),
        ("Gatepost", ROOT / "layers" / "gatepost", NOT_CODE),
    )
    suffix = f"-{architecture}-{runtime.name}"
    return [
        _layer(stack, f"Gatepost{name}{suffix}", folder, exclude, architecture, runtime)
        for name, folder, exclude in folders
    ]


def runtime_of(python: str) -> lambda_.Runtime:
    """The runtime of a Python version, "3.13"; CDK tells its own from one made by hand."""
    known = getattr(lambda_.Runtime, f"PYTHON_{python.replace('.', '_')}", None)
    return known if isinstance(known, lambda_.Runtime) else lambda_.Runtime(f"python{python}")


def python_of(runtime: lambda_.Runtime) -> str:
    """The Python version of a runtime. Raises ValueError for another language."""
    if not runtime.name.startswith("python3."):
        raise ValueError(f"the function's runtime is {runtime.name}; the guard is for Python")
    return runtime.name.removeprefix("python")


def _layer(
    stack: Stack, name: str, folder: Path, exclude: list[str], architecture: str, runtime: lambda_.Runtime
) -> lambda_.ILayerVersion:
    known = stack.node.try_find_child(name)
    if isinstance(known, lambda_.LayerVersion):
        return known
    return lambda_.LayerVersion(
        stack,
        name,
        code=lambda_.Code.from_asset(str(folder), exclude=exclude),
        compatible_runtimes=[runtime],
        compatible_architectures=[ARCHITECTURES[architecture]],
    )
