"""Messages about logouts (OpenID Connect Back-Channel Logout): an end that was announced, and an app to tell of it."""

from __future__ import annotations

import json
from typing import NamedTuple


class SessionEnd(NamedTuple):
    """Sessions of a user that are about to end; the apps that they signed in to are told afterwards."""

    user_id: str
    at: float
    session_hash: str = ""  # of the only one; "": every session
    valid_from: int = 0  # of every session: from before this cutoff; 0: those that are removed


class LogoutNotice(NamedTuple):
    """A session that has ended, and an app to tell of it."""

    user_id: str
    session_id: str  # `sid`
    client_id: str


Message = SessionEnd | LogoutNotice
_KINDS: dict[str, type[Message]] = {"end": SessionEnd, "notice": LogoutNotice}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def written(message: Message) -> str:
    """Return the text of a message."""
    return json.dumps({"kind": _NAMES[type(message)], **message._asdict()}, separators=(",", ":"))


def message_in(text: str) -> Message:
    """Return the message that `written` made a text of. Raises ValueError for any other text."""
    try:
        members = json.loads(text)
        return _KINDS[members.pop("kind")](**members)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a message about a logout: {type(error).__name__}") from None
