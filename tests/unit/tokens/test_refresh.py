"""Refresh tokens: an id, a generation and a MAC over both; any other text is rejected (S71)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.errors import InvalidGrant, TemporarilyUnavailable
from gatepost.tokens.refresh_token import issue_refresh_token, open_refresh_token
from gatepost.tokens.signing_keys import RefreshKey, new_refresh_key
from tests.fakes.keys import REFRESH_KEY
from tests.unit.world import NOW

KEYS = [REFRESH_KEY]


def issued(keys: list[RefreshKey] = KEYS, grant_id: str = "alice-id.g", generation: int = 7) -> str:
    return issue_refresh_token(keys, grant_id, generation, NOW)


def test_a_token_names_its_grant_and_generation_and_is_the_same_each_time() -> None:
    assert issued().startswith("alice-id.g.7.")
    assert issued() == issued()
    assert open_refresh_token(KEYS, issued()) == ("alice-id.g", 7)


def test_s71_a_mac_of_256_bits_keeps_it_from_being_guessed() -> None:
    assert len(issued().rpartition(".")[2]) == 43


MAC = issued().rpartition(".")[2]


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "...", " " + issued(), issued()[:-1], issued().swapcase()),
        *(issued() + end for end in ("A", "=", "\n", "\x00")),
        *(issued().replace(".7.", f".{other}.") for other in ("8", "07", "+7", "٧", "0", str(10**10))),
        *(issued().replace("alice-id.g", other) for other in ("alice-id.h", "bob-id.g", "alice-id.g.1")),
        f"alice-id.g.7.{'A' * 43}",
        f"alice-id.g.7.{MAC[:-1]}",
        f"alice-id.7.{MAC}",
        f".g.7.{MAC}",
        f"{'a' * 100_000}.g.7.{MAC}",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZS1pZCJ9.",
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    ],
)
def test_s71_any_other_text_opens_nothing(token: str) -> None:
    with pytest.raises(InvalidGrant, match=r"^refresh_token is not valid$"):
        open_refresh_token(KEYS, token)


def test_a_token_of_a_key_that_was_replaced_still_opens() -> None:
    newer = new_refresh_key(active_from=NOW)

    assert open_refresh_token([REFRESH_KEY, newer], issued([REFRESH_KEY])) == ("alice-id.g", 7)
    assert open_refresh_token([REFRESH_KEY, newer], issued([REFRESH_KEY, newer])) == ("alice-id.g", 7)
    assert issued([REFRESH_KEY, newer]) != issued([REFRESH_KEY])


def test_a_token_of_a_key_that_is_gone_opens_nothing() -> None:
    with pytest.raises(InvalidGrant):
        open_refresh_token([new_refresh_key(active_from=0)], issued())
    with pytest.raises(InvalidGrant):
        open_refresh_token([], issued())


def test_a_key_to_come_makes_no_tokens_yet() -> None:
    with pytest.raises(TemporarilyUnavailable):
        issued([new_refresh_key(active_from=NOW + 1)])


@given(
    st.one_of(st.text(), st.from_regex(r"[a-z-]{1,9}\.[A-Za-z]{1,9}\.[0-9]{1,12}\.[A-Za-z0-9_-]{43}", fullmatch=True))
)
def test_s117_any_text_raises_nothing_but_invalid_grant(text: str) -> None:
    with pytest.raises(InvalidGrant):
        open_refresh_token(KEYS, text)


@given(st.from_regex(r"[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}", fullmatch=True), st.integers(1, 10**10 - 1))
def test_s117_what_was_issued_opens(grant_id: str, generation: int) -> None:
    assert open_refresh_token(KEYS, issued(grant_id=grant_id, generation=generation)) == (grant_id, generation)
