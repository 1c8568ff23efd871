"""The verifier's feedback in the words of seven languages."""

from __future__ import annotations

LANGUAGES = ("en", "sv", "de", "fr", "es", "it", "pt")

SENTENCES: dict[str, tuple[str, ...]] = {
    "confirmed": (
        "{what} confirmed", "{what} bekräftat", "{what} bestätigt", "{what} confirmé", "{what} confirmado",
        "{what} confermato", "{what} confirmado",
    ),
    "unclear": (
        "{what} unclear: {readings}", "{what} oklart: {readings}", "{what} unklar: {readings}",
        "{what} incertain : {readings}", "{what} dudoso: {readings}", "{what} incerto: {readings}",
        "{what} duvidoso: {readings}",
    ),
    "not_seen": (
        "{what} not seen so in the picture", "{what} syns inte så i bilden", "{what} im Bild so nicht zu sehen",
        "{what} ne se voit pas ainsi sur l'image", "{what} no se ve así en la imagen",
        "{what} non si vede così nell'immagine", "{what} não se vê assim na imagem",
    ),
    "changed": (
        "lines read anew: {count}", "rader lästa på nytt: {count}", "neu gelesene Zeilen: {count}",
        "lignes relues : {count}", "líneas leídas de nuevo: {count}", "righe rilette: {count}",
        "linhas relidas: {count}",
    ),
    "unasked": (
        "not checked: {what}", "inte kontrollerat: {what}", "nicht geprüft: {what}", "non vérifié : {what}",
        "no comprobado: {what}", "non verificato: {what}", "não verificado: {what}",
    ),
    "nothing": (
        "nothing was in doubt; the verifier was not asked", "inget var osäkert; granskaren tillfrågades inte",
        "nichts war zweifelhaft; der Prüfer wurde nicht gefragt",
        "rien n'était douteux ; le vérificateur n'a pas été consulté",
        "nada era dudoso; no se consultó al verificador", "nulla era dubbio; il verificatore non è stato consultato",
        "nada era duvidoso; o verificador não foi consultado",
    ),
    "off": (
        "verification is switched off", "granskningen är avstängd", "die Prüfung ist abgeschaltet",
        "la vérification est désactivée", "la verificación está desactivada", "la verifica è disattivata",
        "a verificação está desligada",
    ),
    "unreachable": (
        "the verifier could not be asked: {reason}", "granskaren kunde inte tillfrågas: {reason}",
        "der Prüfer konnte nicht gefragt werden: {reason}", "le vérificateur n'a pas pu être consulté : {reason}",
        "no se pudo consultar al verificador: {reason}", "non è stato possibile consultare il verificatore: {reason}",
        "não foi possível consultar o verificador: {reason}",
    ),
    "broke_off": (
        "the verifier stopped answering: {reason}", "granskaren slutade svara: {reason}",
        "der Prüfer antwortete nicht weiter: {reason}", "le vérificateur a cessé de répondre : {reason}",
        "el verificador dejó de responder: {reason}", "il verificatore ha smesso di rispondere: {reason}",
        "o verificador deixou de responder: {reason}",
    ),
    "or": (" or ", " eller ", " oder ", " ou ", " o ", " o ", " ou "),
}  # fmt: skip

FIELDS: dict[str, tuple[str, ...]] = {
    "invoice_number": (
        "invoice number", "fakturanummer", "Rechnungsnummer", "numéro de facture", "número de factura",
        "numero fattura", "número da fatura",
    ),
    "issue_date": (
        "issue date", "fakturadatum", "Rechnungsdatum", "date de facture", "fecha de factura", "data fattura",
        "data da fatura",
    ),
    "due_date": (
        "due date", "förfallodatum", "Fälligkeit", "échéance", "vencimiento", "scadenza", "vencimento",
    ),
    "seller_name": ("seller", "säljare", "Verkäufer", "vendeur", "vendedor", "venditore", "vendedor"),
    "total_without_vat": (
        "total without VAT", "summa exkl. moms", "Nettobetrag", "total HT", "base imponible", "imponibile",
        "total sem IVA",
    ),
    "total_vat": ("VAT", "moms", "MwSt.", "TVA", "IVA", "IVA", "IVA"),
    "total_with_vat": (
        "total", "summa inkl. moms", "Gesamtbetrag", "total TTC", "total", "totale", "total",
    ),
    "amount_due": (
        "amount due", "att betala", "zu zahlen", "à payer", "a pagar", "da pagare", "a pagar",
    ),
    "payment_account_identifier": (
        "account", "konto", "Konto", "compte", "cuenta", "conto", "conta",
    ),
    "remittance_information": (
        "payment reference", "betalningsreferens", "Zahlungsreferenz", "référence de paiement",
        "referencia de pago", "riferimento di pagamento", "referência de pagamento",
    ),
}  # fmt: skip


def sentence(name: str, language: str | None, **values: object) -> str:
    """One sentence without a full stop; English for a language that is not known."""
    return SENTENCES[name][_index(language)].format(**values)


def field_name(name: str, language: str | None) -> str:
    """The business term as people call it; its contract name in words when there is no other."""
    known = FIELDS.get(name)
    return name.replace("_", " ") if known is None else known[_index(language)]


def _index(language: str | None) -> int:
    return LANGUAGES.index(language) if language in LANGUAGES else 0
