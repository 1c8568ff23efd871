"""What each setting means, where its value comes from, what is wrong with one, and variables that are none."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from invoice_connector.settings import ConnectorSettings

PREFIX = "INVOICE_CONNECTOR_"
_ELSEWHERE = ("LOCALES", "LOCALES_PATH", "MODEL_FOLDER", "MODEL_MIRROR")  # read by the parts that they are for
_PASSWORD = re.compile(r"//([^/@:\s]*):[^/@\s]*@")
_OPEN = ("MAILBOX_", "SINKS_", "ANCHORS_", "BUYER_ADDRESSES_")  # of which a part can be a variable of its own
# What Kubernetes tells every container about a service that is called invoice-connector.
_OF_A_SERVICE = re.compile(r"(?:SERVICE_(?:HOST|PORT.*)|PORT(?:_\d+_(?:TCP|UDP).*)?)")

MEANINGS: Mapping[str, str] = {
    "analyst": "URL of a text model that names suspicious fields; empty for none",
    "analyst_api_key": "its key",
    "analyst_model": "the model it is asked for",
    "anchor_seconds": "how often `serve` anchors the head of the audit log",
    "anchors": "where the head of the audit log is kept outside it: files, webhooks, time-stamping servers",
    "audit_key": "at least 64 hexadecimal digits that seal the audit log; a file beside it does without",
    "audit_key_file": "a file with such a key",
    "broker_url": "Redis, where documents of `submit` and `worker` queue",
    "budget_ms": "engine time on a page after which no further engine is asked, in milliseconds",
    "buyer_addresses": "where Peppol reaches the buyer (BT-49), by customer id, `*` for every other one",
    "certain": "probability (0..1) from which a line is not read again",
    "companies": "own companies, none of which is the seller, as `companies import` takes them",
    "container_bytes": "most bytes that a mail or archive may hold, unpacked",
    "container_depth": "how deep mails and archives may lie in each other",
    "container_parts": "most parts of a mail or archive",
    "database_url": "the audit log, any SQLAlchemy URL",
    "days_ahead": "how many days after the day of processing an invoice may be dated",
    "decoder_cpu_seconds": "processor time of the process that decodes a document",
    "decoder_documents": "documents after which that process is renewed",
    "decoder_isolated": "whether documents are decoded in a process of their own",
    "decoder_memory_bytes": "most memory of that process",
    "decoder_page_seconds": "what every page adds to its time",
    "decoder_seconds": "time of that process for a document",
    "deliver_to": "the sinks that every result goes to",
    "device": "auto, cpu, cuda, cuda:N, rocm or mps",
    "document_seconds": "time after which no further page of a document is begun",
    "engine_seconds": "time of an engine for a page",
    "engines": "the engines in the order they are asked",
    "keep_page_pictures": "whether the dashboard has pictures of the pages",
    "language": "ISO 639-1 code of all documents; empty to find out per page",
    "line_share": "largest share (0..1) of a page's lines that a reader of lines is given",
    "mailbox": "what `mailbox` watches; each of its settings is a variable of its own",
    "max_bytes": "largest file",
    "max_pages": "most pages of a document",
    "max_picture_bytes": "most bytes of kept page pictures in all",
    "max_pixels": "most pixels of a page",
    "max_total_pixels": "most pixels of a document",
    "own_vat_identifiers": "VAT identifiers of own companies of which nothing else is to be known",
    "policy": "how engines share the work: fallback, fusion or single",
    "profile": "which checkpoints: compact (bundled), standard or large",
    "reader_isolated": "whether `serve` reads in a process of its own",
    "requests_per_minute": "of each API key of `serve`",
    "retry_seconds": "before the second try of a stage, twice as long before each further one",
    "risk": "chance of being wrong (0..1) accepted for each key field that is booked without looking",
    "sinks": "where results can be delivered to",
    "split": "auto divides a file that holds several documents, never reads it as one",
    "stage_seconds": "time of a stage of `worker`",
    "stage_tries": "how often a stage, or a document whose process died, is begun at most",
    "sweep_seconds": "how often a worker looks for documents whose message was lost",
    "threads": "of each engine",
    "unproven_amount": "largest amount that is booked although no sum on the page gives it",
    "validation_rules": "folder of official rules that exported UBL is checked against",
    "verifier": "who scores text against the picture: auto, off, compact, a profile, a folder or a server's URL",
    "verifier_api_key": "key of such a server",
    "verifier_budget_ms": "its time per document, in milliseconds",
    "verifier_four_bit": "whether a local verifier is loaded in 4 bits",
    "verifier_model": "the model a server is asked for",
    "verifier_protocol": "what a server speaks: auto, systemone, chat or runpod",
    "verifier_questions": "most questions per document",
    "verifier_rereads": "most lines per document that are read again because of its answer",
    "verifier_seconds": "time per request",
    "verify": "when the verifier is asked: always, doubt or never",
    "waiting_uploads": "most uploads that `serve` has accepted and not read",
    "wanted_error": "share (0..1) of wrong lines accepted among those that no reader of lines looks at",
    "weights": "a folder of own checkpoints in hub format, one folder per engine",
    "words": "whether the JSON's lines hold their words with boxes",
    "work_store": "folder or address at which all machines of `worker` find their pages",
    "years_back": "how many years before the day of processing an invoice may be dated",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """``value``: as JSON, passwords hidden; ``source``: "default", "environment" or ".env"."""

    name: str
    value: Any
    source: str
    meaning: str

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


@dataclass(frozen=True, slots=True)
class UnknownVariable:
    """A variable that looks like a setting and is none, with the nearest one's name where there is one."""

    name: str
    nearest: str | None

    def __str__(self) -> str:
        advice = f"did you mean {self.nearest}?" if self.nearest else "`invoice-connector settings` lists all"
        return f"{self.name} is no setting and has no effect; {advice}"


