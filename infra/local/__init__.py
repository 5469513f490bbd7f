"""A deployment target on this machine: the synthesized template, on a local AWS, behind an HTTP front on loopback."""
