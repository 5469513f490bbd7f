"""No authorizer before it: the function itself looks at the token, and answers with a challenge."""

import json
import os

from gatepost.guard import protected, resource_metadata

SCOPES = ["reports.read"]


@protected(scopes=SCOPES)
def reports(event, context):
    """Say whose reports these are."""
    facts = event["requestContext"]["authorizer"]["lambda"]
    return answer({"reports": ["2026-Q3"], "of": facts["sub"], "scope": facts["scope"]})


def metadata(event, context):
    """Tell clients which server gives tokens for this API (RFC 9728)."""
    return answer(resource_metadata(os.environ["RESOURCE"], scopes=SCOPES))


def answer(document):
    """A JSON response."""
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(document)}
