"""Known vulnerabilities of locked packages that stand, each with a reason. Whatever is not here fails `make check`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Why one vulnerability (`CVE-…`, `GHSA-…` or `PYSEC-…`) of one package does no harm here."""

    package: str
    vulnerability: str
    reason: str


IGNORED: tuple[Ignored, ...] = ()
