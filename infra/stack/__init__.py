"""The CDK stacks: the resources in the AWS account."""
