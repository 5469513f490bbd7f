"""Revocations by the issuer's URL alone: what is denied, from when, and what is refused of a list."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from gatepost.endpoints.published_list import PublishedList
from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.model.feed import Parts, RevocationKind
from gatepost.resource_server.fetch import Answer
from gatepost.resource_server.issuer_keys import IssuerWatch
from gatepost.resource_server.issuer_list import IssuerList
from gatepost.tokens.compaction import compact
from gatepost.tokens.handles import claimed
from tests.unit.tokens.feed import Feed
from tests.unit.tokens.forge import CLAIMS, ES256, signed
from tests.unit.world import ISSUER, NOW, SETTINGS

METADATA, JWKS = f"{ISSUER}/.well-known/oauth-authorization-server", f"{ISSUER}/.well-known/jwks.json"
URL = f"{ISSUER}/.well-known/revocations"
A_KEY = b"k" * 32
OF = {"handles": claimed(A_KEY, client_id="web", sub="alice-id")}
TOKEN = signed(CLAIMS | OF)
ANOTHER = signed(
    CLAIMS
    | {"jti": "x", "grant_id": "bob-id.g", "sub": "bob-id", "client_id": "other"}
    | {"handles": claimed(A_KEY, client_id="other", sub="bob-id")}
)
AS_SET = replace(SETTINGS, revocation_poll=5, revocation_max_stale=60)


class Web:
    """An issuer with a list of its own feed, as an API reaches it. `changes` are laid over a document by its URL."""

    def __init__(self) -> None:
        self.feed = Feed()
        self.feed.publish_handle_key(A_KEY)
        self.listed = PublishedList(self.feed, replace(AS_SET, published_revocations=True))
        self.now = float(NOW)
        self.announced = self.etags = True
        self.asked: list[str] = []
        self.known: list[str] = []
        self.changes: dict[str, dict[str, Any] | None] = {}

    def document(self, url: str) -> Mapping[str, Any]:
        self.asked.append(url)
        if url == METADATA:
            more = {"revocation_list_uri": URL} if self.announced else {}
            return {"issuer": ISSUER, "jwks_uri": JWKS} | more | (self.changes.get(url) or {})
        return {"keys": [json.loads(ES256.public().jwk)]}

    def fetch(self, url: str, etag: str, largest: int) -> Answer | None:
        self.asked.append(url)
        change = self.changes.get(url, {})
        if change is None:
            raise TemporarilyUnavailable("try again")
        found = self.listed.head(self.now) if url == URL else self.listed.segment(url.rpartition("/")[2], self.now)
        if found is None:
            raise TemporarilyUnavailable("try again", reason="fetch: status 404")
        if found.etag == etag and self.etags:
            self.known.append(url)
            return None
        return Answer(json.loads(found.body) | change, found.etag)

    def revoke(self, kind: RevocationKind, subject: str, at: float | None = None) -> None:
        self.feed.revoke(kind, subject, self.now if at is None else at)

    def compact(self, count: int = 300) -> None:
        for number in range(count):
            self.revoke("grant", f"{self.now}-{number}", self.now - 30)
        self.revoke("grant", f"witness-{self.now}")
        assert compact(self.feed.compactor(), Parts(), lag=0, now=self.now) >= count

    @property
    def segments(self) -> int:
        return len([url for url in self.asked if url.startswith(f"{URL}/")])


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def watch(web: Web) -> IssuerWatch:
    return new_watch(web)


def new_watch(web: Web, **changes: Any) -> IssuerWatch:
    settings = replace(AS_SET, **changes)
    return IssuerWatch(web.document, settings, IssuerList(web.fetch, settings))


def opens(watch: IssuerWatch, web: Web, token: str = TOKEN, *, after: float = 0) -> bool | None:
    """Whether the token is accepted so many seconds later; None if that can't be decided."""
    web.now += after
    try:
        watch.claims(token, web.now)
    except InvalidToken:
        return False
    except TemporarilyUnavailable:
        return None
    return True


def polled(watch: IssuerWatch, web: Web, seconds: int) -> Iterator[bool | None]:
    for _ in range(seconds):
        yield opens(watch, web, after=1)


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


def test_s310_without_the_issuer_it_goes_on_for_the_longest_time_and_then_denies(web: Web, watch: IssuerWatch) -> None:
    opens(watch, web)
    web.changes[URL] = None

    assert list(polled(watch, web, 62)) == [True] * 60 + [None] * 2
    web.changes.clear()
    assert list(polled(watch, web, 5))[-1] is True


def test_s310_who_starts_without_the_list_denies(web: Web, watch: IssuerWatch) -> None:
    web.changes[URL] = None
    assert list(polled(watch, web, 9)) == [None] * 9
    assert web.asked.count(URL) == 2

    web.changes.clear()
    assert list(polled(watch, web, 5))[-1] is True


