"""An MCP server with the official SDK: two tools, and the scopes that each needs."""

from contextvars import ContextVar

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

ANY_REQUEST = ("notes.read",)  # connecting, listing tools
SCOPES = {}  # of each tool: all that a call needs

caller = ContextVar("caller")  # the facts of the request's token: sub, client_id, scope, grant_id
server = MCPServer("notes")
_notes = {}  # of each user, in this container's memory: yours are in a table


def tool(*scopes):
    """Register a tool with the scopes of a call, so that none is without."""

    def register(function):
        SCOPES[function.__name__] = scopes
        return server.tool()(function)

    return register


@tool("notes.read")
def list_notes() -> list[str]:
    """Return your notes."""
    return _notes.get(caller.get()["sub"], [])


@tool("notes.read", "notes.write")
def add_note(text: str) -> str:
    """Add a note."""
    _notes.setdefault(caller.get()["sub"], []).append(text)
    return f"noted: {text}"


def new_app():
    """Return an ASGI app and what has to run around it. It is for one event: Lambda keeps no event loop between two."""
    no_check = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # of local servers; AWS routes by host
    app = server.streamable_http_app(stateless_http=True, json_response=True, transport_security=no_check)
    return app, server.session_manager.run()
