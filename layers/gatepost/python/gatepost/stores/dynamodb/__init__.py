"""The ports on DynamoDB. The only place that talks to the tables."""
