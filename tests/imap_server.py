"""Dovecot in a folder of its own, without privileges: a real IMAP server for the tests of ``mailbox``."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from imaplib import IMAP4, Time2Internaldate
from pathlib import Path

from scripts.scale.servers import free_port, program, wait_until_open

USER, PASSWORD = "invoices@example.com", "secret sentence"
_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/server.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {owner}
first_valid_uid = 1
mail_location = maildir:{folder}/mails
mail_fsync = never
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = {mechanisms}
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
ssl_dh =
{more}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = .
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {folder}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/home
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{  # which makes those wait who came with a wrong password before
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
"""
_OAUTH2 = """
introspection_url = {url}
introspection_mode = auth
username_attribute = email
active_attribute = active
active_value = true
"""


@dataclass
class Dovecot:
    """``more``: further lines of its configuration; ``prefix`` of all folders but INBOX; ``tokens``: the address at
    which it asks whose an OAuth token is; ``mechanisms`` of a login."""

    folder: Path
    more: str = ""
    prefix: str = ""
    tokens: str = "http://127.0.0.1:9/"
    mechanisms: str = "plain login xoauth2 oauthbearer"
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def create(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        group = subprocess.run(["id", "-gn", owner.pw_name], check=True, capture_output=True, text=True).stdout.strip()
        values = {
            "folder": self.folder, "owner": owner.pw_name, "group": group, "more": self.more, "prefix": self.prefix,
            "mechanisms": self.mechanisms, "port": self.port, "tls_port": self.tls_port,
        }  # fmt: skip
        (self.folder / "dovecot.conf").write_text(_CONFIGURATION.format(**values))
        (self.folder / "oauth2.conf").write_text(_OAUTH2.format(url=self.tokens))
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", names]
        files = ["-keyout", str(self.folder / "key.pem"), "-out", str(self.certificate)]
        subprocess.run([program("openssl", "openssl"), "req", *made, *files], check=True, capture_output=True)
        if os.getuid() == 0:
            self.folder.parent.chmod(0o755)
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, owner.pw_name, group)

    def start(self) -> None:
        command = [program("dovecot", "dovecot-imapd", "/usr/sbin"), "-F", "-c", str(self.folder / "dovecot.conf")]
        demoted = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
        self._process = subprocess.Popen(command, start_new_session=True, **demoted)
        wait_until_open(self.port)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait()
            self.kill()  # what it leaves behind for a while are connections that are still served

    def kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def client(self) -> IMAP4:
        client = IMAP4("127.0.0.1", self.port, timeout=30)
        client.login(USER, PASSWORD)
        return client

    def deliver(self, *mails: bytes) -> None:
        """Puts mails into INBOX."""
        with self.client() as client:
            for mail in mails:
                assert client.append("INBOX", "", Time2Internaldate(time.time()), mail)[0] == "OK"

    def count(self, folder: str) -> int:
        """How many mails a folder has; 0 for one that is not there."""
        with self.client() as client, suppress(IMAP4.error):
            kind, found = client.select(f'"{folder}"', readonly=True)
            return int(found[0] or 0) if kind == "OK" else 0
        return 0

    def allow(self, rights: str) -> None:
        """What the user may do in INBOX (RFC 4314), where the plug-in acl is on."""
        self.count("INBOX")  # which makes its folder
        (self.folder / "mails" / "dovecot-acl").write_text(f"owner {rights}\n")

    def clear(self) -> None:
        """Removes all mails, and the folders that ``mailbox`` makes."""
        with self.client() as client:
            if int(client.select("INBOX")[1][0] or 0):
                client.store("1:*", "+FLAGS", r"\Deleted")
                client.expunge()
            client.close()
            for name in ("done", "failed"):
                client.delete(name)


@contextmanager
def imap_server(**options: str) -> Iterator[Dovecot]:
    # Not pytest's own folder: whom the server runs as has to reach it.
    with tempfile.TemporaryDirectory() as folder:
        server = Dovecot(Path(folder) / "server", **options)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.kill()
