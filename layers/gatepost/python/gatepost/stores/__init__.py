"""Storage: the ports that the rules use, the keys of records, and the implementation on DynamoDB."""
