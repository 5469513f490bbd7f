"""The guard inside a function, under the name that other people's code imports."""

from gatepost.resource_server.decorator import protected, protected_route, resource_metadata

__all__ = ["protected", "protected_route", "resource_metadata"]
