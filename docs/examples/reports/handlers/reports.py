"""The token's facts are in the event, in one place for HTTP APIs and in another for REST APIs."""

import json


def handler(event, context):
    """Return the reports with their owner."""
    authorizer = event["requestContext"]["authorizer"]
    facts = authorizer.get("lambda") or authorizer.get("jwt", {}).get("claims") or authorizer
    body = {"reports": ["2026-Q3"], "of": facts["sub"], "scope": facts["scope"]}
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
