"""Logos of apps: the record, and the event and result of the function `logo`, which draws them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from gatepost.identifiers import digest

IMAGE, PNG, FAULT = "image", "png", "fault"
LARGEST_IMAGE = 500_000  # bytes of an image that a logo is made of
_DIGITS = 16  # of a digest that only tells one logo of an app from the next
LARGEST_LOGO = 12_000  # bytes of a logo


class Logo(NamedTuple):
    """The logo of an app, beside its record, which names the `digest`; `png` is base64."""

    digest: str
    png: str

    @classmethod
    def of(cls, png: bytes) -> Logo:
        """Return the logo of an image."""
        text = base64.b64encode(png).decode()
        return cls(digest=digest(text)[:_DIGITS], png=text)


class UnusableImage(ValueError):
    """No logo can be made of an image; `fault` is a sentence about it."""

    def __init__(self, fault: str) -> None:
        """Take the fault."""
        super().__init__(fault)
        self.fault = fault


class Illustrator(Protocol):
    """Makes logos of images that are not trusted."""

    def draw(self, image: bytes) -> Logo:
        """Return the logo. Raises UnusableImage, and TemporarilyUnavailable."""
        ...


def event_of(image: bytes) -> dict[str, str]:
    """Return the event that asks for a logo."""
    return {IMAGE: base64.b64encode(image).decode()}


def image_in(event: object) -> bytes:
    """Return the image of an event, b"" for any other event."""
    said = event.get(IMAGE) if isinstance(event, dict) else None
    try:
        return base64.b64decode(said, validate=True) if isinstance(said, str) else b""
    except binascii.Error:
        return b""


def result_of(png: bytes) -> dict[str, str]:
    """Return the function's result."""
    return {PNG: base64.b64encode(png).decode()}


def logo_in(result: Mapping[str, Any]) -> Logo:
    """Return the logo of a result. Raises UnusableImage, also for what is no small PNG: who made it read anything."""
    png = image_in({IMAGE: result.get(PNG)})
    if not png.startswith(b"\x89PNG\r\n\x1a\n") or len(png) > LARGEST_LOGO:
        raise UnusableImage(str(result.get(FAULT) or "This image can’t be read."))
    return Logo.of(png)
