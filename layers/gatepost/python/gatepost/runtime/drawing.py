"""Logos, drawn by a function whose role reaches nothing."""

from __future__ import annotations

import os
from functools import cache

from gatepost.aws import services
from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.aws.services import Invoker
from gatepost.errors import TemporarilyUnavailable
from gatepost.model.logo import Logo, event_of, logo_in
from gatepost.runtime.environment import settings
from gatepost.settings import function_variable


class FunctionIllustrator:
    """Implements logo.Illustrator with the function `logo`."""

    def __init__(self, invoker: Invoker, function: str) -> None:
        """Take the ARN of the function."""
        self._invoker = invoker
        self._function = function

    def draw(self, image: bytes) -> Logo:
        """See Illustrator."""
        try:
            return logo_in(self._invoker.invoke(self._function, event_of(image)))
        except (Refusal, NoAnswer) as error:
            raise TemporarilyUnavailable("try again", reason=f"function logo: {error}") from None


@cache
def illustrator() -> FunctionIllustrator:
    """Return what draws logos for this function, which `invokes` it in its specification."""
    return FunctionIllustrator(services.functions(settings().aws_client), os.environ[function_variable("logo")])
