"""The queues of logouts, for functions that end sessions or tell apps of it."""

from __future__ import annotations

import os
from functools import cache

from gatepost.aws import services
from gatepost.runtime.database import dynamodb, region, table_names
from gatepost.runtime.environment import settings
from gatepost.settings import LOGOUT_QUEUE_VARIABLE, SLOW_LOGOUT_QUEUE_VARIABLE
from gatepost.stores.dynamodb.announcing import AnnouncingStore
from gatepost.stores.logout_queue import SQSLogoutQueue
from gatepost.stores.ports.logouts import LogoutQueues


@cache
def logout_queue() -> SQSLogoutQueue:
    """Return the queue that this function may send to."""
    return SQSLogoutQueue(services.sqs(settings().aws_client), os.environ[LOGOUT_QUEUE_VARIABLE])


@cache
def logout_queues() -> LogoutQueues:
    """Return both queues, for the function that tells apps."""
    return LogoutQueues(
        first=logout_queue(),
        slow=SQSLogoutQueue(services.sqs(settings().aws_client), os.environ[SLOW_LOGOUT_QUEUE_VARIABLE]),
    )


def announcing_store() -> AnnouncingStore:
    """Return the store that announces each end of sessions."""
    return AnnouncingStore(dynamodb(), table_names(), region(), queue=logout_queue())
