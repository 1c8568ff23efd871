"""The formats by name. Each is a function from stored jobs to files; its libraries load when it is used. Further ones
come from other packages, one function for each format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from db.pictures import PictureStore
from db.records import JobRecord, StoredJob
from invoice_connector.exports.current import corrected, is_rejected
from invoice_connector.exports.errors import ExportError, JobRejectedError, UnknownFormatError
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.plugins import Found, Plugin, find_plugins

if TYPE_CHECKING:
    from invoice_connector.exports.pages import ShownPage


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """``source``: the file a job was read from, where it is not where it was; ``pictures``: kept page pictures, for
    when it is gone; ``rules``: validation rules for UBL; ``addresses``: electronic addresses of buyers by customer."""

    source: Path | None = None
    rules: Path | None = None
    limits: Limits = field(default_factory=Limits)
    pictures: PictureStore | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)


Exporter = Callable[[StoredJob, ExportOptions], Iterator[tuple[str, bytes]]]  # endings of names, and contents


def together(jobs: Sequence[StoredJob], name: str) -> bytes:
    """All jobs in one file of the format ``name``, one of TOGETHER."""
    from invoice_connector.exports.table import to_csv, to_xlsx

    writers: dict[str, Callable[[Sequence[StoredJob]], bytes]] = {"json": _to_json, "csv": to_csv, "xlsx": to_xlsx}
    return writers[name](jobs)


def _to_json(jobs: Sequence[StoredJob]) -> bytes:
    from db.contract import document_json

    return "".join(json.dumps(document_json(job), ensure_ascii=False) + "\n" for job in jobs).encode()


def _ubl(job: StoredJob, options: ExportOptions) -> Iterator[tuple[str, bytes]]:
    from invoice_connector.exports.ubl import Customization

    yield from _validated(job, options, Customization.CORE)


def _peppol(job: StoredJob, options: ExportOptions) -> Iterator[tuple[str, bytes]]:
    from invoice_connector.exports.ubl import Customization

    yield from _validated(job, options, Customization.PEPPOL)


def _validated(job: StoredJob, options: ExportOptions, customization: str) -> Iterator[tuple[str, bytes]]:
    from invoice_connector.exports.ubl import Customization, to_ubl
    from invoice_connector.exports.validation import validate

    if is_rejected(job):
        by = job.reviews[-1].reviewer or "a reviewer"
        raise JobRejectedError(f"job {job.record.id} was rejected by {by}; approve it first if it is to be booked")
    content = to_ubl(corrected(job), Customization(customization), options.addresses)
    if options.rules is not None:
        validate(content, options.rules)
    yield ".xml", content


def _pdf(job: StoredJob, options: ExportOptions) -> Iterator[tuple[str, bytes]]:
    from invoice_connector.exports.searchable_pdf import to_searchable_pdf

    yield ".pdf", to_searchable_pdf(job.record, _pages(job, options))


def _picture(job: StoredJob, options: ExportOptions) -> Iterator[tuple[str, bytes]]:
    from invoice_connector.exports.picture import annotated

    record = corrected(job)
    for page in _pages(job, options):
        ending = ".png" if len(record.pages) == 1 else f"-page{page.number}.png"
        yield ending, annotated(record, page)


def _pages(job: StoredJob, options: ExportOptions) -> tuple[ShownPage, ...]:
    from invoice_connector.exports.pages import page_pictures

    return page_pictures(job.record, options.source, options.limits, options.pictures)


def _hocr(job: StoredJob, _: ExportOptions) -> Iterator[tuple[str, bytes]]:
    from invoice_connector.exports.layout_xml import to_hocr

    yield ".hocr", to_hocr(job.record)


def _alto(job: StoredJob, _: ExportOptions) -> Iterator[tuple[str, bytes]]:
    from invoice_connector.exports.layout_xml import to_alto

    yield ".alto.xml", to_alto(job.record)


TOGETHER = ("json", "csv", "xlsx")
EXPORTERS: dict[str, Exporter] = {
    "ubl": _ubl, "peppol": _peppol, "pdf": _pdf, "hocr": _hocr, "alto": _alto, "picture": _picture,
}  # fmt: skip
ENTRY_POINT_GROUP = "invoice_connector.exports"


def plugins() -> Found:
    """The formats of other packages."""
    return find_plugins(ENTRY_POINT_GROUP, frozenset((*TOGETHER, *EXPORTERS)))


def exporter(name: str) -> Exporter:
    """Of one job. Raises UnknownFormatError, and PluginError for a plug-in that cannot be used."""
    if name in EXPORTERS:
        return EXPORTERS[name]
    plugin = plugins().get(name)
    if plugin is None:
        known = ", ".join((*TOGETHER, *EXPORTERS, *plugins().plugins))
        raise UnknownFormatError(f"there is no format {name!r}; known are {known}")
    return _guarded(plugin, plugin.load())


def _guarded(plugin: Plugin, given: Exporter) -> Exporter:
    def export(job: StoredJob, options: ExportOptions) -> Iterator[tuple[str, bytes]]:
        try:
            yield from given(job, options)
        except ExportError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise ExportError(f"the format {plugin.name!r} of {plugin} failed: {reason}; mend it") from error

    return export


def file_stem(record: JobRecord) -> str:
    """A name for the export: the source's own, and the end of the job's id, since names repeat."""
    stem = PurePath(record.source_name.replace("\\", "/")).stem
    safe = "".join(c if c.isalnum() or c in "-_. " else "_" for c in stem).strip(". ") or "document"
    return f"{safe[:80]}-{record.id[-8:]}"
