"""The JSON of one document as types: what ``db.contract.document_json`` gives, ``docs/schema/document.schema.json``
publishes and ``analytics.JobDetail`` answers with. Here and nowhere else a key has its type and its meaning.

Keys that are not required are absent where they do not apply and in jobs that an older version stored. Further keys may
come without a new ``schema_version``; one that changes its meaning or goes raises it.

Amounts are decimal strings with a point, days and moments ISO 8601, boxes ``[left, top, right, bottom]`` in pixels of
the page image, whose origin is its top left; probabilities lie in 0..1, null where unknown.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import TypedDict

from db.contract import SCHEMA_VERSION

Status = Literal["completed", "needs_review", "failed"]
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", description="a decimal number")]
Milliseconds = Annotated[float, Field(ge=0, description="milliseconds")]
Page = Annotated[int, Field(ge=0, description="from 1")]
Box = Annotated[list[float], Field(min_length=4, max_length=4, description="left, top, right, bottom in pixels")]


class Part(TypedDict):
    """Of every object: keys of later versions are let through."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]


class Error(Part):
    """Why a document failed."""

    type: Annotated[str, Field(description="the error's class, such as EncryptedDocumentError")]
    message: Annotated[str, Field(description="one sentence: what happened, why, what to do")]


class PageSize(Part):
    """The page image that boxes refer to."""

    page: Page
    width: Annotated[int, Field(description="pixels")]
    height: Annotated[int, Field(description="pixels")]


class Attachment(Part):
    """A page of a divided file that follows an invoice without being one."""

    page: Page
    kind: str


class DividedBy(Part):
    """Who divided a file otherwise than it was."""

    name: str | None
    instead_of: Annotated[list[str], Field(description="the jobs whose pages these were")]


class Container(Part):
    """The mail, archive or pile that the document came in."""

    file: str
    part: NotRequired[Annotated[str, Field(description="path or pages in the file")]]
    sender: NotRequired[Annotated[str | None, Field(description="of a mail")]]
    subject: NotRequired[Annotated[str | None, Field(description="of a mail")]]
    received: NotRequired[Annotated[str | None, Field(description="of a mail: a moment in UTC")]]
    pages: NotRequired[Annotated[list[int], Field(description="of a divided file, from 1")]]
    probability: NotRequired[Annotated[Share, Field(description="that its bounds are right")]]
    sha256: NotRequired[Annotated[str, Field(description="of the divided file")]]
    attachments: NotRequired[list[Attachment]]
    jobs: NotRequired[Annotated[list[str], Field(description="of all documents of the divided file")]]
    left_out: NotRequired[Annotated[list[int], Field(description="pages of the file in none of its documents")]]
    divided_by: NotRequired[DividedBy]


class NotRead(Part):
    """A part of the file or a page, text that nobody sees, an engine or the verifier that gave nothing, a limit met."""

    part: str
    reason: str


class DocumentKind(Part):
    """What kind of paper it is."""

    value: Annotated[str, Field(description="such as invoice, credit_note, reminder")]
    probability: Share
    code: NotRequired[Annotated[str | None, Field(description="UNTDID 1001")]]
    seen: NotRequired[Annotated[str, Field(description="the print that speaks most for it")]]


class Supplier(Part):
    """Who of the master data sent it."""

    id: str
    name: str
    probability: Share
    matched_by: list[str]


class Alternative(Part):
    """What a field may be instead."""

    value: str
    text: str
    confidence: Share | None


class Witness(Part):
    """What bears a value out."""

    kind: Annotated[str, Field(description="two of one kind count once: they err together")]
    detail: str


class FieldValue(Part):
    """A term of EN 16931 that was found on the page."""

    value: Annotated[str, Field(description="an amount, an ISO 8601 day, or a text")]
    text: Annotated[str, Field(description="as it is printed")]
    confidence: Annotated[Share | None, Field(description="the probability that the value is right")]
    page: Page
    box: Box
    engines: Annotated[list[str], Field(description="that read it so")]
    verified: Annotated[bool | None, Field(description="by the verifier; null when it was not asked")]
    alternatives: NotRequired[list[Alternative]]
    witnesses: NotRequired[list[Witness]]


class InvoiceLine(Part):
    """A line of the invoice (BG-25)."""

    description: str | None
    quantity: Amount | None
    unit: NotRequired[str]
    unit_price: Amount | None
    discount_percentage: NotRequired[Amount]
    discount_amount: NotRequired[Amount]
    net_amount: Amount | None
    vat_rate: Amount | None
    vat_category: NotRequired[Annotated[str, Field(description="UNTDID 5305")]]
    page: NotRequired[Page]
    box: NotRequired[Box]
    boxes: NotRequired[Annotated[dict[str, Box], Field(description="of single values, by their key")]]


class VatBreakdown(Part):
    """What is taxed at one rate (BG-23)."""

    rate: Amount | None
    taxable_amount: Amount | None
    tax_amount: Amount | None
    category: NotRequired[Annotated[str, Field(description="UNTDID 5305")]]
    exemption_code: NotRequired[Annotated[str, Field(description="BT-121")]]
    exemption_reason: NotRequired[Annotated[str, Field(description="BT-120")]]


class Adjustment(Part):
    """A charge or an allowance of the whole document (BG-20, BG-21)."""

    reason: str | None
    amount: Amount
    charge: Annotated[bool, Field(description="true for a charge, false for an allowance")]
    vat_rate: NotRequired[Amount]
    vat_category: NotRequired[Annotated[str, Field(description="UNTDID 5305")]]


