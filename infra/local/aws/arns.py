"""ARNs and the wildcards of policies and permissions."""

from __future__ import annotations

import re

from infra.local.aws.cloud import REGION

ACCOUNT = "000000000000"  # the only account of the local AWS


def execute_api(api_id: str, path: str) -> str:
    """Return the ARN of a part of an API: a stage with method and path, or an authorizer."""
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id}/{path}"


def matches(pattern: str, arn: str) -> bool:
    """Whether a pattern with `*` (any text, also empty) and `?` (one character) covers the ARN."""
    parts = re.split(r"([*?])", pattern)
    expression = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(expression, arn, re.DOTALL) is not None
