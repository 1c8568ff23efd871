"""Settings of the sinks. Every sink has a name, under which its deliveries are recorded; its ``kind`` is one of those
here or the name of a plug-in, which brings a class of settings that can deliver (``PluginSink``)."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetPydanticSchema, SecretStr, SerializeAsAny, WrapValidator

from ocr_ensemble.errors import PluginError
from ocr_ensemble.plugins import Found, find_plugins

ENTRY_POINT_GROUP = "invoice_connector.sinks"


class Sink(BaseModel):
    """What all sinks are: frozen settings, of which a misspelt one is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str


class PluginSink(Sink):
    """Base of the sinks of other packages: what a subclass declares are its settings, beside ``kind``. Give secrets
    the type ``pydantic.SecretStr``, so that nothing prints them."""

    @abstractmethod
    def deliver(self, document: dict[str, Any], source: bytes | None, identifier: str) -> str:
        """Brings a document to its receiver, and gives the receiver's name for it.

        ``document``: the JSON of the contract (``docs/schema/document.schema.json``); ``source``: the bytes of the file
        that was read, None for an upload and where the file has gone or changed since. ``identifier``: the same for
        every try, so that what arrived already is told from what did not. Raises
        ``invoice_connector.sinks.errors.DeliveryError``; whatever else it raises is tried again later, too.
        """


class FolderSink(Sink):
    """JSON and the source file, put into ``path``."""

    kind: Literal["folder"]
    path: Path


class ServerSink(Sink):
    """``allow_private`` lets a sink be in this machine or network and do without TLS; ``seconds`` per answer."""

    url: str = Field(pattern=r"^https?://[^\s/]+")
    allow_private: bool = False
    seconds: float = Field(default=30.0, gt=0)


class WebhookSink(ServerSink):
    """A POST in the Standard Webhooks form; ``secret``: ``whsec_`` and base64."""

    kind: Literal["webhook"]
    secret: SecretStr


class ParseSink(ServerSink):
    """The file and an object of ``class_name``. ``url`` is the server's mount, such as ``https://erp.example/parse``."""

    kind: Literal["parse"]
    application_id: str
    rest_key: SecretStr | None = None
    master_key: SecretStr | None = None
    class_name: str = Field(default="Invoice", pattern=r"^[A-Za-z][A-Za-z0-9_]*$")


BuiltInSink = Annotated[FolderSink | WebhookSink | ParseSink, Field(discriminator="kind")]
BUILT_IN = frozenset({"folder", "webhook", "parse"})


def plugins() -> Found:
    """The kinds of sinks of other packages."""
    return find_plugins(ENTRY_POINT_GROUP, BUILT_IN)


def _of_any_kind(value: Any, built_in: Any) -> Sink:
    """Other packages are looked at for a kind that is not built in. Raises ValueError."""
    if isinstance(value, PluginSink):
        return value
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind in BUILT_IN:
        found: Sink = built_in(value)
        return found
    try:
        plugin = plugins().get(kind)
        made = plugin.load() if plugin else None
    except PluginError as error:
        raise ValueError(str(error)) from error
    if plugin is None:
        known = ", ".join((*sorted(BUILT_IN), *plugins().plugins))
        raise ValueError(f"there is no kind of sink {kind!r}; known are {known}")
    if not isinstance(made, type) or not issubclass(made, PluginSink):
        raise ValueError(  # noqa: TRY004 - of which pydantic makes a sentence about the setting
            f"the plug-in {kind!r} of {plugin} is no PluginSink; mend it"
        )
    return made.model_validate(value)


SinkSettings = Annotated[
    Sink,
    GetPydanticSchema(lambda _, handler: handler.generate_schema(BuiltInSink)),
    WrapValidator(_of_any_kind),
    SerializeAsAny(),
]
SinkName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
