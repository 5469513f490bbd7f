"""How a client of the soak asks: again after a clean error, and what it observes goes into its diary."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.security.sending import Answer, Call, connected, send

TRIES = 12
_CLEAN_500 = '{"message":"Internal Server Error"}'  # of the gateway, for a function that was killed
_CLEAN_503 = ("temporarily_unavailable", '{"message":"Service Unavailable"}', "Try again in a moment")


class Wrong(Exception):
    """A response that is neither right nor a clean error."""


@dataclass(kw_only=True)
class Diary:
    """The observations of a process."""

    done: Counter[str] = field(default_factory=Counter)  # flows that ended well
    answers: Counter[int] = field(default_factory=Counter)
    clean_errors: int = 0
    started_again: int = 0  # a code or a form was used up by a request whose answer was lost
    longest: float = 0.0  # seconds for one answer
    wrong: list[str] = field(default_factory=list)
    chains: list[dict[str, Any]] = field(default_factory=list)  # must live on
    ended: list[tuple[float, dict[str, Any]]] = field(default_factory=list)  # when, and what must be dead
    apps: list[str] = field(default_factory=list)  # names of apps that must be there
    secrets: set[str] = field(default_factory=set)


class Asking:
    """A connection to the deployment."""

    def __init__(self, port: int, diary: Diary) -> None:
        self._connection = connected(port)
        self._diary = diary

    def ask(self, call: Call, *right: int) -> Answer:
        """Return a right response, after clean errors if any. Raises Wrong."""
        for number in range(TRIES):
            began = time.monotonic()
            answer = send(self._connection, call)
            self._diary.longest = max(self._diary.longest, time.monotonic() - began)
            self._diary.answers[answer.status] += 1
            if answer.status in right:
                return answer
            if not is_clean_error(answer):
                raise Wrong(f"{call.method} {call.path} was answered {answer.status} {shown(answer)}")
            self._diary.clean_errors += 1
            time.sleep(0.05 * number)
        raise Wrong(f"{call.method} {call.path} had {TRIES} errors in a row")

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def is_clean_error(answer: Answer) -> bool:
    """Whether a response only says that it did not work this time."""
    if answer.status == 500:
        return answer.body == _CLEAN_500
    return answer.status == 503 and any(text in answer.body for text in _CLEAN_503)


def shown(answer: Answer) -> str:
    """Return the text of a response, without markup."""
    return re.sub(r"<style>.*?</style>|<[^>]+>|\s+", " ", answer.body, flags=re.DOTALL)[:300]
