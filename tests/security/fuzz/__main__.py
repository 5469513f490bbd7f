"""`make fuzz MINUTES=10`: repeats the fuzzing tests, each time with other and more inputs."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time

from tests.commands import options

LONG = "FUZZ_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "200"))  # for a parser; the API gets fewer, for they cost more
TESTS = (
    "tests/security/fuzz/test_parsers.py",
    "tests/security/fuzz/test_schemathesis.py",
    "tests/security/lives/test_token_life.py",
)


def main(arguments: list[str]) -> int:
    """Rounds until the time is over or one of them finds something; the seed of a round repeats it."""
    chosen = options("fuzz", arguments, minutes=10.0)
    rolled = random.Random(chosen.seed)
    deadline, rounds = time.monotonic() + 60 * chosen.minutes, 0
    while rounds == 0 or time.monotonic() < deadline:
        rounds += 1
        seed = rolled.randrange(2**32)
        print(f"round {rounds}: --hypothesis-seed={seed}", flush=True)
        environment = {**os.environ, "FUZZ_EXAMPLES": "5000"}
        run = [sys.executable, "-m", "pytest", "-q", "-x", f"--hypothesis-seed={seed}", *TESTS]
        if subprocess.run(run, env=environment, check=False).returncode:
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
