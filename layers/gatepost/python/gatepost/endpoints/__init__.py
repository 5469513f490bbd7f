"""The endpoints of the protocol, without HTTP: authorization, introspection, revocation, metadata."""
