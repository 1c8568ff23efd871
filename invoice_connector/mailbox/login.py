"""Passwords and OAuth 2.0 access tokens, got anew for every login. None of them is ever part of a message."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from pydantic import SecretStr

from invoice_connector.mailbox.errors import LoginRefusedError, MailboxAwayError
from invoice_connector.mailbox.settings import PREFIX, MailboxSettings
from invoice_connector.sinks.errors import DeliveryError
from invoice_connector.sinks.http import Exchange, send

_COMMAND_SECONDS = 60.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(slots=True)
class Secrets:
    """Where a login's secret comes from. ``renewed`` is the newest refresh token that the server sent."""

    settings: MailboxSettings
    renewed: str | None = None

    def password(self) -> str:
        """Raises LoginRefusedError for a file that cannot be read."""
        given = self.settings
        return _of_file(given.password_file) if given.password_file else _plain(given.password)

    def token(self) -> str:
        """An access token. Raises LoginRefusedError, and MailboxAwayError where a later try may help."""
        given = self.settings
        if given.token_file:
            return _of_file(given.token_file)
        if given.token_command:
            return _of_command(given.token_command)
        return self._granted() if given.token_url else _plain(given.token)

    def _granted(self) -> str:
        """The token of RFC 6749, section 6 (for a refresh token) or 4.4 (for the client itself)."""
        given = self.settings
        refresh = self.renewed or self._refresh_token()
        grant = {"grant_type": "refresh_token", "refresh_token": refresh} if refresh else _CLIENT
        form = {**grant, "client_id": given.client_id, "client_secret": _plain(given.client_secret)}
        content = urlencode({name: value for name, value in {**form, "scope": given.scope}.items() if value}).encode()
        try:
            # The address is the settings' own, and its pattern asks for TLS.
            _, body = send("POST", given.token_url, Exchange(_FORM, given.seconds, allow_private=True), content)
        except DeliveryError as error:
            kind = LoginRefusedError if error.status in (400, 401, 403) else MailboxAwayError
            raise kind(
                f"no token was handed out: {error}; check {PREFIX}TOKEN_URL and the settings beside it"
            ) from error
        return self._of_answer(body)

    def _of_answer(self, body: bytes) -> str:
        try:
            answer = json.loads(body)
            token, refresh = answer["access_token"], answer.get("refresh_token")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise LoginRefusedError(
                f"{PREFIX}TOKEN_URL answered with something else than a token; give the address of the token endpoint"
            ) from error
        if refresh and refresh != self._refresh_token():
            self.renewed = str(refresh)
            self._keep(self.renewed)
        return str(token)

    def _refresh_token(self) -> str:
        given = self.settings
        return _of_file(given.refresh_token_file) if given.refresh_token_file else _plain(given.refresh_token)

    def _keep(self, refresh: str) -> None:
        """Replaces the file: the old token may be worth nothing from now on. One that is mounted read-only stays."""
        path = self.settings.refresh_token_file
        if path is None or not os.access(path.parent, os.W_OK):
            return
        beside = path.with_name(f".{path.name}.new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(f"{refresh}\n")
        beside.replace(path)


_CLIENT = {"grant_type": "client_credentials"}


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _of_file(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise LoginRefusedError(f"{path} was not read ({reason}); the settings of the mailbox name it") from error


def _of_command(command: str) -> str:
    """What it prints; what it has to complain about goes to stderr, as it is."""
    try:
        words = shlex.split(command)
        ran = subprocess.run(words, stdout=subprocess.PIPE, timeout=_COMMAND_SECONDS, check=True, text=True)  # noqa: S603
    except subprocess.CalledProcessError as error:
        raise LoginRefusedError(f"{PREFIX}TOKEN_COMMAND ended with {error.returncode}; run it by itself") from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        why = type(error).__name__
        raise LoginRefusedError(f"{PREFIX}TOKEN_COMMAND printed no token ({why}); run it by itself") from None
    if not ran.stdout.strip():
        raise LoginRefusedError(f"{PREFIX}TOKEN_COMMAND printed nothing; it is to print an access token")
    return ran.stdout.strip()
