"""Lambda's event source of an SQS queue, which the local AWS has nothing to call for.

The queue itself is the local AWS's: delays, the time until a message comes again, and the dead-letter queue.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.aws.arns import ACCOUNT
from infra.local.aws.cloud import REGION, Cloud
from infra.local.aws.made_stack import Stack
from infra.local.lambda_runtime.process import InvocationFailed, InvocationTimedOut
from infra.local.lambda_runtime.runtime import Function

_WAIT = 1  # seconds that a poll lasts at most
_PAUSE = 0.5
_CONNECTED = 45 * 60.0  # its credentials last an hour


class EventSource:
    """Delivers the messages of a queue to a function, in `at_once` batches at the same time, until `close`."""

    def __init__(self, connect: Callable[[], Any], url: str, function: Function, *, batch: int, at_once: int) -> None:
        """Take what returns a client of SQS that may do what the function's role allows."""
        self._connect, self._url, self._function, self._batch = connect, url, function, batch
        self._free, self._pool = threading.Semaphore(at_once), ThreadPoolExecutor(at_once)
        self._queue, self._since = connect(), time.monotonic()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"messages of {function.config.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin no further poll."""
        self._closed.set()

    def close(self) -> None:
        """Stop, and wait until the last poll has ended and what it received is delivered."""
        self.stop()
        self._thread.join()
        self._pool.shutdown()

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                if time.monotonic() - self._since > _CONNECTED:
                    self._queue, self._since = self._connect(), time.monotonic()
                self._receive()
            except (BotoCoreError, ClientError):
                self._closed.wait(_PAUSE)  # also refused: without the right to receive, nothing is delivered

    def _receive(self) -> None:
        if not self._free.acquire(timeout=_WAIT):
            return  # nothing is received that has to wait for a batch to end
        messages: list[Mapping[str, Any]] = []
        try:
            messages = self._received()
        finally:
            if not messages:
                self._free.release()
        if messages:
            self._pool.submit(self._deliver, self._queue, messages)

    def _received(self) -> list[Mapping[str, Any]]:
        answer = self._queue.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=self._batch,
            WaitTimeSeconds=_WAIT,
            MessageSystemAttributeNames=["All"],
        )
        found: list[Mapping[str, Any]] = answer.get("Messages", [])
        return found

    def _deliver(self, queue: Any, messages: Sequence[Mapping[str, Any]]) -> None:
        try:
            result = self._function.invoke({"Records": [self._record(each) for each in messages]})
            failed = {each["itemIdentifier"] for each in result["batchItemFailures"]}
            for message in messages:
                if message["MessageId"] not in failed:
                    queue.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        except (InvocationFailed, InvocationTimedOut, KeyError, TypeError, BotoCoreError, ClientError):
            pass  # what was not removed comes again
        finally:
            self._free.release()

    def _record(self, message: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self._url.rpartition('/')[2]}",
            "awsRegion": REGION,
        }


class EventSources:
    """The event sources of a deployment."""

    def __init__(self) -> None:
        """Start without any."""
        self._running: list[EventSource] = []

    def serve(self, cloud: Cloud, stack: Stack, functions: Mapping[str, Function]) -> None:
        """Deliver by those of this template, from now on."""
        self.close()
        by_arn = {arn: function for function in functions.values() for arn in function.arns}
        for mapping in stack.of_type("AWS::Lambda::EventSourceMapping").values():
            properties = mapping["Properties"]
            url = stack.physical[properties["EventSourceArn"]["Fn::GetAtt"][0]]
            function = by_arn[stack.function_arn(properties["FunctionName"])]
            connect = partial(_client_of, cloud, function)
            at_once = properties["ScalingConfig"]["MaximumConcurrency"]
            source = EventSource(connect, url, function, batch=properties["BatchSize"], at_once=at_once)
            self._running.append(source)

    def close(self) -> None:
        """Stop delivering; their last polls end at the same time."""
        for source in self._running:
            source.stop()
        while self._running:
            self._running.pop().close()


def _client_of(cloud: Cloud, function: Function) -> Any:
    own = cloud.role_credentials()(function.config.role_arn)
    return boto3.client(
        "sqs",
        endpoint_url=cloud.endpoint,
        region_name=REGION,
        aws_access_key_id=own["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=own["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=own["AWS_SESSION_TOKEN"],
    )
