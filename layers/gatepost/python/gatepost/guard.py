"""The decorators that protect other functions, under the name that outside code imports."""

from gatepost.resource_server.decorator import protected, protected_route
from gatepost.resource_server.metadata import metadata_url, own_url, resource_metadata

__all__ = ["metadata_url", "own_url", "protected", "protected_route", "resource_metadata"]
