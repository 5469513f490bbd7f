"""A server of somebody else: it answers as a test says, with TLS if it has a certificate."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Answer = bytes | Callable[[socket.socket], None]


class OtherSide:
    """`answer` is sent as it is, or called with the connection once the request has come; then the connection ends."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self._tls = tls
        self._socket = socket.create_server((address, 0))
        self._socket.settimeout(0.05)
        self.port: int = self._socket.getsockname()[1]
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ends.set()
        self._thread.join()
        self._socket.close()

    def drip(self, connection: socket.socket, piece: bytes, seconds: float = 0.02) -> None:
        """Send a piece again and again, until the other end has gone."""
        while not self._ends.wait(seconds):
            connection.sendall(piece)

    def stay_silent(self, _connection: socket.socket) -> None:
        self._ends.wait(5)

    def _serve(self) -> None:
        while not self._ends.is_set():
            try:
                plain, _ = self._socket.accept()
            except TimeoutError:
                continue
            with contextlib.suppress(OSError), plain:  # a client may go at any time
                plain.settimeout(5)
                self._talk(self._tls.wrap_socket(plain, server_side=True) if self._tls else plain)

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            request = connection.recv(1 << 16)
            head, _, body = request.partition(b"\r\n\r\n")
            length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
            while len(body) < length:
                body += connection.recv(1 << 16)
            self.requests.append(head + b"\r\n\r\n" + body)
            if isinstance(self.answer, bytes):
                connection.sendall(self.answer)
            else:
                self.answer(connection)


@contextlib.contextmanager
def answering(answer: Answer, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> Iterator[OtherSide]:
    """A server until the block ends."""
    side = OtherSide(answer, tls, address)
    try:
        yield side
    finally:
        side.close()


@dataclass
class Authority:
    """An authority of certificates in a folder: `file` is what has to be trusted."""

    folder: Path

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority")])
        made = self._certificate(self._name, self._key).add_extension(x509.BasicConstraints(True, None), True)
        usage = dict.fromkeys(
            ("content_commitment", "data_encipherment", "decipher_only", "encipher_only", "key_agreement"), False
        )
        may = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, key_encipherment=False, **usage)
        made = made.add_extension(may, True)
        self.file = self.folder / "authority.pem"
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def context(self, host: str, *, days: int = 1) -> ssl.SSLContext:
        """A server's context with a certificate for a name or an address; with negative days it has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        try:
            named: x509.GeneralName = x509.IPAddress(ip_address(host))
        except ValueError:
            named = x509.DNSName(host)
        made = self._certificate(subject, key, days).add_extension(x509.SubjectAlternativeName([named]), False)
        file = self.folder / f"{host}.pem"
        file.write_bytes(
            made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int = 1
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
        )
        begins = now - datetime.timedelta(days=10)
        return builder.not_valid_before(begins).not_valid_after(now + datetime.timedelta(days=days))
