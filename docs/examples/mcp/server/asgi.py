"""The SDK speaks ASGI and Lambda speaks events: one event is one request here, answered as JSON by one response."""

import base64


async def call(app, event, body):
    """Return the response of an ASGI app to an event of an HTTP API or function URL, with this body."""
    http = event["requestContext"]["http"]
    headers = {**event["headers"], "content-length": str(len(body))}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": http["method"],
        "scheme": "https",
        "path": event["rawPath"],
        "raw_path": event["rawPath"].encode(),
        "query_string": event["rawQueryString"].encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": (http["sourceIp"], 0),
        "server": (event["requestContext"]["domainName"], 443),
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    start, *parts = sent
    return {
        "statusCode": start["status"],
        "headers": {name.decode(): value.decode("latin-1") for name, value in start["headers"]},
        "body": base64.b64encode(b"".join(part.get("body", b"") for part in parts)).decode(),
        "isBase64Encoded": True,
    }
