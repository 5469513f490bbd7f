"""OpenID Connect: its requests, its tokens, userinfo, discovery, and logout."""
