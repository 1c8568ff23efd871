"""Settings of the mailbox, each a variable of its own, such as ``INVOICE_CONNECTOR_MAILBOX_HOST``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

PREFIX = "INVOICE_CONNECTOR_MAILBOX_"
_WAYS = ("password", "password_file", "token", "token_file", "token_command", "token_url")
# Anything between double quotes of the protocol; a line break would begin another command.
Folder = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class MailboxSettings(BaseModel):
    """``host``; ``port`` (993, without ``security`` "tls" 143); ``ca_file``: certificates of those whose signature is
    trusted beside the system's. ``folder`` is watched, ``done`` and ``failed`` are where its mails go, made where they
    are missing; levels are parted by "/". ``seconds`` per answer of the server.

    One way to log in: ``password`` or ``password_file``, or an OAuth 2.0 access token. That is ``token``, the content
    of ``token_file``, what ``token_command`` prints (run without a shell), or what ``token_url`` hands out to
    ``client_id`` with ``client_secret`` and ``scope``: for a ``refresh_token`` or the content of
    ``refresh_token_file``, which is replaced when the server sends a new one, else for the client itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(default="", pattern=r"^[^\s/@]*$")
    port: int | None = Field(default=None, gt=0, le=65_535)
    security: Literal["tls", "starttls", "none"] = "tls"
    ca_file: Path | None = None
    user: str = Field(default="", pattern=r"^[^\x00-\x1f\x7f]*$")
    password: SecretStr | None = None
    password_file: Path | None = None
    token: SecretStr | None = None
    token_file: Path | None = None
    token_command: str = ""
    token_url: str = Field(default="", pattern=r"^(https://[^\s/]+.*|http://(localhost|127\.0\.0\.1)[:/].*|)$")
    client_id: str = ""
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    refresh_token_file: Path | None = None
    scope: str = ""
    folder: Folder = "INBOX"
    done: Folder = "done"
    failed: Folder = "failed"
    seconds: float = Field(default=60.0, gt=0, le=3_600)

    @property
    def place(self) -> str:
        """The server as sentences name it."""
        return f"{self.host}:{self.port or (993 if self.security == 'tls' else 143)}"

    @property
    def with_token(self) -> bool:
        """Whether it logs in with an OAuth token."""
        return any(getattr(self, way) for way in _WAYS if way.startswith("token"))

    @model_validator(mode="after")
    def _one_way_and_three_folders(self) -> MailboxSettings:
        given = [way for way in _WAYS if getattr(self, way)]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are several ways to log in; leave one")
        if len({name.casefold() for name in (self.folder, self.done, self.failed)}) < 3:
            raise ValueError(
                "folder, done and failed are three folders; what is moved must leave the one that is watched"
            )
        return self

    def missing(self) -> tuple[str, ...]:
        """The variables without which no mailbox can be opened."""
        login = any(getattr(self, way) for way in _WAYS)
        wanted = {"HOST": self.host, "USER": self.user, "PASSWORD (or a token)": login}
        return tuple(f"{PREFIX}{name}" for name, value in wanted.items() if not value)
