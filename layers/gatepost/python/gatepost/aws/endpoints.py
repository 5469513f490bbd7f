"""Endpoints outside the partition `aws`, for FIPS and for dual-stack, as botocore's rules have them.

The common address needs none of this, so nothing imports it at the start.
"""

from __future__ import annotations

# By the part of a region's name that tells its partition: `cn-north-1`, `eusc-de-east-1`, `us-isob-east-1`.
_SUFFIXES = {
    "cn": "amazonaws.com.cn",
    "eusc": "amazonaws.eu",
    "iso": "c2s.ic.gov",
    "isob": "sc2s.sgov.gov",
    "isoe": "cloud.adc-e.uk",
    "isof": "csp.hci.ic.gov",
}
_DUAL_STACK = {
    "": "api.aws",
    "cn": "api.amazonwebservices.com.cn",
    "eusc": "api.amazonwebservices.eu",
    "gov": "api.aws",
    "iso": "api.aws.ic.gov",
    "isob": "api.aws.scloud",
}
_DUAL_STACK_OF_LAMBDA = {"isoe": "api.cloud-aws.adc-e.uk", "isof": "api.aws.hci.ic.gov"}


def address(service: str, region: str, *, fips: bool, dual_stack: bool) -> str:
    """The endpoint of a service in a region. Raises ValueError where AWS has no dual-stack ones."""
    partition = next((part for part in region.split("-")[:2] if part in {*_SUFFIXES, "gov"}), "")
    suffix = _SUFFIXES.get(partition, "amazonaws.com")
    if dual_stack and not _answers_both(service, partition, fips=fips):
        suffixes = _DUAL_STACK | ({} if service != "lambda" or fips else _DUAL_STACK_OF_LAMBDA)
        if partition not in suffixes:
            raise ValueError(f"there are no dual-stack endpoints in {region}")
        suffix = suffixes[partition]
    is_fips = service in ("dynamodb", "sqs") and partition == "gov" and not dual_stack  # the usual one is
    return f"https://{service}{'-fips' if fips and not is_fips else ''}.{region}.{suffix}"


def _answers_both(service: str, partition: str, *, fips: bool) -> bool:
    """Whether the usual endpoint of the service has IPv6."""
    return service == "secretsmanager" and (partition in ("", "gov") or (partition == "cn" and not fips))