def all_settings(settings: ConnectorSettings) -> Iterator[Setting]:
    """Every setting in the order of their names."""
    values = _without_passwords(settings.model_dump(mode="json"))
    environment, file = _names(os.environ), _names(_env_file())
    for name in sorted(values):
        source = "environment" if _is_in(name, environment) else ".env" if _is_in(name, file) else "default"
        yield Setting(name, values[name], source, MEANINGS[name])


def _without_passwords(value: Any) -> Any:
    """The same with those in addresses hidden, as in ``postgresql://user:password@host``."""
    if isinstance(value, dict):
        return {name: _without_passwords(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_passwords(part) for part in value]
    return _PASSWORD.sub("//\\1:***@", value) if isinstance(value, str) else value


def unknown_variables() -> list[UnknownVariable]:
    """The variables of the environment and of ``.env`` that are meant as settings and are none."""
    known = [PREFIX + name.upper() for name in (*ConnectorSettings.model_fields, *_ELSEWHERE)]
    given = {*_names(os.environ), *_names(_env_file())}
    return [
        UnknownVariable(name, next(iter(get_close_matches(name, known, 1, 0.85)), None))
        for name in sorted(given)
        if name not in known and not _is_someone_elses(name.removeprefix(PREFIX))
    ]


def problems_of(error: ValidationError) -> str:
    """What is wrong with the settings, each as a clause."""
    return "; ".join(_problem(found) for found in error.errors())


def _problem(found: Any) -> str:
    name = ".".join(map(str, found["loc"]))
    if found["type"] == "literal_error":
        return f"{name}: {found['input']!r} is none of {found['ctx']['expected']}{_nearest(found)}"
    return ": ".join([*filter(None, [name]), found["msg"].removeprefix("Value error, ")])


def _nearest(found: Any) -> str:
    known = [word.strip("'") for word in found["ctx"]["expected"].replace(" or ", ", ").split(", ")]
    near = get_close_matches(str(found["input"]), known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _is_someone_elses(name: str) -> bool:
    return name.startswith(_OPEN) or bool(_OF_A_SERVICE.fullmatch(name))


def _is_in(name: str, variables: set[str]) -> bool:
    own = PREFIX + name.upper()
    return any(variable == own or (f"{name.upper()}_" in _OPEN and variable.startswith(own)) for variable in variables)


def _names(variables: Mapping[str, Any]) -> set[str]:
    return {name.upper() for name in variables if name.upper().startswith(PREFIX)}


def _env_file() -> Mapping[str, Any]:
    name = ConnectorSettings.model_config.get("env_file")
    if not isinstance(name, str) or not Path(name).is_file():
        return {}
    from dotenv import dotenv_values

    return dotenv_values(name)
