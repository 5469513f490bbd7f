"""The queue of logouts: what functions announce, and what one of them tells the apps, with retries."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

TRIES = 5
PAUSE = 120  # seconds between them, and more than the function takes for a batch
_BATCH = 5
_AT_ONCE = 10  # batches: many sign-outs must not take the concurrency of the token endpoint
_KEPT_DAYS = 14  # SQS's longest
_TAKES = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")


class Logouts(Construct):
    """The queue, and the dead-letter queue of what could not be told."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """`queue` is the one that functions send to."""
        super().__init__(scope, construct_id)
        self.untold = sqs.Queue(
            self,
            "Untold",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(_KEPT_DAYS),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(PAUSE),
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=TRIES, queue=self.untold),
        )

    def may_announce(self) -> iam.PolicyStatement:
        """Send to the queue."""
        return iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self.queue.queue_arn])

    def may_take(self) -> iam.PolicyStatement:
        """Receive from the queue, as Lambda does in the name of a function."""
        return iam.PolicyStatement(actions=[f"sqs:{action}" for action in _TAKES], resources=[self.queue.queue_arn])

    def deliver_to(self, function: lambda_.IFunction) -> None:
        """Call the function with the messages; those that it returns come again."""
        lambda_.CfnEventSourceMapping(
            self,
            "Delivery",
            event_source_arn=self.queue.queue_arn,
            function_name=function.function_arn,
            function_response_types=["ReportBatchItemFailures"],
            batch_size=_BATCH,
            scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=_AT_ONCE),
        )
