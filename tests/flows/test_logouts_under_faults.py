"""Logouts reach apps that were down, and whoever is told or not, sessions end (S340, S342)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from gatepost.model.logout import LogoutNotice, SessionEnd, message_in, written
from gatepost.oidc.failing_servers import failures_of
from gatepost.routes import ACCOUNT_PAGE, LOGOUT
from gatepost.settings import LOGOUT_QUEUE_VARIABLE
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.conftest import TEST_SETTINGS
from tests.http.told_apps import DOWN, OK, App, listening, signs_out
from tests.infra.rendered import Template, of_type
from tests.operating import operate, reachable
from tests.people import Person, entered, reached
from tests.unit.http.other_side import answering

_TRIES = 3


def hasty(template: Template) -> None:
    """A message comes again after a second, and a notice three times in all."""
    for queue in of_type(template, "AWS::SQS::Queue").values():
        if "RedrivePolicy" in queue:
            queue["VisibilityTimeout"] = 1
            slow = "DelaySeconds" in queue
            queue["RedrivePolicy"]["maxReceiveCount"] = _TRIES - slow
            if slow:
                queue["DelaySeconds"] = 1
    for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values():
        mapping["ScalingConfig"]["MaximumConcurrency"] = 1  # a batch of more than a second is not delivered twice


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with Deployment(overrides=TEST_SETTINGS, alter=hasty) as running:
        yield running


@pytest.fixture
def app(deployment: Deployment, person: Person) -> Iterator[App]:
    with answering(OK) as side:
        yield listening(deployment, person, side)


class Queues:
    """The queue of logouts, and its dead-letter queue."""

    def __init__(self, deployment: Deployment) -> None:
        self.sqs = deployment.client("sqs")
        self.url = deployment.functions["backchannel_logout"].config.environment[LOGOUT_QUEUE_VARIABLE]
        (self.untold,) = (url for url in self.sqs.list_queues()["QueueUrls"] if "Untold" in url)

    def dead(self) -> list[dict[str, Any]]:
        """Wait for messages in the dead-letter queue, and remove them."""
        found = self.sqs.receive_message(QueueUrl=self.untold, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        messages: list[dict[str, Any]] = found.get("Messages", [])
        for each in messages:
            self.sqs.delete_message(QueueUrl=self.untold, ReceiptHandle=each["ReceiptHandle"])
        return messages


@pytest.fixture
def queues(deployment: Deployment) -> Queues:
    return Queues(deployment)


def pauses_end(deployment: Deployment, app: App) -> None:
    """Once a failure of the app's server is counted, let the time pass after which it may be asked again."""
    (known,) = deployment.store.read(AppKey(app.client.app.client_id))
    assert known is not None
    assert reached(lambda: failures_of(deployment.store, known, time.time()).of_server is not None)
    deployment.store.forget_failures(failures_of(deployment.store, known, time.time()).server_key.name_hash)


def logged(deployment: Deployment, event: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, deployment.logs) if line["message"] == event]


def test_s340_an_app_that_was_down_is_told_when_it_is_up_again(
    deployment: Deployment, signed_in: Browser, app: App
) -> None:
    app.side.answer = DOWN
    sid = app.sign_in(signed_in)

    signs_out(signed_in)
    first = app.logout()
    app.side.answer = OK
    pauses_end(deployment, app)

    second = app.logout()
    assert first["sid"] == second["sid"] == sid
    assert first["jti"] != second["jti"]
    time.sleep(1.5)
    assert app.logouts() == []


