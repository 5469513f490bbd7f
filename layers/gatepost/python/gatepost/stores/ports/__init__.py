"""The storage ports: their operations, what is atomic, and what the loser of a race gets.

All reads are strongly consistent unless stated otherwise. A store that can't be reached raises TemporarilyUnavailable,
a misconfigured one ServerError; then either nothing was changed or the call can be repeated.
"""
