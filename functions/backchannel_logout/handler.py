"""The queue of logouts: sessions that end, and the apps to tell of it (OpenID Connect Back-Channel Logout)."""

import time
from typing import Any

from gatepost.endpoints.backchannel_logout import LogoutRefused, announce_to_apps, tell_app
from gatepost.errors import OAuthError
from gatepost.http.entry_point import facts_of, quietly, tell
from gatepost.model.logout import SessionEnd, message_in
from gatepost.observability.log import note
from gatepost.runtime.fetching import fetcher
from gatepost.runtime.logouts import logout_queue
from gatepost.runtime.problems import tell_owner
from gatepost.runtime.wiring import server


@quietly
def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Handle each message; those that are returned come again, a fixed number of times."""
    return {
        "batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in event["Records"] if not _done(each)]
    }


def _done(record: dict[str, Any]) -> bool:
    try:
        message = message_in(record["body"])
        if isinstance(message, SessionEnd):
            announce_to_apps(server(), logout_queue(), message, time.time())
        else:
            tell_app(server(), fetcher(), message, time.time())
    except (OAuthError, ValueError) as error:
        said = facts_of(error) if isinstance(error, OAuthError) else {"reason": str(error)}
        is_final = isinstance(error, LogoutRefused)
        attempt = record["attributes"]["ApproximateReceiveCount"]
        facts = {"message_id": record["messageId"], "attempt": attempt, **said}
        note("logout.refused" if is_final else "logout.not_told", facts, failed=True)
        if isinstance(error, OAuthError):
            tell(tell_owner, "backchannel_logout", error, time.time())
        return is_final
    return True
