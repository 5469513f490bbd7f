"""Generated tables within handwritten documents, each between markers that name it and the command."""

from __future__ import annotations

from collections.abc import Mapping


def placed(text: str, parts: Mapping[str, str], *, command: str) -> str:
    """Return the document with its tables regenerated. Raises ValueError if one has no markers."""
    for name, table in parts.items():
        begin, end = f"<!-- {name}: {command} -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"the document has no place for {name!r}")
        text = f"{before}{begin}\n\n{table}\n\n{end}{after}"
    return text
