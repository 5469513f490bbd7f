"""The configuration in `cdk.json`: its keys, their values and their consistency."""
