"""Shared by endpoints and grants: client authentication, parameters, redirect URIs, PKCE."""
