"""Commands for whoever operates a Gatepost: what `make run` runs, or a stage in an AWS account."""
