"""The foot of an invoice: where to pay, and the seller's numbers."""

from __future__ import annotations

from scripts.synthetic.draw import chance
from scripts.synthetic.heads import Job
from scripts.synthetic.identifiers import spaced, with_luhn
from scripts.synthetic.sheet import Area, Rule, Run, Sheet, Type
from scripts.synthetic.sums import Sums

Entry = tuple[str, tuple[Run, ...]]
Line = tuple[tuple[Run, ...], Type]

_ACCOUNT_LABELS = {"bankgiro": "Bankgiro", "plusgiro": "Plusgiro", "iban": "IBAN", "account": "Account No."}


def foot_height(job: Job) -> float:
    """Points the foot takes from the bottom edge upwards."""
    return {"columns": 96.0, "line": 74.0, "box": 176.0, "slip": 268.0, "sentence": 128.0}[job.layout.foot]


def draw_foot(sheet: Sheet, job: Job, sums: Sums) -> None:
    """Draws the foot of the last page."""
    {"columns": _columns, "line": _line, "box": _box, "slip": _slip, "sentence": _sentence}[job.layout.foot](
        sheet, job, sums
    )


def account_entries(job: Job) -> list[Entry]:
    """The account, with its bank and reference, each with its label."""
    payment, voice = job.deal.payment, job.voice
    account = payment.account
    if payment.account_kind == "iban":
        account = spaced(account)
    entries: list[Entry] = [(_ACCOUNT_LABELS[payment.account_kind], (Run(account, "payment_account_identifier"),))]
    if payment.iban and payment.account_kind != "iban":
        entries.append((voice.label("iban"), (Run(spaced(payment.iban)),)))
    if payment.bic:
        entries.append((voice.label("bic"), (Run(payment.bic, "payment_service_provider_identifier"),)))
    return entries


def seller_entries(job: Job) -> list[Entry]:
    """Tax and register numbers, each with its label."""
    seller, voice = job.deal.seller, job.voice
    entries: list[Entry] = []
    if seller.registration_identifier and not (seller.country == "IT" and not voice.vat_prefix):
        run = Run(seller.registration_identifier, "seller_legal_registration_identifier")
        entries.append((voice.label("seller_legal_registration_identifier"), (run,)))
    label = voice.label("seller_vat_identifier") if seller.country != "AU" else "ABN"
    if seller.country != "MY" or voice.vat_prefix:
        entries.append((label, (voice.vat_identifier(seller.vat_identifier, "seller_vat_identifier"),)))
    return entries


def _reference(job: Job) -> list[Entry]:
    reference = job.deal.payment.reference
    return (
        [(job.voice.label("remittance_information"), (Run(reference, "remittance_information"),))] if reference else []
    )


def _small(job: Job) -> Type:
    return job.look.small.sized(job.look.size * 0.8)


def _columns(sheet: Sheet, job: Job, sums: Sums) -> None:
    """Address, contact, account and numbers side by side under a rule."""
    look, seller, voice = job.look, job.deal.seller, job.voice
    top = sheet.height - 84
    sheet.draw(Rule(look.left, top, look.right, top, 0.8, look.accent))
    bold = _small(job).strong()
    address: list[Line] = [
        ((Run(seller.name, "seller_name"),), bold), ((Run(seller.street, "seller_address#foot"),), _small(job)),
        ((Run(seller.place, "seller_address#foot"),), _small(job)),
    ]  # fmt: skip
    contact: list[Line] = [
        ((Run(f"{voice.label('phone', colon=True)} {seller.phone}"),), _small(job)), ((Run(seller.mail),), _small(job)),
        ((Run(seller.web),), _small(job)),
    ]  # fmt: skip
    blocks = [
        address,
        contact,
        _entry_lines(job, [*account_entries(job), *_reference(job)]),
        _entry_lines(job, seller_entries(job)),
    ]
    if job.deal.country.code == "SE":
        blocks[3].append(((Run(voice.label("footer")),), _small(job)))
    width = (look.right - look.left) / len(blocks)
    for at, block in enumerate(blocks):
        y = top + 15
        for line, style in block:
            sheet.fitted((look.left + at * width, y), line, style, width - 8)
            y += style.size * 1.42


def _entry_lines(job: Job, entries: list[Entry]) -> list[Line]:
    return [((Run(f"{label}{job.voice.colon} "), *value), _small(job)) for label, value in entries]


def _joined(entries: list[Entry], colon: str) -> tuple[Run, ...]:
    runs: list[Run] = []
    for label, value in entries:
        runs.extend((Run(f"{'  |  ' if runs else ''}{label}{colon} "), *value))
    return tuple(runs)


def _line(sheet: Sheet, job: Job, sums: Sums) -> None:
    """Two or three centred lines at the bottom edge."""
    look = job.look
    middle, width = (look.left + look.right) / 2, look.right - look.left
    lines = [
        _joined(account_entries(job), job.voice.colon),
        _joined([*_reference(job), *seller_entries(job)], job.voice.colon),
    ]
    y = sheet.height - 46
    sheet.draw(Rule(look.left, y - 14, look.right, y - 14, 0.5, look.accent))
    for line in lines:
        sheet.fitted((middle, y), line, _small(job).centre(), width)
        y += look.size * 1.25


