"""REST APIs on this machine: what a guest stack may have beside an HTTP API."""
