"""Prints the sizes of a synthesized template's functions and layers: `python -m infra.tools.sizes TEMPLATE`."""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.configuration.context import ROOT
from infra.stack.function_table import FOLDER

_MEMORY = ROOT / ".build" / "sizes.json"


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of an asset, zipped for upload and unpacked by Lambda."""

    zipped: int
    unzipped: int

    def __add__(self, other: Size) -> Size:
        """Return the sum of both."""
        return Size(self.zipped + other.zipped, self.unzipped + other.unzipped)


def measured(folder: Path) -> Size:
    """Return the size of an asset's folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(folder))
        return Size(packed.tell(), sum(path.stat().st_size for path in files))


def table(template: Mapping[str, Any], size_of: Mapping[str, Size]) -> Iterator[str]:
    """Yield the lines to print; `size_of` holds the assets by their S3 key."""
    resources = template["Resources"]
    layers = {name: each for name, each in resources.items() if each["Type"] == "AWS::Lambda::LayerVersion"}
    weights = {name: size_of[each["Properties"]["Content"]["S3Key"]] for name, each in layers.items()}
    yield _line("layer", "zipped", "unzipped", "", "")
    for name, weight in weights.items():
        yield _line(_layer(name), _kilobytes(weight.zipped), _kilobytes(weight.unzipped), "", "")
    yield ""
    yield _line("function", "zipped", "unzipped", "with layers", "layers")
    for each in resources.values():
        if each["Type"] == "AWS::Lambda::Function":
            own = size_of[each["Properties"]["Code"]["S3Key"]]
            its = [layer["Ref"] for layer in each["Properties"].get("Layers", [])]
            whole = sum((weights[layer] for layer in its), own).unzipped
            names = " ".join(_layer(layer) for layer in its)
            yield _line(
                each["Metadata"][FOLDER], _kilobytes(own.zipped), _kilobytes(own.unzipped), _kilobytes(whole), names
            )


def main(path: Path) -> None:
    """Print the table; sizes are cached, since the key of an asset identifies its content."""
    template = json.loads(path.read_text())
    known = _remembered()
    properties = [each.get("Properties", {}) for each in template["Resources"].values()]
    keys = {each[part]["S3Key"] for each in properties for part in ("Code", "Content") if part in each}
    sizes = {
        key: Size(*known[key]) if key in known else measured(path.parent / f"asset.{key.removesuffix('.zip')}")
        for key in sorted(keys)
    }
    _MEMORY.parent.mkdir(exist_ok=True)
    _MEMORY.write_text(json.dumps({key: (size.zipped, size.unzipped) for key, size in sizes.items()}))
    print("\n".join(table(template, sizes)))


def _remembered() -> dict[str, list[int]]:
    try:
        known: dict[str, list[int]] = json.loads(_MEMORY.read_text())
    except (OSError, ValueError):
        return {}
    return known


def _layer(logical_id: str) -> str:
    """Return `tokens` for `FunctionsTokensLayer1234ABCD`."""
    return logical_id.removeprefix("Functions")[:-8].removesuffix("Layer").lower()


def _kilobytes(number: int) -> str:
    return f"{number / 1000:,.1f} kB"


def _line(*cells: str) -> str:
    first, *numbers, last = cells
    return f"{first:<14}{''.join(f'{cell:>14}' for cell in numbers)}  {last}".rstrip()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
