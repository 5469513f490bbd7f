"""Findings of all tools, and the acknowledgements that explain them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A tool's finding about a resource; `resource` is the path of its construct, starting with the stack's name."""

    rule: str
    resource: str
    text: str

    def __str__(self) -> str:
        """Return the line that reports it."""
        return f"{self.rule} {self.resource}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """The reason why findings of these rules are accepted, for resources that match a pattern (`*` is any text)."""

    rules: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str

    def explains(self, finding: Finding) -> bool:
        """Whether the acknowledgement covers the finding."""
        return finding.rule in self.rules and any(fnmatchcase(finding.resource, each) for each in self.resources)


def unexplained(findings: Iterable[Finding], acknowledgements: Sequence[Acknowledgement]) -> list[Finding]:
    """Return the findings that are not acknowledged."""
    return [finding for finding in findings if not any(each.explains(finding) for each in acknowledgements)]


def outlived(findings: Sequence[Finding], acknowledgements: Iterable[Acknowledgement]) -> Iterator[str]:
    """Yield the unneeded parts of the acknowledgements: each rule and each pattern must match a finding."""
    for each in acknowledgements:
        met = [finding for finding in findings if each.explains(finding)]
        for rule in each.rules:
            if not any(finding.rule == rule for finding in met):
                yield f"{rule} finds nothing in {', '.join(each.resources)}"
        for pattern in each.resources:
            if met and not any(fnmatchcase(finding.resource, pattern) for finding in met):
                yield f"{', '.join(each.rules)} finds nothing in {pattern}"
