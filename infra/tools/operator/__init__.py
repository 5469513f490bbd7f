"""Commands for operators: for the deployment of `make run`, or a stage in an AWS account."""
