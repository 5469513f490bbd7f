"""The queues of logouts: what functions announce, and what one of them tells the apps, with retries apart."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from gatepost.model.fetch_messages import MOST_AT_ONCE

TRIES = 5  # the first, and those from the slow queue
PAUSE = 120  # seconds between them, and more than the function takes for a batch
# Batches of each queue, the second the least that SQS takes: many sign-outs, and above all servers that hang, must not
# take the concurrency of other functions.
_FIRST_AT_ONCE, _SLOW_AT_ONCE = 20, 2
_KEPT_DAYS = 14  # SQS's longest
_TAKES = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")


class Logouts(Construct):
    """The queue of first notices, the slow one, and the dead-letter queue of what could not be told."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """`queue` is the one that functions send to; the function that tells apps sends to `slow`, too."""
        super().__init__(scope, construct_id)
        self.untold = sqs.Queue(
            self,
            "Untold",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(_KEPT_DAYS),
        )
        self.queue = self._queue("Queue", tries=TRIES)
        self.slow = self._queue("Slow", tries=TRIES - 1, delay=PAUSE)

    def may_announce(self) -> iam.PolicyStatement:
        """Send to the queue."""
        return iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self.queue.queue_arn])

    def may_set_aside(self) -> iam.PolicyStatement:
        """Send to the slow queue."""
        return iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self.slow.queue_arn])

    def may_take(self) -> iam.PolicyStatement:
        """Receive from both queues, as Lambda does in the name of a function."""
        resources = [self.queue.queue_arn, self.slow.queue_arn]
        return iam.PolicyStatement(actions=[f"sqs:{action}" for action in _TAKES], resources=resources)

    def deliver_to(self, function: lambda_.IFunction) -> None:
        """Call the function with the messages; those that it returns come again."""
        for name, queue, at_once in (
            ("Delivery", self.queue, _FIRST_AT_ONCE),
            ("SlowDelivery", self.slow, _SLOW_AT_ONCE),
        ):
            lambda_.CfnEventSourceMapping(
                self,
                name,
                event_source_arn=queue.queue_arn,
                function_name=function.function_arn,
                function_response_types=["ReportBatchItemFailures"],
                batch_size=MOST_AT_ONCE,
                scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=at_once),
            )

    def _queue(self, name: str, *, tries: int, delay: int = 0) -> sqs.Queue:
        return sqs.Queue(
            self,
            name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(PAUSE),
            delivery_delay=Duration.seconds(delay) if delay else None,
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=tries, queue=self.untold),
        )
