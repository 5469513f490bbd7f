"""Requests to URLs that people gave, sent by a function whose role reaches nothing."""

from __future__ import annotations

import os
from functools import cache

from gatepost.aws import services
from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.aws.services import Invoker
from gatepost.model.fetch_messages import event_of, fetched_in
from gatepost.model.fetching import Fetched, Fetcher, FetchFailed, Outbound
from gatepost.runtime.environment import settings
from gatepost.settings import FETCH_VARIABLE


class FunctionFetcher:
    """Implements fetching.Fetcher with the function `fetch`."""

    def __init__(self, invoker: Invoker, function: str) -> None:
        """Take the ARN of the function."""
        self._invoker = invoker
        self._function = function

    def fetch(self, outbound: Outbound) -> Fetched:
        """See fetching.Fetcher."""
        try:
            result = self._invoker.invoke(self._function, event_of(outbound))
        except (Refusal, NoAnswer) as error:
            raise FetchFailed(f"function fetch: {error}") from None
        return fetched_in(result)


@cache
def fetcher() -> Fetcher:
    """Return what sends requests for this function, which `fetches` in its specification."""
    return FunctionFetcher(services.functions(settings().aws_client), os.environ[FETCH_VARIABLE])
