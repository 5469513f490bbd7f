"""Names that people read show what they are, in every script (S361), and for which apps somebody vouches (S360)."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from gatepost.clients.labels import label_fault, name_problem, seen
from gatepost.clients.vouching import is_vouched_for
from gatepost.model.records import ACTIVE, DEACTIVATED, DOCUMENTS, PENDING, REGISTERED
from tests.unit.world import SECRET, SETTINGS, web_app

UNSEEN, STRAY, EMPTY = (
    "holds a character that can't be seen",
    "holds marks that are no part of a letter",
    "needs a letter or a digit",
)
NAMES = [
    *("Web", "C++", "7", "x.example.test"),
    *("Ünïcödé", "Ελληνικά", "Приложение", "日本語　アプリ", "한국어", "עִבְרִית", "שָּׁלוֹם"),
    *("تطبيق", "مُحَمَّد", "می‌خواهم", "हिन्दी", "क्‍ष", "ශ්‍රී", "বাংলা", "தமிழ்", "ไทย น้ำ", "བོད་ཡིག", "རྒྱུད", "မြန်မာ", "မြွှော့", "አማርኛ"),
    "a\u0316\u0301\u0323\u0308b\u0316\u0301\u0323\u0308",  # four marks, none of which counts for the next letter
    *("Tiếng Việt", "ខ្មែរ", "Love ❤️ app", "Rocket 🚀", "Team 👍🏽 7", "Flag 🇨🇭", "x⃝"),
]
# what is written, and what it lacks: one of each kind of character that shows nothing
UNREADABLE = [
    *((f"Bank{each}", UNSEEN) for each in "\u3164\u115f\u1160\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180e\u180f\ufe00"),
    *((f"Bank{each}", UNSEEN) for each in "\U000e0100\U000e01ef\U000e0041\U00013441\U00013442\U00016fe4\U0001d159"),
    *((f"Ba{each}nk", UNSEEN) for each in "\u2028\u2029\u0000\u001b\u007f\u0085\u00ad\u061c\u200b\u200e\u202e\u2060"),
    *((f"Ba{each}nk", UNSEEN) for each in "\u200c\u200d\u2066\ufe0e\ufe0f\ufeff\ud800\ue000\u0378\ufff9"),
    *(("\u200cمی", UNSEEN), ("می\u200c", UNSEEN), ("می\u200d\u200cخ", UNSEEN), ("Bank ❤\ufe0f\ufe0f", UNSEEN)),
    *(("ب\u200cx", UNSEEN), ("\u2800\ufe0fBank", UNSEEN), ("ب\u200c1", UNSEEN), ("1\u200cب", UNSEEN)),
    *((each, UNSEEN) for each in ("\ufe0fBank", "ب\u200dب", "ب\u200c؟", "א\u200cב")),
    *(("\u0301Bank", STRAY), ("Bank \u0301", STRAY), ("Ban\u0316\u0301\u0323\u0308\u0302k", STRAY)),
    ("Bank\u0323\u0323", STRAY),
    *((each, EMPTY) for each in ("🚀", "!!!", "— —", "❤️", "\u0903")),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_script_is_taken_as_it_is_written(name: str) -> None:
    assert name_problem(unicodedata.normalize("NFC", name)) is None


@pytest.mark.parametrize(("name", "problem"), UNREADABLE, ids=[ascii(name) for name, _ in UNREADABLE])
def test_s361_a_name_that_shows_less_than_it_holds_is_not(name: str, problem: str) -> None:
    assert name_problem(name) == problem


@pytest.mark.parametrize(
    "character",
    [chr(each) for each in (0x034E, 0x0350, 0x115E, 0x1161, 0x17B3, 0x17B6, 0x180A, 0x1810, 0x27FF, 0x2801)]
    + [chr(each) for each in (0x3163, 0x3165, 0xFDFF, 0xFE10, 0xFF9F, 0xFFA1, 0x16FE3, 0x1D158, 0x1D15A)]
    + [chr(each) for each in (0x13440, 0x13443) if unicodedata.category(chr(each)) != "Cn"],  # of Unicode 15
    ids=ascii,
)
def test_what_stands_beside_a_blank_in_the_table_of_characters_is_seen(character: str) -> None:
    assert seen(character) == character


@pytest.mark.parametrize("character", ["\u034f", "\u115f", "\u180b", "\ufe00", "\U000e0100"])
def test_every_character_of_a_range_of_blanks_is_dropped(character: str) -> None:
    last = {"\u034f": 0x034F, "\u115f": 0x1160, "\u180b": 0x180F, "\ufe00": 0xFE0F, "\U000e0100": 0xE01EF}[character]

    assert seen("".join(map(chr, range(ord(character), last + 1)))) == ""


def test_what_is_left_of_a_text_is_what_people_see() -> None:
    assert seen("Pay\u202eLaP\u200b\u3164 می\u200cخ ❤\ufe0f\u2028") == "PayLaP می\u200cخ ❤\ufe0f"


def test_s361_a_label_is_a_name_or_nothing() -> None:
    app = web_app()

    assert label_fault("", app) is None
    assert label_fault("Staging 2", app) is None
    assert label_fault("x" * 60, app) is None
    assert label_fault("Staging\u3164", app) == "The label holds a character that can't be seen."
    assert label_fault("…", app) == "The label needs a letter or a digit."
    assert label_fault("x" * 61, app) == "A label has at most 60 characters."
    assert label_fault(SECRET, app) == "This is the secret itself, which is not kept in a readable form."


# For which apps somebody vouches


APPROVAL, OPENED = {"client_id_documents": "approval"}, {"client_id_documents": "open"}
LISTED = {"client_id_document_domains": ("app.example.test",)}
DOCUMENT = {"owner": DOCUMENTS, "document_url": "https://app.example.test/c", "url": ""}


@pytest.mark.parametrize(
    ("app", "settings", "vouched"),
    [
        ({}, {}, True),  # of a person
        ({"status": DEACTIVATED}, {}, True),
        ({"owner": REGISTERED}, {}, False),
        ({"owner": REGISTERED, "url": "https://app.example.test/"}, {**OPENED, **LISTED}, False),
        ({"owner": REGISTERED}, APPROVAL, False),
        (DOCUMENT, OPENED, False),
        (DOCUMENT, {**OPENED, **LISTED}, True),
        (DOCUMENT, {**OPENED, "client_id_document_domains": ("*.example.test",)}, True),
        (DOCUMENT, {**OPENED, "client_id_document_domains": ("example.test", "*.app.example.test")}, False),
        ({**DOCUMENT, "document_url": "https://app.example.test.evil.test/c"}, {**OPENED, **LISTED}, False),
        ({**DOCUMENT, "document_url": "https://app.example.test:8443/c"}, {**OPENED, **LISTED}, True),
        ({"owner": DOCUMENTS, "url": ""}, {**OPENED, "client_id_document_domains": ("*.example.test",)}, False),
        ({**DOCUMENT, "status": ACTIVE}, APPROVAL, True),
        ({**DOCUMENT, "status": PENDING}, APPROVAL, False),
        ({**DOCUMENT, "status": DEACTIVATED}, APPROVAL, False),
    ],
)
def test_s360_owner_host_or_approval_vouches(app: dict[str, Any], settings: dict[str, Any], vouched: bool) -> None:
    assert is_vouched_for(web_app()._replace(**app), SETTINGS._replace(**settings)) is vouched
