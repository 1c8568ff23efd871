"""BT-3, the code of the kind of document."""

from __future__ import annotations

from invoice_connector.fields.candidates import provenance
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.kind_phrases import numbers_in
from invoice_connector.fields.labels import title_code
from invoice_connector.fields.ranking import Chosen
from invoice_connector.invoice import InvoiceField

_CODES = {"credit_note": "381", "invoice": "380"}
_BY_NUMBER = 0.0  # rank of what only the number's label says


def type_code_field(contexts: tuple[PageContext, ...]) -> Chosen | None:
    """381 where the document calls itself a credit note, 380 where it calls itself an invoice or receipt: in its title,
    or else where it names its own number."""
    best: tuple[float, str, Segment] | None = None
    for context in contexts[:1]:
        for segment in context.segments:
            if len(segment.text) > 60 or segment.box.center[1] > 0.7 * context.page.height:
                continue
            found = title_code(segment.text)
            if found is None:
                continue
            code, _, share = found
            size = segment.height / context.line_height
            place = 1.0 - segment.box.center[1] / context.page.height
            rank = share + 0.6 * (size - 1.0) + 0.5 * place + (0.25 if code == "381" else 0.0)
            if best is None or rank > best[0]:
                best = (rank, code, segment)
    best = best or _numbered(contexts[0])
    if best is None:
        return None
    rank, code, segment = best
    confidence, engines = provenance(segment, 0, len(segment.text))
    certainty = min(0.97, 0.5 + 0.3 * rank)
    field = InvoiceField(
        name="invoice_type_code",
        value=code,
        text=segment.text,
        confidence=certainty if confidence is None else certainty * confidence,
        page=segment.page,
        box=segment.box,
        engines=engines,
    )
    return Chosen(field, {"share": certainty, "score": rank})


def _numbered(context: PageContext) -> tuple[float, str, Segment] | None:
    """The code of the first label of the paper's own number that names its kind: "Invoice no."."""
    for segment in context.segments:
        kinds = {kind for found in numbers_in(segment.text) for kind in found.kinds}
        code = next((code for kind, code in _CODES.items() if kind in kinds), None)
        if code is not None:
            return _BY_NUMBER, code, segment
    return None
