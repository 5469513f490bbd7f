"""A local service that responds to the calls of DynamoDB and Secrets Manager from a dictionary.

It is a process of its own, so that its work is not counted as the function's. It reads the tables and the secrets as
one line of JSON and prints its port.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.bench.items import Items


@contextmanager
def service(items: Items, secrets: Mapping[str, str]) -> Iterator[str]:
    """The URL of the service while it runs."""
    command = [sys.executable, "-m", "tests.bench.loopback"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"tables": items.tables, "secrets": secrets}) + "\n")
        process.stdin.flush()
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def main() -> None:
    """Serve until stopped."""
    given = json.loads(sys.stdin.readline())
    items, secrets = Items(), given["secrets"]
    items.tables, items.frozen = given["tables"], True

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            if operation == "GetSecretValue":
                answer = {"SecretString": secrets[request["SecretId"]]}
            else:
                answer = items.call(operation, request)
            body = json.dumps(answer, separators=(",", ":")).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