def test_s340_a_logout_that_can_not_be_told_is_kept_for_the_operator(
    deployment: Deployment, signed_in: Browser, app: App, queues: Queues
) -> None:
    app.side.answer = DOWN
    sid = app.sign_in(signed_in)

    signs_out(signed_in)

    (message,) = queues.dead()
    queues.sqs.send_message(QueueUrl=queues.url, MessageBody="nonsense")  # which nothing understands
    notice = message_in(message["Body"])
    assert isinstance(notice, LogoutNotice)
    assert (notice.session_id, notice.client_id) == (sid, app.client.app.client_id)
    mine = [each for each in logged(deployment, "logout.not_told") if each.get("client_id") == notice.client_id]
    assert [(each["queue"], each["attempt"]) for each in mine] == [("first", "1"), ("slow", "1"), ("slow", "2")]
    assert (mine[0]["reason"], mine[0]["detail"]) == ("the app's server failed", "status 503")
    assert {each["reason"] for each in mine[1:]} == {"the app's server failed before"}
    problems = deployment.store.problems_of(notice.client_id)
    assert all(problem.proven for problem in problems)
    assert "The app was not notified of a logout: its server failed. It will be retried." in {
        problem.reason for problem in problems
    }

    assert len(app.logouts()) == 1
    app.side.answer = OK
    pauses_end(deployment, app)
    queues.sqs.send_message(QueueUrl=queues.url, MessageBody=message["Body"])  # as a move task does
    assert app.logout()["sid"] == sid
    assert [each["Body"] for each in queues.dead()] == ["nonsense"]


def test_s342_who_signs_out_while_the_queue_refuses_is_signed_out_and_the_app_is_told_by_the_operator(
    deployment: Deployment, signed_in: Browser, app: App, person: Person, queues: Queues
) -> None:
    sid = app.sign_in(signed_in)
    console = deployment.functions["console"]
    before = console.config
    console.become(replace(before, environment={**before.environment, LOGOUT_QUEUE_VARIABLE: f"{queues.url}-gone"}))
    try:
        signs_out(signed_in)
    finally:
        console.become(before)

    assert signed_in.get(ACCOUNT_PAGE.path).status_code == 303
    assert [each["user_id"] for each in logged(deployment, "logout.not_announced")] == [person.user.user_id]
    assert deployment.store.sign_ins_of(person.user.user_id)[0] == []
    assert app.logouts() == []

    with reachable(deployment) as port:
        code, said = operate("resend_logouts", "--port", str(port))
    assert (code, said) == (0, "1 users have sessions that ended and apps that were not told: they are told now.\n")
    assert app.logout()["sid"] == sid
    assert deployment.store.sign_ins_of(person.user.user_id) == ([], [])


def test_s340_whoever_breaks_off_between_announcement_and_end_logs_nobody_out_and_the_end_that_follows_does(
    deployment: Deployment, signed_in: Browser, app: App, person: Person, queues: Queues
) -> None:
    sid = app.sign_in(signed_in)
    (session,) = deployment.store.sessions_of(person.user.user_id)
    end = SessionEnd(user_id=person.user.user_id, at=time.time(), session_hash=session.session_hash)

    queues.sqs.send_message(QueueUrl=queues.url, MessageBody=written(end))
    time.sleep(1.5)
    assert app.logouts() == []
    deployment.store.end_session(person.user.user_id, session.session_hash)  # without an announcement of its own

    assert app.logout()["sid"] == sid


def test_s340_of_a_sign_in_and_a_sign_out_at_the_same_time_none_leaves_an_app_signed_in_unnoticed(
    deployment: Deployment, person: Person, app: App
) -> None:
    """Whichever comes first: the app gets no code, or it hears of the end."""
    first = entered(deployment, person)
    app.sign_in(first)  # the approval is remembered
    signs_out(first)
    app.logout()
    codes = 0
    for _ in range(8):
        browser = entered(deployment, person)
        page = browser.get(ACCOUNT_PAGE.path)
        with ThreadPoolExecutor(2) as pool:
            asked = pool.submit(browser.get, app.client.authorize_path(scope="openid"))
            out = pool.submit(browser.submit, page, LOGOUT.path)
            answer = asked.result()
        assert out.result().status_code == 303
        if "client.example.test" in answer.headers["Location"] and "code" in answer_of(answer):
            codes += 1

    assert reached(lambda: len(app.side.requests) == codes + 1)
    time.sleep(1.5)
    assert len(app.logouts()) == codes
    assert deployment.store.sign_ins_of(person.user.user_id) == ([], [])
