"""The metadata of a protected resource (RFC 9728): the document, where it is served, and the address of an API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatepost.resource import is_loopback
from gatepost.runtime.environment import settings
from gatepost.scope import named_scope

METADATA_PATH = "/.well-known/oauth-protected-resource"


def resource_metadata(resource: str, *, scopes: Sequence[str]) -> dict[str, Any]:
    """Return the metadata document of a protected resource (RFC 9728 §2), for a public route of the API.

    `metadata_url` says where it belongs.
    """
    return {
        "resource": resource,
        "authorization_servers": [settings().issuer],
        "scopes_supported": sorted(named_scope(scopes)),
        "bearer_methods_supported": ["header"],
    }


def metadata_url(resource: str) -> str:
    """Return the URL of a resource's metadata (RFC 9728 §3.1): the well-known path comes between host and path."""
    scheme, _, rest = resource.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}{METADATA_PATH}{slash}{path}".rstrip("/")


def own_url(event: Mapping[str, Any], path: str = "") -> str:
    """Return the URL by which a request reached this API or function URL, with `path` in the place of the request's.

    The host is that of the request's context: AWS routes by it, so no request reaches an API under the name of another.
    A front such as CloudFront is not seen here. Raises KeyError for an event of something else.
    """
    origin = f"http://{event['requestContext']['domainName']}"  # with its port on this machine; AWS has none
    return f"{origin if is_loopback(origin) else origin.replace('http', 'https', 1)}{path}"
