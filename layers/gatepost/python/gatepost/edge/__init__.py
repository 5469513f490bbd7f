"""Functions behind CloudFront: they accept only requests with its secret. Not imported without an edge."""
