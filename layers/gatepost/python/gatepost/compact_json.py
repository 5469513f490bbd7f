"""JSON without spaces, by an encoder that is made once: `json.JSONEncoder.encode` makes a new one for each document."""

from __future__ import annotations

import json
from collections.abc import Callable
from json import encoder

Default = Callable[[object], object]


def writer(default: Default | None = None) -> Callable[[object], str]:
    """Return what writes documents without cycles; `default` stands in for a value that JSON does not have."""
    plain = json.JSONEncoder(separators=(",", ":"), check_circular=False, default=default)
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:  # another Python than CPython
        return plain.encode
    chunks = make(None, plain.default, encoder.encode_basestring_ascii, None, ":", ",", False, False, True)
    return lambda document: "".join(chunks(document, 0))


compact = writer()
