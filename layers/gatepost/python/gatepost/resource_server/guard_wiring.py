"""The composition root of authorizers and decorators: a minimum, created once per container.

With the table of tokens they check revocations; with the issuer's URL alone nothing of AWS is imported.
"""

from __future__ import annotations

import os
from functools import cache

from gatepost.resource_server.protection import Protection, TokenWatch
from gatepost.runtime.environment import settings
from gatepost.settings import table_variable

_TABLE = table_variable("tokens")
if _TABLE in os.environ:  # imported at startup, when the function has a whole CPU
    import gatepost.resource_server.feed_watch
else:
    import gatepost.resource_server.fetch
    import gatepost.resource_server.issuer_keys  # noqa: F401


@cache
def protection() -> Protection:
    """Return the API's routes and challenge parameters."""
    return Protection.from_env(os.environ)


@cache
def watch() -> TokenWatch:
    """Return the container's cache of keys, and of revocations if there is a table."""
    if _TABLE in os.environ:
        from gatepost.resource_server import feed_watch

        return feed_watch.watch()
    from gatepost.resource_server.fetch import fetch_json
    from gatepost.resource_server.issuer_keys import IssuerWatch

    return IssuerWatch(fetch_json, settings())
