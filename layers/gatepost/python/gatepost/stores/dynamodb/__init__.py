"""The ports on DynamoDB; nothing else accesses the tables."""
