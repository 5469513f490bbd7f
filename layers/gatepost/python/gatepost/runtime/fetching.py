"""Requests to URLs that people gave, sent by a function whose role reaches nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from gatepost.aws import services
from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.aws.services import Invoker
from gatepost.model.fetch_messages import event_of, event_of_each, fetched_in, outcomes_in
from gatepost.model.fetching import Fetched, FetchFailed, Outbound, Outcome
from gatepost.runtime.environment import settings
from gatepost.settings import function_variable


class FunctionFetcher:
    """Implements fetching.Fetcher and BatchFetcher with the function `fetch`."""

    def __init__(self, invoker: Invoker, function: str) -> None:
        """Take the ARN of the function."""
        self._invoker = invoker
        self._function = function

    def fetch(self, outbound: Outbound) -> Fetched:
        """See fetching.Fetcher."""
        return fetched_in(self._invoked(event_of(outbound)))

    def fetch_each(self, outbounds: Sequence[Outbound]) -> Sequence[Outcome]:
        """See fetching.BatchFetcher. One invocation, which is not longer than that of one request."""
        try:
            return outcomes_in(self._invoked(event_of_each(outbounds)), len(outbounds))
        except FetchFailed as error:
            return [error] * len(outbounds)

    def _invoked(self, event: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._invoker.invoke(self._function, event)
        except (Refusal, NoAnswer) as error:
            raise FetchFailed(f"function fetch: {error}", here=True) from None


@cache
def fetcher() -> FunctionFetcher:
    """Return what sends requests for this function, which `invokes` it in its specification."""
    return FunctionFetcher(services.functions(settings().aws_client), os.environ[function_variable("fetch")])
