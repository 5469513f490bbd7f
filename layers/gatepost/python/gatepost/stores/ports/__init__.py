"""The ports: what the logic asks of storage, what is atomic, and what the loser of a race sees.

All reads are strongly consistent. A store that can't answer raises TemporarilyUnavailable and nothing else; then
nothing was changed, or the same call may be made again.
"""
