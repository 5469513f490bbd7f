"""What the endpoints and grants share: client authentication, parameters, redirect URIs, PKCE."""
