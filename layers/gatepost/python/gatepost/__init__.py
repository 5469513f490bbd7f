"""Gatepost: the OAuth 2.0 logic that every function of the deployment shares."""
