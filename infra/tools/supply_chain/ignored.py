"""Accepted vulnerabilities of locked packages, each with a reason. Any other fails `make check`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """The reason why a vulnerability (`CVE-…`, `GHSA-…` or `PYSEC-…`) of a package does no harm here."""

    package: str
    vulnerability: str
    reason: str


IGNORED: tuple[Ignored, ...] = ()
