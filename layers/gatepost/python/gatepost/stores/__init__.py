"""Where records live: the ports, their fakes, and DynamoDB."""
