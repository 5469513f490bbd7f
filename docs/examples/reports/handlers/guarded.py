"""No authorizer: the function itself checks the token, and responds with a challenge."""

import json
import os

from gatepost.guard import protected, resource_metadata

SCOPES = ["reports.read"]


@protected(scopes=SCOPES)
def reports(event, context):
    """Return the reports with their owner."""
    facts = event["requestContext"]["authorizer"]["lambda"]
    return answer({"reports": ["2026-Q3"], "of": facts["sub"], "scope": facts["scope"]})


def metadata(event, context):
    """Return the metadata that names the authorization server of this API (RFC 9728)."""
    return answer(resource_metadata(os.environ["RESOURCE"], scopes=SCOPES))


def answer(document):
    """Return a JSON response."""
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(document)}
