"""Calls to AWS's JSON services without botocore: about a tenth of its work a call and of its time at a cold start.

`client.Client` is what the functions use, `boto.BotoClient` is the same over boto3.
"""
