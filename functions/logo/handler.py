"""Logos from images that people gave. Its role reaches nothing, so neither does an image that breaks the decoder."""

from typing import Any

from gatepost.clients.logo_drawing import drawn
from gatepost.http.entry_point import quietly
from gatepost.model.logo import FAULT, UnusableImage, image_in, result_of
from gatepost.observability.log import note


@quietly
def handler(event: object, context: object) -> dict[str, Any]:
    """Return the logo of an image, or why there is none."""
    try:
        return result_of(drawn(image_in(event)))
    except UnusableImage as error:
        note("logo.unusable", {"reason": error.fault})
        return {FAULT: error.fault}
