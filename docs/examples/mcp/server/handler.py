"""The Lambda function: the metadata for clients, the guard with the scopes of the called tool, then the SDK."""

import asyncio
import base64
import json
import os

import asgi
import notes

from gatepost.guard import own_url, protected, resource_metadata

WELL_KNOWN = "/.well-known/oauth-protected-resource"


def resource(event):
    """Return this server's URL, which clients name and tokens are for: that of the domain before it, or its own."""
    return os.environ.get("RESOURCE") or own_url(event, "/mcp")


def handler(event, context):
    """Handle every request of the API or function URL."""
    path, method = event["rawPath"].rstrip("/"), event["requestContext"]["http"]["method"]
    if path in (WELL_KNOWN, f"{WELL_KNOWN}/mcp") and method == "GET":
        return answer(200, resource_metadata(resource(event), scopes=["notes.read", "notes.write"]))
    if path != "/mcp":
        return answer(404, {"error": "not found"})
    if method != "POST":
        return answer(405, {"error": "this server has no stream and no sessions"}, Allow="POST")
    message = read(event)
    if message is None:
        error = {"code": -32700, "message": "the body is not one JSON-RPC message"}
        return answer(400, {"jsonrpc": "2.0", "id": None, "error": error})
    return GUARDED[needed(message)](event, context, message)


def read(event):
    """Return the message of the body, None for anything else."""
    body = event.get("body") or ""
    try:
        message = json.loads(base64.b64decode(body) if event.get("isBase64Encoded") else body)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def needed(message):
    """Return the scopes of a message: those of the tool that it calls."""
    params = message.get("params")
    tool = params.get("name") if isinstance(params, dict) and message.get("method") == "tools/call" else None
    return notes.SCOPES.get(tool, notes.ANY_REQUEST) if isinstance(tool, str) else notes.ANY_REQUEST


def call(event, context, message):
    """Pass an allowed message to the SDK, written anew: the SDK reads in it what was read here."""
    notes.caller.set(event["requestContext"]["authorizer"]["lambda"])
    return asyncio.run(served(event, json.dumps(message).encode()))


async def served(event, body):
    """Return the SDK's response."""
    app, running = notes.new_app()
    async with running:
        return await asgi.call(app, event, body)


def answer(status, document, **headers):
    """Return a JSON response."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **headers},
        "body": json.dumps(document),
    }


GUARDED = {
    scopes: protected(scopes=scopes, resource=resource)(call) for scopes in {notes.ANY_REQUEST, *notes.SCOPES.values()}
}
