"""Forms with a file: what is read of them, byte by byte, and what is refused."""

from __future__ import annotations

import os

import pytest
from urllib3.filepost import encode_multipart_formdata

from gatepost.errors import InvalidRequest
from gatepost.http.request import parse_event
from gatepost.http.upload import Upload, upload_in
from tests.raising import raised
from tests.unit.http.events import event

TYPE = "multipart/form-data; boundary=b"


def uploaded(body: bytes, content_type: str, largest: int = 10_000) -> Upload:
    sent = event("POST", "/logo", body=body, headers={"content-type": content_type})
    return upload_in(parse_event(sent), largest=largest)


@pytest.mark.parametrize(
    "file", [b"", b"\r\n", b"\r", b"\n--", b"--b--\r\n\r\n", bytes(range(256)) * 9, os.urandom(5000)]
)
def test_a_file_arrives_byte_by_byte(file: bytes) -> None:
    body, content_type = encode_multipart_formdata({"name": "Grüße", "logo": ("a b.png", file, "image/png")})

    assert uploaded(body, content_type) == Upload(texts={"name": "Grüße"}, file=file)


PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'


@pytest.mark.parametrize(
    ("body", "content_type", "description"),
    [
        (b"a=b", "application/x-www-form-urlencoded", "the body must be multipart/form-data"),
        (bytes(10_001), TYPE, "the body is too large"),
        (b"", TYPE, "the form can't be read"),
        (PART, "multipart/form-data", "the form can't be read"),
        (PART, TYPE, "the form can't be read"),  # it does not end
        (PART * 2 + b"--b--", TYPE, "the form can't be read"),  # a field twice
        (b"--b\r\n\r\nx\r\n--b--", TYPE, "the form can't be read"),
        (
            b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\n--c--\r\n--b--",
            TYPE,
            "the form can't be read",
        ),
        (b"".join(PART.replace(b'"a"', b'"%d"' % n) for n in range(11)) + b"--b--", TYPE, "the form can't be read"),
    ],
)
def test_what_is_no_such_form_is_refused(body: bytes, content_type: str, description: str) -> None:
    assert raised(InvalidRequest, uploaded, body, content_type).description == description
