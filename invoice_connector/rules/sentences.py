"""Whether a sentence that no phrase of a locale tells of changes what is to be paid: asked of a language model's
embedding, and only about documents that would otherwise be booked. So are the sentences of a mail that the document
came with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.fields.identifiers import find_identifiers
from invoice_connector.fields.meaning_model import NOTHING, MeaningModel, meaning_model, plain
from invoice_connector.fields.new_accounts import TOLD
from invoice_connector.fields.statements import STOPS, Stop, Topic, shortened
from invoice_connector.invoice import Invoice, Violation
from ocr_ensemble.reading import DocumentReading

RULE = "SENTENCE-IN-DOUBT"
_MOST = 10  # sentences of a document that the encoder is asked about
_FEWEST = 2  # words of a mail's sentence that is asked about
_SURE = 0.72  # probability of not being ordinary from which a person looks
_ACCOUNT = "payment_account_identifier"
_MEANINGS: Mapping[str, Stop] = {
    **{str(topic): stop for topic, stop in STOPS.items()},
    "partly_paid": Stop(
        RULE, "is partly paid or less is to be paid than it adds up to", "find out what is to be paid and enter it"
    ),
    "overdue": Stop(RULE, "reminds of an earlier invoice", "check whether that one is booked already"),
    "account_changed": Stop(
        RULE,
        "is to be paid to another account than before",
        "ask the supplier by a way that you know, not by one that the paper names",
        _ACCOUNT,
    ),
    "other_payment": Stop(
        RULE, "is to be paid in parts, or otherwise than its total and date say", "enter what is to be paid and when"
    ),
    "retained": Stop(RULE, "is to be paid less a retention", "find out what is kept back and enter what is to be paid"),
    "not_invoice": Stop(RULE, "is no invoice", "reject it, or approve it if it is one", "invoice_type_code"),
    "withheld": Stop(RULE, "is not to be paid yet, or is disputed", "find out before it is paid"),
}
_OF_CREDITS = frozenset({Topic.REFUND, Topic.VOID})  # what a credit note says of itself


def check_remarks(
    invoice: Invoice, mail: Sequence[str] = (), stamps: Sequence[str] = (), model: MeaningModel | None = None
) -> tuple[Violation, ...]:
    """SENTENCE-IN-DOUBT for the remark that most likely changes what is to be paid, of the document, its ``stamps``
    (texts at an angle) among them, or else of the ``mail`` that it came with; nothing where no encoder runs.

    ``model``: the bundled one unless given.
    """
    model = model or meaning_model("sentences")
    if model is None:
        return ()
    said, stamped = ([text for text in texts if len(text.split()) >= _FEWEST] for texts in (mail, stamps))
    return _doubt("page", (*invoice.remarks, *stamped), invoice, model) or _doubt("mail", said, invoice, model)


def told_account(mail: Sequence[str], reading: DocumentReading) -> tuple[Violation, ...]:
    """ACCOUNT-TOLD: the mail that a document came with gives an IBAN that its pages do not print."""
    found = [iban for text in mail for iban in find_identifiers(text, "iban") if iban.valid]
    if not found:
        return ()
    printed = "".join(alphanumeric(line.line.text) for page in reading.pages for line in page.lines)
    other = next((iban for iban in found if alphanumeric(iban.value) not in printed), None)
    if other is None:
        return ()
    message = (
        f"The mail gives the account {other.text}, which the pages do not print; ask the seller, by a telephone number "
        "known from before, which account to pay to."
    )
    return (Violation(TOLD, message, (_ACCOUNT,)),)


def _doubt(place: str, remarks: Sequence[str], invoice: Invoice, model: MeaningModel) -> tuple[Violation, ...]:
    if not remarks:
        return ()
    texts = _suspicious(remarks, model)
    shares = model.probabilities([plain(text) for text in texts])
    credit = invoice.document_kind is not None and invoice.document_kind.code == "381"
    allowed = {NOTHING} | (_OF_CREDITS if credit else frozenset())
    harmless = [place for place, topic in enumerate(model.classes) if topic in allowed]
    doubt = 1.0 - shares[:, harmless].sum(axis=1)
    worst = int(doubt.argmax())
    if doubt[worst] < _SURE:
        return ()
    shares[:, harmless] = 0.0
    topic = model.classes[int(shares[worst].argmax())]
    return (_violation(place, texts[worst], topic, float(doubt[worst])),)


def _suspicious(remarks: Sequence[str], model: MeaningModel) -> list[str]:
    """The few that the encoder is asked about, by what their spelling says."""
    if len(remarks) <= _MOST:
        return list(remarks)
    suspicion = model.suspicion([plain(text) for text in remarks])
    return [remarks[place] for place in suspicion.argsort()[::-1][:_MOST]]


def _violation(place: str, text: str, topic: str, probability: float) -> Violation:
    stop = _MEANINGS[topic]
    message = (
        f"The {place} says {shortened(text)!r}, which likely means that this paper {stop.means} ({probability:.2f}); "
        f"{stop.todo}."
    )
    return Violation(RULE, message, (stop.field,))
