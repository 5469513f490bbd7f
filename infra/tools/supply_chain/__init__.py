"""Checks of dependencies: known vulnerabilities of locked packages, and the bill of materials (SBOM)."""
