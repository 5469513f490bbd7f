"""What `cdk.json` may say, and what of it goes together."""
