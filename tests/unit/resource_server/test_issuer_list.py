"""Revocations by the issuer's URL alone: what is denied and from when, and how much of the list is read."""

from __future__ import annotations

import pytest

from gatepost.model.feed import RevocationKind
from gatepost.resource_server.issuer_keys import IssuerWatch
from tests.unit.resource_server.issuing_web import ANOTHER, JWKS, METADATA, OF, URL, Web, new_watch, opens, polled
from tests.unit.tokens.forge import CLAIMS, ES256, signed
from tests.unit.world import NOW


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("jti", "the-jti"),
        ("grant", "alice-id.g"),
        pytest.param("key", ES256.kid, id="key"),
        ("client", "web"),
        ("user", "alice-id"),
    ],
)
@pytest.mark.parametrize("compacted", [False, True])
def test_what_was_revoked_is_denied_by_who_starts_and_by_who_goes_on(
    web: Web, watch: IssuerWatch, kind: RevocationKind, subject: str, compacted: bool
) -> None:
    assert opens(watch, web) is True
    web.revoke(kind, subject)
    if compacted and kind != "key":  # ends of keys are with the keys
        web.now += 40
        web.compact()
        web.now += 200
        web.feed._feed.clear()

    assert opens(watch, web, after=5) is False
    assert opens(new_watch(web), web) is False
    assert opens(new_watch(web), web, ANOTHER) is (kind != "key")


def test_it_is_denied_when_the_list_was_polled_and_not_before(web: Web, watch: IssuerWatch) -> None:
    opens(watch, web)
    web.revoke("jti", "the-jti")

    assert list(polled(watch, web, 5)) == [True, True, True, True, False]


@pytest.mark.parametrize(("kind", "subject"), [("client", "web"), ("user", "alice-id")])
def test_an_end_of_an_app_or_user_denies_what_was_issued_until_then(
    web: Web, watch: IssuerWatch, kind: RevocationKind, subject: str
) -> None:
    web.revoke(kind, subject, NOW + 3.5)

    assert opens(watch, web, signed(CLAIMS | OF | {"iat": NOW + 3}), after=4) is False
    assert opens(watch, web, signed(CLAIMS | OF | {"iat": NOW + 4})) is True


def test_a_token_without_handles_is_denied_for_itself_its_grant_and_key_alone(web: Web, watch: IssuerWatch) -> None:
    before = signed(CLAIMS)
    web.revoke("user", "alice-id")
    web.revoke("client", "web")
    assert opens(watch, web, before) is True
    web.revoke("grant", "alice-id.g")

    assert opens(watch, web, before, after=5) is False


def test_an_issuer_that_announces_no_list_is_asked_for_none(web: Web, watch: IssuerWatch) -> None:
    web.announced = False
    web.revoke("jti", "the-jti")
    for _ in range(10):
        assert opens(watch, web, after=60) is True

    assert set(web.asked) == {METADATA, JWKS}


def test_a_warm_reader_polls_the_head_and_needs_no_segment(web: Web, watch: IssuerWatch) -> None:
    web.compact()
    assert opens(watch, web) is True
    assert web.segments == 1
    for step in range(40):
        web.now += 5
        if step % 3 == 2:
            web.compact()
        if step == 20:
            web.revoke("jti", "the-jti")
        assert opens(watch, web) is (step < 20)

    assert web.segments == 1
    assert web.asked.count(URL) == 41


def test_a_reader_that_slept_reads_the_segments_that_it_lacks(web: Web, watch: IssuerWatch) -> None:
    web.compact()
    opens(watch, web)
    web.revoke("jti", "the-jti")
    web.now += 40
    web.compact()
    web.now += 400
    web.feed._feed.clear()

    assert opens(watch, web) is False
    assert web.segments == 2


def test_when_the_marks_have_outgrown_the_list_it_is_read_anew_but_seldom(web: Web, watch: IssuerWatch) -> None:
    opens(watch, web)
    marks = watch._list._revoked
    for _ in range(6):
        web.now += 45
        web.compact(2000)
        opens(watch, web)
    assert marks.outgrown
    assert watch._list._revoked is marks  # 270 seconds after it was read
    assert web.segments == 0
    assert opens(watch, web, after=30) is True

    assert not watch._list._revoked.outgrown
    assert web.segments == 6


def test_a_head_of_the_time_from_which_on_it_is_whole_needs_no_segment(web: Web, watch: IssuerWatch) -> None:
    opens(watch, web)
    web.now += 40
    web.compact()
    web.changes[URL] = {"since": NOW}
    assert opens(watch, web) is True
    assert web.segments == 0

    web.changes[URL] = {"since": web.now + 0.001}
    assert opens(watch, web, after=5) is True
    assert web.segments == 0  # it is known already
    web.now += 40
    web.compact()
    web.changes[URL] = {"since": web.now}
    assert opens(watch, web, after=5) is True
    assert web.segments == 1


def test_a_head_that_is_known_already_is_not_sent_again(web: Web, watch: IssuerWatch) -> None:
    watch = new_watch(web, revocation_poll=0)
    opens(watch, web)
    web.feed.down = True  # so the head stays the same
    web.listed._tried_at = NOW + 9

    assert opens(watch, web, after=2) is True
    assert web.known == [URL]


def test_a_poll_of_no_seconds_asks_once_a_second(web: Web) -> None:
    watch = new_watch(web, revocation_poll=0)
    for _ in range(40):
        opens(watch, web, after=0.1)

    assert web.asked.count(URL) == 4
