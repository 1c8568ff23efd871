"""Settings of the application, from the environment (``INVOICE_CONNECTOR_...``) and a ``.env`` file."""

from __future__ import annotations

import os
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.inputs import language, text
from invoice_connector.anchors.settings import AnchorSettings
from invoice_connector.mailbox.settings import MailboxSettings
from invoice_connector.sinks.settings import SinkName, SinkSettings

# Bounds that no use needs, but an "inf" or a number of a thousand digits would end as an error of whoever takes it.
Seconds = Annotated[float, Field(gt=0, le=604_800)]
Milliseconds = Annotated[float, Field(ge=0, le=604_800_000)]
Count = Annotated[int, Field(gt=0, le=1_000_000_000)]
Bytes = Annotated[int, Field(gt=0, le=1_000_000_000_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
ShortText = Annotated[str, AfterValidator(text)]
Language = Annotated[str | None, AfterValidator(lambda code: language(code) if code else None)]  # "" is none
BuyerAddress = Annotated[str, Field(pattern=r"^[0-9A-Z]{4}:\S{1,50}$")]


def _device(name: str) -> str:
    kind, colon, number = name.partition(":")
    numbered = kind == "cuda" and number.isascii() and number.isdigit()
    if not numbered and (colon or kind not in ("auto", "cpu", "cuda", "mps", "rocm")):
        raise ValueError(f"{name!r} is no device; known are 'auto', 'cpu', 'cuda', 'cuda:N', 'rocm' and 'mps'")
    return name


DeviceName = Annotated[str, AfterValidator(_device)]


def data_folder() -> Path:
    """Where the audit log lives unless told otherwise (XDG base directories)."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "invoice-connector"


class ConnectorSettings(BaseSettings):
    """``max_bytes`` per file, ``max_pages`` and ``max_total_pixels`` per document, ``max_pixels`` per page;
    ``container_parts`` and ``container_bytes`` (unpacked) of a mail or archive, ``container_depth`` of those within
    each other; ``split`` "never" reads a file of several documents as one; with ``words`` the JSON's lines hold theirs;
    ``decoder_seconds``, ``decoder_cpu_seconds`` (to both of which every page adds ``decoder_page_seconds``) and
    ``decoder_memory_bytes`` bound the child process that decodes a document, which is renewed after
    ``decoder_documents``; ``decoder_isolated`` False decodes without it.
    ``engine_seconds`` per engine and page; ``document_seconds`` after which no further page of a document is begun;
    ``certain`` is the probability (0..1) from which a line is not read again, ``wanted_error`` the share of wrong lines
    (0..1) accepted among those that no reader of lines looks at, ``line_share`` the largest share of a page's lines
    such a reader is given, ``budget_ms`` the engine time on a page after which no further engine is asked; ``risk`` the
    chance of being wrong (0..1) that is accepted for each key field that is booked without looking, ``unproven_amount``
    the largest amount that is booked although no sum on the page gives it, ``days_ahead`` (7) and ``years_back`` (20)
    how long after and before the day of processing an invoice may be dated, ``companies`` (a JSON list of what
    ``companies import`` takes): those of whoever books, beside the imported ones, of whom none is the seller;
    ``own_vat_identifiers`` (a JSON list) for one of which only these are to be known.

    ``profile``: which weights, or ``weights``: a folder of one's own in hub format, one folder per engine in it;
    ``device``: auto, cpu, cuda or mps.

    ``verifier``: auto, off, compact, a profile, a checkpoint's folder or a server's URL; ``verify``: when it is asked;
    ``verifier_seconds`` per request, ``verifier_questions``, ``verifier_budget_ms`` and ``verifier_rereads`` (lines)
    per document; ``analyst``: the URL of a text model that names suspicious fields, "" for none.

    ``buyer_addresses``: where Peppol reaches the buyer (BT-49), scheme and identifier such as ``0007:5560004242`` by
    customer id, ``*`` for every other one; ``validation_rules``: official rules that exported UBL is checked against.

    ``mailbox``: what the command of that name watches; each of its settings is a variable of its own, such as
    ``INVOICE_CONNECTOR_MAILBOX_HOST``.

    ``audit_key`` (at least 64 hexadecimal digits) or ``audit_key_file`` seals the audit log; left out, a file beside it
    does; ``anchors`` are places at which its head is kept, by ``serve`` every ``anchor_seconds``.
    ``keep_page_pictures`` for the dashboard, of ``max_picture_bytes`` in all. ``requests_per_minute`` bounds each API
    key of ``serve``, ``waiting_uploads`` the uploads that ``serve`` has accepted and not read;
    ``reader_isolated`` False reads them in the server's own process.

    ``broker_url`` (Redis) is where documents of ``submit`` and ``worker`` queue, ``work_store`` the folder or address
    at which all machines find their pages. A stage may take ``stage_seconds`` and is begun ``stage_tries`` times at
    most (so is a document of ``serve`` and ``batch`` whose process died), with ``retry_seconds`` before the second try
    and twice as long before each further one; every ``sweep_seconds`` a worker looks for documents whose message was
    lost.
    """

    model_config = SettingsConfigDict(
        env_prefix="INVOICE_CONNECTOR_",
        env_file=".env",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        frozen=True,
        extra="ignore",
    )

    database_url: str = Field(default_factory=lambda: f"sqlite:///{data_folder() / 'audit.db'}")
    engines: tuple[str, ...] = ("pdf_text", "rapidocr", "tesseract", "rapidocr_again", "trocr")
    policy: Literal["fallback", "fusion", "single"] = "fallback"
    profile: Literal["compact", "standard", "large"] = "compact"
    language: Language = None
    threads: Count = Field(default_factory=lambda: os.cpu_count() or 1)
    weights: Path | None = None
    device: DeviceName = "auto"
    engine_seconds: Seconds = 120.0
    document_seconds: Seconds = 480.0
    certain: Share = 0.99
    wanted_error: Share = 0.005
    line_share: Share = 0.25
    budget_ms: Milliseconds | None = Field(default=None, gt=0)
    risk: float = Field(default=0.01, gt=0, lt=1, allow_inf_nan=False)
    unproven_amount: Decimal = Field(default=Decimal(1000), ge=0, le=1_000_000_000_000)
    days_ahead: int = Field(default=7, ge=0, le=36_500)
    years_back: int = Field(default=20, ge=0, le=1_000)
    own_vat_identifiers: tuple[ShortText, ...] = ()
    companies: tuple[dict[str, Any], ...] = ()
    verifier: str = "auto"
    verify: Literal["always", "doubt", "never"] = "doubt"
    verifier_model: str = ""
    verifier_protocol: Literal["auto", "systemone", "chat", "runpod"] = "auto"
    verifier_api_key: SecretStr | None = None
    verifier_seconds: Seconds = 30.0
    verifier_questions: int = Field(default=18, ge=0, le=1_000_000)
    verifier_budget_ms: Milliseconds = 20_000.0
    verifier_rereads: int = Field(default=4, ge=0, le=1_000_000)
    verifier_four_bit: bool = False
    analyst: str = ""
    analyst_model: str = ""
    analyst_api_key: SecretStr | None = None
    validation_rules: Path | None = None
    buyer_addresses: dict[str, BuyerAddress] = Field(default_factory=dict)
    sinks: dict[SinkName, SinkSettings] = Field(default_factory=dict)
    deliver_to: tuple[SinkName, ...] = ()
    mailbox: MailboxSettings = MailboxSettings()
    audit_key: SecretStr | None = None
    audit_key_file: Path | None = None
    anchors: dict[SinkName, AnchorSettings] = Field(default_factory=dict)
    anchor_seconds: Seconds = 3600.0
    keep_page_pictures: bool = True
    max_picture_bytes: int = Field(default=2_000_000_000, ge=0, le=1_000_000_000_000_000)
    requests_per_minute: Count = 600
    waiting_uploads: Count = 1000
    reader_isolated: bool = True
    max_bytes: Bytes = 50_000_000
    max_pages: Count = 200
    max_pixels: Bytes = 60_000_000
    max_total_pixels: Bytes = 500_000_000
    split: Literal["auto", "never"] = "auto"
    words: bool = False
    container_parts: Count = 200
    container_depth: int = Field(default=3, ge=1, le=20)
    container_bytes: Bytes = 200_000_000
    decoder_isolated: bool = True
    decoder_seconds: Seconds = 60.0
    decoder_cpu_seconds: Seconds = 60.0
    decoder_page_seconds: Seconds = 6.0
    decoder_memory_bytes: Bytes = 2_000_000_000
    decoder_documents: Count = 500
    broker_url: str = ""
    work_store: str = Field(default_factory=lambda: str(data_folder() / "work"))
    stage_seconds: Seconds = 600.0
    stage_tries: Count = 3
    retry_seconds: Seconds = 2.0
    sweep_seconds: Seconds = 60.0

    @field_validator("companies")
    @classmethod
    def _are_companies(cls, given: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        from invoice_connector.suppliers.master import Company, of_json

        for company in given:
            of_json(Company, company)
        return given

    @model_validator(mode="after")
    def _delivered_to_known_sinks(self) -> ConnectorSettings:
        if unknown := [name for name in self.deliver_to if name not in self.sinks]:
            known = ", ".join(self.sinks) or "none; describe them in INVOICE_CONNECTOR_SINKS"
            raise ValueError(f"no sink is called {', '.join(unknown)}; known are {known}")
        return self


@lru_cache(maxsize=1)
def from_environment() -> ConnectorSettings:
    return ConnectorSettings()