@pytest.mark.parametrize("etags", [True, False])
def test_s310_a_list_that_is_not_renewed_counts_as_none(web: Web, watch: IssuerWatch, etags: bool) -> None:
    """The feed can't be read, or something on the way keeps the list for too long."""
    web.etags = etags
    opens(watch, web)
    web.feed.down = True

    assert list(polled(watch, web, 62)) == [True] * 60 + [None] * 2


def test_s310_an_old_list_is_not_begun_with(web: Web) -> None:
    web.listed.head(NOW)
    web.feed.down = True

    watch = new_watch(web)
    assert opens(watch, web, after=90) is True  # 60 and 30 of leeway between two clocks
    assert opens(watch, web, after=1) is None
    assert opens(new_watch(web), web) is None


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://other.example.test"},
        {"time": NOW - 0.001},
        {"time": NOW + 99},
        {"marks": "AAAA"},
        {"marks": None},
    ],
    ids=["issuer", "older", "future", "truncated", "malformed"],
)
def test_s310_a_head_that_is_refused_counts_as_none(web: Web, watch: IssuerWatch, change: dict[str, Any]) -> None:
    opens(watch, web)
    web.revoke("jti", "the-jti")
    web.changes[URL] = change

    assert list(polled(watch, web, 62)) == [True] * 60 + [None] * 2
    web.changes.clear()
    assert list(polled(watch, web, 5))[-1] is False


def test_s310_an_older_head_takes_nothing_back(web: Web, watch: IssuerWatch) -> None:
    before = json.loads(web.listed.head(NOW).body)
    web.revoke("jti", "the-jti")
    assert opens(watch, web, after=2) is False
    web.changes[URL] = before

    assert list(polled(watch, web, 9)) == [False] * 9


@pytest.mark.parametrize("change", [None, {"contents": "AAAAAAAAAAA"}, {"contents": "AAAA"}, {"contents": None}])
def test_s310_a_segment_that_is_missing_or_another_is_not_done_without(web: Web, change: dict[str, Any] | None) -> None:
    web.revoke("jti", "the-jti", NOW - 40)
    web.compact()
    (segment,) = json.loads(web.listed.head(NOW).body)["segments"]
    web.changes[f"{URL}/{segment['name']}"] = change
    watch = new_watch(web)

    assert list(polled(watch, web, 9)) == [None] * 9
    web.changes.clear()
    assert list(polled(watch, web, 5))[-1] is False


def test_s310_metadata_without_the_list_ends_nothing(web: Web, watch: IssuerWatch) -> None:
    opens(watch, web)
    web.announced = False
    web.revoke("jti", "the-jti")
    assert opens(watch, web, after=400) is False

    web.changes[URL] = None
    assert opens(watch, web, ANOTHER, after=61) is None


def test_the_list_itself_says_that_there_is_none_any_more(web: Web, watch: IssuerWatch) -> None:
    web.revoke("jti", "the-jti")
    opens(watch, web)
    web.announced = False
    web.listed._settings = replace(web.listed._settings, published_revocations=False)
    assert opens(watch, web, after=5) is True
    asked = web.asked.count(URL)
    assert list(polled(watch, web, 9)) == [True] * 9
    assert web.asked.count(URL) == asked


@pytest.mark.parametrize("when", [NOW - 1, NOW - 500])
def test_s310_but_no_older_document_does(web: Web, watch: IssuerWatch, when: float) -> None:
    web.revoke("jti", "the-jti")
    opens(watch, web)
    web.changes[URL] = {"published": False, "time": when}

    assert list(polled(watch, web, 9)) == [False] * 9


@pytest.mark.parametrize("elsewhere", ["https://evil.test/list", f"{ISSUER}.evil.test/list", 7, ISSUER])
def test_s310_a_list_that_lies_elsewhere_is_not_fetched_and_nothing_accepted(web: Web, elsewhere: object) -> None:
    web.changes[METADATA] = {"revocation_list_uri": elsewhere}

    assert opens(new_watch(web), web) is None
    assert web.asked == [METADATA]


def test_a_poll_of_no_seconds_asks_once_a_second(web: Web) -> None:
    watch = new_watch(web, revocation_poll=0)
    for _ in range(40):
        opens(watch, web, after=0.1)

    assert web.asked.count(URL) == 4


def test_a_clock_that_goes_back_makes_nothing_fresher(web: Web, watch: IssuerWatch) -> None:
    opens(watch, web)
    web.changes[URL] = None

    assert opens(watch, web, after=-20) is True
    assert opens(watch, web, after=-41) is None
