"""The record of the audit log."""

from __future__ import annotations

from typing import NamedTuple


class AuditEntry(NamedTuple):
    """An audited event, for administrators. Ids and names, never a secret."""

    entry_id: str
    at: float
    event: str  # a name of gatepost.audit_log.events
    actor: str = ""  # user_id, "" if nobody is signed in
    actor_name: str = ""
    client_id: str = ""
    subject: str = ""  # the name of the object
    source_ip: str = ""
    resources: tuple[str, ...] = ()  # of what was approved or denied, as of a grant
    request_id: str = ""  # of the Invoke by which an operator had it done
    about: str = ""  # user_id of the account to which it was done, "" if to none or the actor's own
    reason: str = ""  # why a sign-in failed
    changes: tuple[str, ...] = ()  # what changed, in threes: the field, its value before and after
    salt: str = ""  # random, of the digest in the log: without it names can't be guessed from there


# What an erasure may replace, or take away; everything else never changes.
ERASABLE = ("actor_name", "changes", "salt", "source_ip", "subject")
