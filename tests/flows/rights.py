"""Whether a permission of a role in a template allows a call."""

from __future__ import annotations

import re

from infra.local.aws.calls import AwsCall
from infra.stack.access import ID_FORMS
from tests.infra.rendered import Grant


def fits(call: AwsCall, grant: Grant) -> bool:
    """Whether a grant allows the call. For mail any identity of the sender does: SES checks the one it has verified."""
    if call.action == "ses:SendEmail":
        return grant.action == call.action and call.resource == grant.sender
    return (
        (grant.action, grant.resource) == (call.action, call.resource)
        and (not grant.leading_keys or all(any(covers(each, key) for each in grant.leading_keys)
                                           for key in call.partitions))
        and (not grant.attributes or set(call.attributes) <= set(grant.attributes))
    )  # fmt: skip


def covers(pattern: str, partition: str) -> bool:
    """Whether a partition is one of the pattern; one of another kind never is, whatever its form."""
    form = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(form, partition) is not None and (pattern not in ID_FORMS or "#" not in partition)