class Violation(Part):
    """What speaks against booking the document unseen."""

    rule: Annotated[str, Field(description="of EN 16931 where it has the rule (BR-CO-15)")]
    message: str
    fields: NotRequired[Annotated[list[str], Field(description="that it is about")]]
    page: NotRequired[Page]
    box: NotRequired[Box]


class Expectation(Part):
    """What the caller expected, and what the page says."""

    expected: str
    found: str | None
    agrees: Annotated[bool | None, Field(description="null where the page is silent on what it need not show")]


class Word(Part):
    """A word of a line."""

    text: str
    box: Box
    confidence: Share | None


class Line(Part):
    """A line of text of a page."""

    page: Page
    box: Box
    text: str
    confidence: Share | None
    readings: Annotated[dict[str, str] | None, Field(description="what each engine read, by engine")]
    words: NotRequired[Annotated[list[Word], Field(description="with --words")]]


class Code(Part):
    """A bar code or matrix code on a page."""

    kind: Annotated[str, Field(description="the family of its payload")]
    symbology: str
    text: Annotated[str, Field(description="the payload")]
    page: Page
    box: Box
    values: Annotated[dict[str, str], Field(description="fields that it states, by name")]
    problem: NotRequired[Annotated[str, Field(description="the rule of its family that it breaks")]]


class FieldReading(Part):
    """What an engine that reads fields said."""

    engine: str
    name: str
    text: str
    page: Page
    confidence: Share | None


class Verification(Part):
    """What the verifier made of the document."""

    used: bool
    backend: str | None
    model: str | None
    verified: bool | None
    confidence: Share | None
    feedback: Annotated[str | None, Field(description="in words")]


class Resources(Part):
    """What reading took."""

    peak_memory_bytes: Annotated[int | None, Field(description="what the reading process held at most")]
    processor_ms: Annotated[dict[str, Milliseconds], Field(description="by step, the decoding child included")]


class Provenance(Part):
    """With what the document was read."""

    package: Annotated[dict[str, str], Field(description="version, and commit where it is known")]
    device: NotRequired[Annotated[str, Field(description="what the engines computed on")]]
    engines: Annotated[dict[str, str], Field(description="version and checkpoint by engine")]
    parts: Annotated[dict[str, str], Field(description="digests of fitted parts and locales")]
    libraries: Annotated[dict[str, str], Field(description="versions")]
    plugins: NotRequired[Annotated[dict[str, str], Field(description="package and version by group and name")]]
    settings: Annotated[dict[str, Any], Field(description="that decide what is read")]


class Review(Part):
    """How the last review ended."""

    status: Literal["approved", "rejected"]
    number: Annotated[int, Field(description="of this job, from 1")]
    by: str | None
    at: str
    note: str | None
    status_before: Status


class Correction(Part):
    """What a person put beside a reading."""

    value: Annotated[str | None, Field(description="null: the document has no such field")]
    original: Annotated[FieldValue | None, Field(description="null: nothing was read")]
    page: NotRequired[Page]
    box: NotRequired[Box]
    text: NotRequired[Annotated[str, Field(description="what was read where the person pointed")]]
    by: str | None
    at: str
    note: str | None


class AuditPosition(Part):
    """The place in the hash chain."""

    sequence: int
    hash: str


class Document(Part):
    """One document as `invoice-connector process --json` prints it, `GET /invoices/{id}` answers and sinks receive."""

    schema_version: Annotated[int, Field(ge=1, le=SCHEMA_VERSION)]
    job_id: str
    file: str
    status: Annotated[Status, Field(description="completed: ready to be booked unseen, or approved by a person")]
    error: Annotated[Error | None, Field(description="of a failed document")]
    page_count: Annotated[int, Field(ge=0)]
    pages: list[PageSize]
    container: NotRequired[Container]
    not_read: NotRequired[list[NotRead]]
    language: Annotated[str | None, Field(description="ISO 639-1")]
    document_kind: NotRequired[DocumentKind]
    supplier: NotRequired[Supplier]
    text: str
    confidence: Share | None
    primary_engine: Annotated[str | None, Field(description="that supplied most characters of the text")]
    engines_used: Annotated[list[str], Field(description="that delivered a reading, in the order they ran")]
    engine_processing_times: dict[str, Milliseconds]
    fields: Annotated[dict[str, FieldValue], Field(description="by name; what was not found is absent")]
    invoice_lines: list[InvoiceLine]
    vat_breakdown: list[VatBreakdown]
    adjustments: NotRequired[list[Adjustment]]
    violations: list[Violation]
    expected: NotRequired[Annotated[dict[str, Expectation], Field(description="by what was expected")]]
    embedded_invoice: NotRequired[Annotated[dict[str, Any], Field(description="what a PDF carried as data")]]
    lines: list[Line]
    codes: NotRequired[list[Code]]
    field_readings: NotRequired[list[FieldReading]]
    verification: Verification
    timings_ms: dict[str, Milliseconds]
    resources: NotRequired[Resources]
    provenance: NotRequired[Provenance]
    review: Review | None
    corrections: Annotated[dict[str, Correction], Field(description="by field; the last word counts")]
    audit: AuditPosition


class OnItsWay(Part):
    """An upload that is not read yet."""

    job_id: str
    status: Annotated[str, Field(description="received or running; failed where its bytes are gone")]
    others: NotRequired[Annotated[list[str], Field(description="jobs of further documents in the file")]]


def document_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a document, as it is published."""
    schema = TypeAdapter(Document).json_schema(schema_generator=_WithoutNames)
    return {"$schema": _WithoutNames.schema_dialect, **schema, "title": f"{schema['title']}, version {SCHEMA_VERSION}"}


class _WithoutNames(GenerateJsonSchema):
    """Leaves out titles that only say a key's name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False
