"""The composition root of authorizers and guards: as little as there must be, made once a container.

With the table of tokens they see revocations; with the issuer's URL alone nothing of AWS is imported.
"""

from __future__ import annotations

import os
from functools import cache

from gatepost.fetch import fetch_json
from gatepost.protection import Protection, Watch
from gatepost.settings import Settings, table_variable
from gatepost.tokens.issuer import IssuerWatch

_WITH_TABLES = table_variable("tokens") in os.environ
if _WITH_TABLES:  # imported while the function starts, when it has a whole CPU
    from gatepost import watching


@cache
def settings() -> Settings:
    """The settings that the stack or the construct wrote."""
    return Settings.from_env(os.environ)


@cache
def protection() -> Protection:
    """The routes and words of the API."""
    return Protection.from_env(os.environ)


@cache
def watch() -> Watch:
    """The keys, and where there is a table the revocations, as this container knows them."""
    return watching.watch() if _WITH_TABLES else IssuerWatch(fetch_json, settings())
