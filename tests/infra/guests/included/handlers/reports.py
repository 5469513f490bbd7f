import json


def handler(event, context):  # type: ignore[no-untyped-def]
    facts = event["requestContext"]["authorizer"]["lambda"]
    return {"statusCode": 200, "body": json.dumps({"of": facts["sub"], "scope": facts["scope"]})}
