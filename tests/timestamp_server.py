"""A time-stamping server (RFC 3161) on 127.0.0.1, with an authority of its own: openssl signs what is sent."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local_server import QuietHandler, serving

from scripts.scale.servers import program

_SETTINGS = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamping]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = server
[server]
serial = {folder}/serial
signer_cert = {folder}/server.pem
signer_key = {folder}/server.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.13762.3
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


@dataclass
class TimestampServer:
    """``answer``: sent in place of the next answers where it is not None; ``asked``: requests that came."""

    folder: Path
    url: str = ""
    answer: bytes | None = None
    asked: list[bytes] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def roots(self) -> Path:
        """The authority's certificate."""
        return self.folder / "authority.pem"

    def make(self, name: str) -> None:
        """Keys and certificates."""
        self.folder.mkdir(parents=True)
        config = self.folder / "openssl.cnf"
        config.write_text(_SETTINGS.format(name=name, folder=self.folder))
        (self.folder / "serial").write_text("01\n")
        new = ("req", "-config", config, "-new", "-newkey", "rsa:2048", "-nodes")
        _openssl(*new, "-x509", "-extensions", "authority", "-subj", f"/CN={name} authority", "-days", "2",
                 "-keyout", self.folder / "authority.key", "-out", self.roots)  # fmt: skip
        _openssl(*new, "-subj", f"/CN={name}", "-keyout", self.folder / "server.key", "-out", self.folder / "csr")
        _openssl("x509", "-req", "-in", self.folder / "csr", "-CA", self.roots, "-CAkey", self.folder / "authority.key",
                 "-CAcreateserial", "-days", "1", "-extfile", config, "-extensions", "stamping",
                 "-out", self.folder / "server.pem")  # fmt: skip

    def stamp(self, request: bytes) -> bytes:
        """The answer to a request, both in DER."""
        with self._lock:  # one file of serial numbers
            self.asked.append(request)
            if self.answer is not None:
                return self.answer
            query, reply = self.folder / "query.tsq", self.folder / "reply.tsr"
            query.write_bytes(request)
            _openssl("ts", "-reply", "-config", self.folder / "openssl.cnf", "-queryfile", query, "-out", reply)
            return reply.read_bytes()


def _openssl(*arguments: object) -> None:
    subprocess.run([program("openssl", "openssl"), *map(str, arguments)], check=True, capture_output=True)


@contextmanager
def stamping(folder: Path, name: str = "Clock") -> Iterator[TimestampServer]:
    """Serves until the block ends."""
    server = TimestampServer(folder)
    server.make(name)

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            answer = server.stamp(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    with serving(Handler) as url:
        server.url = f"{url}/"
        yield server
