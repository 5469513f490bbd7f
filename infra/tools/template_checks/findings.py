"""Findings of any of the tools, and the acknowledgements that explain them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a tool says of one resource; `resource` is the path of its construct, the stack's name first."""

    rule: str
    resource: str
    text: str

    def __str__(self) -> str:
        """The line that says it."""
        return f"{self.rule} {self.resource}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Why findings of these rules stand, for the resources that a pattern (`*` is any text) names."""

    rules: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str

    def explains(self, finding: Finding) -> bool:
        """Whether the finding is one of those meant."""
        return finding.rule in self.rules and any(fnmatchcase(finding.resource, each) for each in self.resources)


def unexplained(findings: Iterable[Finding], acknowledgements: Sequence[Acknowledgement]) -> list[Finding]:
    """What has to be mended, or acknowledged with a reason."""
    return [finding for finding in findings if not any(each.explains(finding) for each in acknowledgements)]


def outlived(findings: Sequence[Finding], acknowledgements: Iterable[Acknowledgement]) -> Iterator[str]:
    """What of the acknowledgements no finding needs any more: each rule and each pattern must match one."""
    for each in acknowledgements:
        met = [finding for finding in findings if each.explains(finding)]
        for rule in each.rules:
            if not any(finding.rule == rule for finding in met):
                yield f"{rule} finds nothing in {', '.join(each.resources)}"
        for pattern in each.resources:
            if met and not any(fnmatchcase(finding.resource, pattern) for finding in met):
                yield f"{', '.join(each.rules)} finds nothing in {pattern}"
