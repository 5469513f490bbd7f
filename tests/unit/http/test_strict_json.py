"""Bodies that are no text."""

from __future__ import annotations

import pytest

from gatepost.http.strict_json import NotStrict, json_text


@pytest.mark.parametrize(("body", "reason"), [(b"", "empty"), (b'{"name":"\xff"}', "UnicodeDecodeError")])
def test_a_body_without_a_text_is_no_json(body: bytes, reason: str) -> None:
    with pytest.raises(NotStrict) as caught:
        json_text(body)

    assert (caught.value.description, caught.value.reason) == ("the body is not JSON", reason)
    assert json_text('{"name":"é"}'.encode()) == '{"name":"é"}'