def _due(job: Job) -> list[Entry]:
    deal, voice = job.deal, job.voice
    return [(voice.label("due_date"), (voice.day(deal.due_date, "due_date"),))] if deal.due_date else []


def _box(sheet: Sheet, job: Job, sums: Sums) -> None:
    """A frame with all that is needed to pay, the seller's numbers beneath."""
    look, voice = job.look, job.voice
    bank: list[Entry] = [(voice.label("bank"), (Run(job.deal.payment.bank),))] if job.deal.payment.bank else []
    entries = [*bank, *account_entries(job), *_reference(job), *_due(job), sums.final]
    step = look.leading + 1.5
    height = len(entries) * step + 12
    top = sheet.height - 52 - height
    width = (look.right - look.left) * 0.62
    sheet.draw(Area(look.left, top, look.left + width, top + height, fill=look.tint))
    y = top + step + 1
    for label, value in entries:
        sheet.fitted((look.left + 8, y), label + voice.colon, look.body, width * 0.4)
        sheet.fitted((look.left + width * 0.44, y), value, look.body.strong(), width * 0.54)
        y += step
    sheet.fitted(
        (look.left, sheet.height - 30), _joined(seller_entries(job), voice.colon), _small(job), look.right - look.left
    )


def _sentence(sheet: Sheet, job: Job, sums: Sums) -> None:
    """A note, then account and numbers in running lines."""
    look, voice = job.look, job.voice
    y = sheet.height - 108
    if chance(job.rng, 0.8):
        for line in sheet.wrap(voice.label("note"), look.body, look.right - look.left):
            sheet.text(look.left, y, line, look.body)
            y += look.leading
    y = max(y, sheet.height - 88)
    for entries in ([sums.final, *_due(job)], [*account_entries(job), *_reference(job)], seller_entries(job)):
        sheet.fitted((look.left, y), _joined(entries, voice.colon), look.body, look.right - look.left)
        y += look.leading + 2


def _slip(sheet: Sheet, job: Job, sums: Sums) -> None:
    """The payment form at the foot: cut line, framed cells, and in Sweden the machine-readable line."""
    look, seller, voice, deal = job.look, job.deal.seller, job.voice, job.deal
    top = sheet.height - 222
    line = _joined([(seller.web, ()), *seller_entries(job)], "")
    sheet.fitted(((look.left + look.right) / 2, top - 14), line, _small(job).centre(), look.right - look.left)
    sheet.draw(Rule(0, top, sheet.width, top, 0.6, dashed=True))
    middle = (look.left + look.right) / 2
    cells: list[tuple[str, tuple[Run, ...]]] = [*account_entries(job)[:1], *_due(job), *_reference(job), sums.final]
    payee: list[tuple[Run, ...]] = [(Run(seller.name, "seller_name"),), (Run(seller.street),), (Run(seller.place),)]
    payer: list[tuple[Run, ...]] = []
    if deal.buyer is not None:
        payer = [(Run(deal.buyer.name, "buyer_name"),), (Run(deal.buyer.street),), (Run(deal.buyer.place),)]
    sheet.text(look.right, top + 18, voice.label("slip_title"), look.body.strong().right())
    for x, label, lines in ((look.left, "payee", payee), (middle + 10, "payer", payer)):
        if lines:
            sheet.text(x, top + 32, voice.label(label), _small(job))
        for at, content in enumerate(lines):
            sheet.fitted((x, top + 45 + at * look.leading), content, look.body, middle - look.left - 20)
    y, height = top + 98, look.size * 3.2
    width = (look.right - look.left) / len(cells)
    for at, (label, value) in enumerate(cells):
        left = look.left + at * width
        sheet.draw(Area(left, y, left + width, y + height, stroke=look.body.colour, width=0.6))
        sheet.fitted((left + 4, y + look.size), label, _small(job), width - 8)
        sheet.fitted((left + width - 6, y + height - 7), value, look.body.strong().right(), width - 12)
    if deal.payment.account_kind == "bankgiro" and deal.payment.reference and deal.amount_due > 0:
        sheet.text(look.right, sheet.height - 34, _machine_line(job), Type(10.5).right())


def _machine_line(job: Job) -> tuple[Run, ...]:
    """Bankgirot's line: "# reference # kronor ore check digit > account#41#"."""
    whole, _, ore = f"{job.deal.amount_due:.2f}".partition(".")
    check = with_luhn(whole + ore)[-1]
    account = job.deal.payment.account.replace("-", "")
    reference = Run(job.deal.payment.reference, "remittance_information")
    return (Run("#  "), reference, Run(f"  #  {whole} {ore}   {check} >  {account}#41#"))
