"""The layers of a function that verifies tokens, once for each stack that has one."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_

from gatepost_cdk.bundling import layer_folder
from gatepost_cdk.code import code_of
from gatepost_cdk.decider import LAYERS
from gatepost_cdk.sources import ROOT

ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


def verifying_layers(
    stack: Stack, *, architecture: str, python: str, runtime: lambda_.Runtime, beside: Sequence[str] = ()
) -> Sequence[lambda_.ILayerVersion]:
    """What `gatepost.guard` and the authorizer import, and the layers `beside` it; for functions of `runtime`."""
    return [_layer(stack, name, architecture, python, runtime) for name in (*beside, *LAYERS)]


def runtime_of(python: str) -> lambda_.Runtime:
    """The runtime of a Python version, "3.13"; CDK tells its own from one made by hand."""
    known = getattr(lambda_.Runtime, f"PYTHON_{python.replace('.', '_')}", None)
    return known if isinstance(known, lambda_.Runtime) else lambda_.Runtime(f"python{python}")


def python_of(runtime: lambda_.Runtime) -> str:
    """The Python version of a runtime. Raises ValueError for another language."""
    if not runtime.name.startswith("python3."):
        raise ValueError(f"the function's runtime is {runtime.name}; the guard is for Python")
    return runtime.name.removeprefix("python")


def _layer(stack: Stack, name: str, architecture: str, python: str, runtime: lambda_.Runtime) -> lambda_.ILayerVersion:
    construct_id = f"GatepostLayer-{name}-{architecture}-{runtime.name}"
    known = stack.node.try_find_child(construct_id)
    if isinstance(known, lambda_.LayerVersion):
        return known
    return lambda_.LayerVersion(
        stack,
        construct_id,
        description=f"Gatepost: {name}",
        code=code_of(layer_folder(ROOT, name, architecture=architecture, python=python)),
        compatible_runtimes=[runtime],
        compatible_architectures=[ARCHITECTURES[architecture]],
    )
