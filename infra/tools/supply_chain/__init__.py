"""What the packages bring in: known vulnerabilities of what is locked, and the list of what is deployed (SBOM)."""
