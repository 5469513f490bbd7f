"""Invariants of the compacted feed: whoever reads the segments instead of the entries misses none."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping

from gatepost.model.feed import Compacted, Compaction, Marked, Revocation, name_of
from gatepost.stores.dynamodb.compaction import entry_in
from gatepost.stores.dynamodb.feed import COMPACTED, SEGMENT, compaction_in
from gatepost.stores.schema import KEYS
from gatepost.tokens.revoked_marks import RevokedMarks
from infra.tools.integrity.kinds import Entry, Finding
from infra.tools.integrity.living import Living


def check_compacted(living: Living) -> Iterator[Finding]:
    """Check every region's list: its segments are there and unchanged, and hold every entry that is older."""
    stored = {address.split()[0].removeprefix(SEGMENT): each for address, each in living.named("segment").items()}
    contents = {name: b64decode(entry.item["contents"]["S"]) for name, entry in stored.items()}
    for name, entry in stored.items():
        if name_of(contents[name]) != name:
            yield entry.finding("segment of other contents", "its name is not the hash of what it holds")
    for address, entry in living.named("compacted feed").items():
        region = address.removeprefix(f"{KEYS} {COMPACTED}")
        yield from _check_list(entry, compaction_in([dict(entry.item)], region), contents, living)


def _check_list(
    entry: Entry, compaction: Compaction, contents: Mapping[str, bytes], living: Living
) -> Iterator[Finding]:
    named = [segment for segment in compaction.segments if segment.expires_at > living.now]
    if any(segment.segment_id not in contents for segment in named):
        yield entry.finding("segment missing", "cold readers read a day of entries instead")
        return
    parts = [(segment.has_cutoffs, contents[segment.segment_id]) for segment in named]
    marks = RevokedMarks(
        Compacted(
            marks=tuple(content for has_cutoffs, content in parts if not has_cutoffs),
            cutoffs=tuple(content for has_cutoffs, content in parts if has_cutoffs),
        )
    )
    for each in living.entries:
        if each.kind is None or each.kind.name not in ("revocation", "mark of a revocation"):
            continue
        written_at, revocation = entry_in(dict(each.item))
        if written_at < compaction.until and not _is_of_key(revocation) and not marks.cover(revocation):
            yield each.finding("revocation in no segment", "cold readers begin later, and do not see it")


def _is_of_key(revocation: Revocation | Marked) -> bool:
    """Whether it ends a key, which cold readers learn from the key."""
    return isinstance(revocation, Revocation) and revocation.kind == "key"
