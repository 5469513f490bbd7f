"""`python -m tests.bench.exchange`: one code exchange before and now as stacked bars, docs/exchange.svg.

Now is `.bench/bench.json` of the last `make bench`; before is `before.json` beside this file, from the same machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.context import ROOT
from tests.bench.bars import Bar, picture

OPERATION, ALGORITHM, SIGN = "code exchange with PKCE", "ES256", "ES256 sign"
LEGEND = ("one ES256 signature", "the rest of the OAuth work", "two calls to DynamoDB")
_BEFORE = Path(__file__).parent / "before.json"


def bar(name: str, document: Mapping[str, Any], way: str) -> Bar:
    """The CPU of the exchange in µs by one way to the store, "own" or "boto3"."""
    found = next(
        each for each in document["operations"] if (each["operation"], each["algorithm"]) == (OPERATION, ALGORITHM)
    )
    signature, logic, whole = document["raw"][SIGN]["median"], found["logic"]["median"], found[way]["median"]
    return Bar(name, (signature, logic - signature, whole - logic))


def main() -> None:
    """Write the picture, and print its figures."""
    before = json.loads(_BEFORE.read_text())
    now = json.loads((ROOT / ".bench" / "bench.json").read_text())
    bars = [
        bar("boto3, PyJWT, Logger", before, "boto3"),
        bar("own client, PyJWT, Logger", before, "own"),
        bar("now", now, "own"),
        bar("now, aws_client: boto3", now, "boto3"),
    ]
    for each in bars:
        print(f"{each.name:<28}{' + '.join(f'{part:.0f}' for part in each.parts)} = {sum(each.parts):.0f} µs")
    title = "CPU of one code exchange with PKCE, in µs"
    (ROOT / "docs" / "exchange.svg").write_text(picture(title, LEGEND, bars))


if __name__ == "__main__":
    main()
