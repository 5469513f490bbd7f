"""Functions behind CloudFront: only requests that it sent are answered. Nothing imports this without an edge."""
