"""Settings of the sinks. Every sink has a name, under which its deliveries are recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class _Sink(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FolderSink(_Sink):
    """JSON and the source file, put into ``path``."""

    kind: Literal["folder"]
    path: Path


class _ServerSink(_Sink):
    """``allow_private`` lets a sink be in this machine or network and do without TLS; ``seconds`` per answer."""

    url: str = Field(pattern=r"^https?://[^\s/]+")
    allow_private: bool = False
    seconds: float = Field(default=30.0, gt=0)


class WebhookSink(_ServerSink):
    """A POST in the Standard Webhooks form; ``secret``: ``whsec_`` and base64."""

    kind: Literal["webhook"]
    secret: SecretStr


class ParseSink(_ServerSink):
    """The file and an object of ``class_name``. ``url`` is the server's mount, such as ``https://erp.example/parse``."""

    kind: Literal["parse"]
    application_id: str
    rest_key: SecretStr | None = None
    master_key: SecretStr | None = None
    class_name: str = Field(default="Invoice", pattern=r"^[A-Za-z][A-Za-z0-9_]*$")


SinkSettings = Annotated[FolderSink | WebhookSink | ParseSink, Field(discriminator="kind")]
SinkName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
