"""The strings that open things: access tokens, refresh tokens, the keys behind them, and what was revoked."""
