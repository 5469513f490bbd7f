"""Names that owners, apps and operators give to things, and that other people read: one rule for all of them.

It is for every script. So what joins or parts letters is taken where spelling needs it: behind a virama, and a
non-joiner between letters that join, as in Persian (RFC 5892 Appendix A.1, A.2). What makes a symbol colourful is taken
behind one; emoji that are joined to another one are not.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

from gatepost.identifiers import digest
from gatepost.model.records import App

LABEL_LENGTH = 60  # of a secret's label
MOST_MARKS = 4  # one after the other (UTS #39 §5.4): Tibetan and Hebrew need as many
_NON_JOINER, _JOINER, _COLOURFUL = "\u200c", "\u200d", "\ufe0f"
_VIRAMA = 9  # its canonical combining class
# First and last of what shows nothing although its category says letter, mark or symbol: the default-ignorable code
# points that are not of category C, fillers, and blanks.
_BLANK = (
    *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0x13441, 0x13442), (0x16FE4, 0x16FE4), (0x1D159, 0x1D159)),
    (0xE0100, 0xE01EF),
)
_FIRSTS = [first for first, _ in _BLANK]


def name_problem(name: str) -> str | None:
    """Return why people could not read a name for what it is, to be put behind "The name"; None if they can."""
    if seen(name) != name:
        return "holds a character that can't be seen"
    if _has_stray_marks(name):
        return "holds marks that are no part of a letter"
    if not any(unicodedata.category(each)[0] in "LN" for each in name):
        return "needs a letter or a digit"
    return None


def seen(text: str) -> str:
    """Return the text without the characters that show nothing, part lines, or change how others are read."""
    return "".join(each for position, each in enumerate(text) if not _is_unseen(text, position))


def label_fault(label: str, app: App) -> str | None:
    """Return why a secret of `app` can't have the label, None if it can. It needs none."""
    if len(label) > LABEL_LENGTH:
        return f"A label has at most {LABEL_LENGTH} characters."
    problem = name_problem(label) if label else None
    if problem:
        return f"The label {problem}."
    if digest(label) in [each.secret_hash for each in app.secrets]:
        return "This is the secret itself, which is not kept in a readable form."
    return None


def _is_unseen(text: str, position: int) -> bool:
    character, before, after = text[position], text[max(position - 1, 0) : position], text[position + 1 : position + 2]
    if character in (_NON_JOINER, _JOINER):
        needed = before and unicodedata.combining(before) == _VIRAMA
        return not (needed or (character == _NON_JOINER and _joins(before) and _joins(after)))
    if character == _COLOURFUL:
        return not (before and unicodedata.category(before) == "So")
    category = unicodedata.category(character)
    return category[0] == "C" or category in ("Zl", "Zp") or _is_blank(character)


def _joins(character: str) -> bool:
    """Whether it is a letter of a script that joins letters, from right to left as Arabic does."""
    return character != "" and unicodedata.bidirectional(character) == "AL" and unicodedata.category(character) == "Lo"


def _is_blank(character: str) -> bool:
    found = bisect_right(_FIRSTS, ord(character)) - 1
    return found >= 0 and ord(character) <= _BLANK[found][1]


def _has_stray_marks(name: str) -> bool:
    """Whether a mark has no base, comes twice in a row, or there are more than any script needs."""
    run, before = 0, " "
    for character in name:
        is_mark = unicodedata.category(character) in ("Mn", "Me")
        run = run + 1 if is_mark else 0
        if run > MOST_MARKS or (is_mark and (character == before or unicodedata.category(before)[0] in "ZC")):
            return True
        before = character
    return False
