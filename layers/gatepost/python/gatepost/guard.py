"""The decorators that protect other functions, under the name that outside code imports."""

from gatepost.resource_server.decorator import protected, protected_route, resource_metadata

__all__ = ["protected", "protected_route", "resource_metadata"]
