"""The authorizer's function as every stack has it, whichever tool deploys it. It imports nothing of CDK."""

from __future__ import annotations

from gatepost.stores.schema import FEED, FEED_PARTS, KEYS
from gatepost_cdk.packages import OWN

LAYERS = ("tokens", OWN)  # what `gatepost.guard` and the authorizer import
HANDLER = "handler.handler"
MEMORY = 1769  # MB: a whole core, with which an answer takes less than the millisecond that is billed at least
TIMEOUT = 10  # seconds
DESCRIPTION = "Gatepost's authorizer: whether a token may open a route"
# `$context.routeKey`: an answer that is kept for one route never opens another.
HTTP_IDENTITY_SOURCES = ("$request.header.Authorization", "$context.routeKey")
READS = ("dynamodb:Query", "dynamodb:BatchGetItem")
# The partitions of a later feed among them, so that stacks of today go on reading it.
ONLY_THE_FEED = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [KEYS, FEED, FEED_PARTS]}}
