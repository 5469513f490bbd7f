"""Forms with a file: multipart/form-data (RFC 7578)."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import NamedTuple

from gatepost.errors import InvalidRequest
from gatepost.http.request import Request

MEDIA_TYPE = "multipart/form-data"
_MOST_PARTS = 10


class Upload(NamedTuple):
    """The texts of a form by the names of their fields, and its file, b"" if none was chosen."""

    texts: Mapping[str, str]
    file: bytes


def upload_in(request: Request, *, largest: int) -> Upload:
    """Return the form of a request whose body has at most `largest` bytes.

    Raises InvalidRequest for another media type, a larger body and a form that can't be read.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise InvalidRequest(f"the body must be {MEDIA_TYPE}")
    if len(request.body) > largest:
        raise InvalidRequest("the body is too large")
    head = f"Content-Type: {content_type}\r\n\r\n".encode("ascii", "replace")
    form = BytesParser(policy=HTTP).parsebytes(head + request.body)
    parts = list(form.iter_parts()) if isinstance(form, EmailMessage) and form.is_multipart() else []
    if not parts or len(parts) > _MOST_PARTS or form.defects or any(part.is_multipart() for part in parts):
        raise InvalidRequest("the form can't be read")
    texts, file = {}, b""
    for part in parts:
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes) or name in texts:
            raise InvalidRequest("the form can't be read")
        if part.get_filename() is None:
            texts[name] = content.decode("utf-8", "replace")
        else:
            file = content
    return Upload(texts=texts, file=file)
