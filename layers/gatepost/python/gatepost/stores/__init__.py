"""Where records are kept: the ports that the rules use, their keys, and DynamoDB behind them."""
