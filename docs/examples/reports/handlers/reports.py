"""What the authorizer found out about the token stands in the event, in one place for HTTP and one for REST APIs."""

import json


def handler(event, context):
    """Say whose reports these are."""
    authorizer = event["requestContext"]["authorizer"]
    facts = authorizer.get("lambda") or authorizer.get("jwt", {}).get("claims") or authorizer
    body = {"reports": ["2026-Q3"], "of": facts["sub"], "scope": facts["scope"]}
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
