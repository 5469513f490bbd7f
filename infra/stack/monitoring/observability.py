"""Alarms, the topic that they notify, and a dashboard, from one list of specifications.

Each alarm has a section of its name in docs/operations.md, which its description points to.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.configuration.context import Configuration
from infra.stack.monitoring.alarms import AlarmSpec, Series, alarm_specs
from infra.stack.monitoring.dashboard import dashboard_body


class Observability(Construct):
    """Alarms, their topic and the dashboard."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        configuration: Configuration,
        api_id: str,
        functions: Mapping[str, str],
        tables: Mapping[str, str],
        logouts: tuple[str, str] | None,
    ) -> None:
        """`functions` and `tables` hold physical names by logical ones; `logouts` is as of `alarm_specs`.

        `topic` is the ARN that alarms notify.

        `names` holds for each specification the name of its alarms in CloudWatch, one for each part.
        """
        super().__init__(scope, construct_id)
        self._stage = configuration.stage
        self.topic = self._topic(configuration.alarm_email, configuration.kms_key_arn)
        specs = alarm_specs(configuration, api_id=api_id, functions=functions, tables=tables, logouts=logouts)
        self.names: dict[str, list[str]] = {}
        for spec in specs:
            self.names.setdefault(spec.name, []).append(self._alarm(spec))
        body = dashboard_body(specs, configuration, api_id=api_id, functions=functions, region=Aws.REGION)
        cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=f"{configuration.stack_name}-{Aws.REGION}",  # an account has one list for all regions
            dashboard_body=Stack.of(self).to_json_string(body),
        )

    def _topic(self, email: str, key_arn: str) -> str:
        """With the configured key or none: CloudWatch may not use the AWS-managed one, and no message is secret."""
        name = f"Gatepost {self._stage}"
        topic = sns.CfnTopic(self, "Topic", display_name=name, kms_master_key_id=key_arn or None)
        sns.CfnTopicPolicy(
            self,
            "TopicPolicy",
            topics=[topic.ref],
            policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "AlarmsOfThisAccount",
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": topic.ref,
                        "Condition": {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
                    },
                    {
                        "Sid": "OnlyByTls",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "sns:Publish",
                        "Resource": topic.ref,
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            },
        )
        if email:
            sns.CfnSubscription(self, "Email", topic_arn=topic.ref, protocol="email", endpoint=email)
        return topic.ref

    def _alarm(self, spec: AlarmSpec) -> str:
        name = "".join(part.capitalize() for part in spec.name.split("-")) + (str(spec.part) if spec.part else "")
        title = f"Gatepost-{self._stage}-{spec.name}" + (f"-{spec.part}" if spec.part else "")
        alarm = cloudwatch.CfnAlarm(
            self,
            name,
            alarm_name=title,
            alarm_description=f"{spec.meaning} What to do: docs/operations.md#{spec.name}",
            metrics=[*map(self._query, spec.series), *self._expression(spec)],
            comparison_operator=spec.comparison,
            threshold=spec.threshold,
            evaluation_periods=spec.periods,
            datapoints_to_alarm=spec.periods,
            treat_missing_data=spec.missing,
            alarm_actions=[self.topic],
            ok_actions=[self.topic],
        )
        return alarm.ref

    def _query(self, series: Series) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
        return cloudwatch.CfnAlarm.MetricDataQueryProperty(
            id=series.id,
            metric_stat=cloudwatch.CfnAlarm.MetricStatProperty(
                metric=cloudwatch.CfnAlarm.MetricProperty(
                    namespace=series.namespace,
                    metric_name=series.metric,
                    dimensions=[
                        cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
                        for name, value in series.dimensions.items()
                    ],
                ),
                period=series.period,
                stat=series.statistic,
            ),
            return_data=False,
        )

    def _expression(self, spec: AlarmSpec) -> list[cloudwatch.CfnAlarm.MetricDataQueryProperty]:
        return [
            cloudwatch.CfnAlarm.MetricDataQueryProperty(
                id="e", expression=spec.expression, label=spec.name, return_data=True
            )
        ]
