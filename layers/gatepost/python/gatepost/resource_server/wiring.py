"""The composition root of authorizers and guards: as little as there must be, made once a container.

With the table of tokens they see revocations; with the issuer's URL alone nothing of AWS is imported.
"""

from __future__ import annotations

import os
from functools import cache

from gatepost.resource_server.protection import Protection, Watch
from gatepost.runtime.environment import settings
from gatepost.settings import table_variable

_TABLE = table_variable("tokens")
if _TABLE in os.environ:  # imported while the function starts, when it has a whole CPU
    import gatepost.resource_server.feed_watch
else:
    import gatepost.resource_server.fetch
    import gatepost.resource_server.issuer_keys  # noqa: F401


@cache
def protection() -> Protection:
    """The routes and words of the API."""
    return Protection.from_env(os.environ)


@cache
def watch() -> Watch:
    """The keys, and where there is a table the revocations, as this container knows them."""
    if _TABLE in os.environ:
        from gatepost.resource_server import feed_watch as watching

        return watching.watch()
    from gatepost.resource_server.fetch import fetch_json
    from gatepost.resource_server.issuer_keys import IssuerWatch

    return IssuerWatch(fetch_json, settings())
