"""The CDK stacks: what exists in the AWS account."""
