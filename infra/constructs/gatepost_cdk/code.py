"""Bundles as the code of a layer or function in a CDK stack."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_

from gatepost_cdk.bundling import digest_of


def code_of(folder: Path) -> lambda_.AssetCode:
    """Return the code in a folder of `bundling`; the hash of the asset is the digest of its inputs."""
    return lambda_.Code.from_asset(str(folder), asset_hash=digest_of(folder), asset_hash_type=AssetHashType.CUSTOM)
