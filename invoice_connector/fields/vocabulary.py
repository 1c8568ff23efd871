"""What invoices in seven languages call things. Data only; ``labels.py`` matches it.

Per term and language, phrases separated by ``|``. A leading ``~`` marks a weak phrase, one that other things are
called, too. Terms that start with ``_`` are not wanted themselves: they explain a value away ("Cash 50.00" is not it).
"""

from __future__ import annotations

from invoice_connector.fields.vocabulary_amounts import AMOUNTS
from invoice_connector.fields.vocabulary_numbers import NUMBERS
from invoice_connector.fields.vocabulary_parties import PARTIES

LABELS: dict[str, dict[str, str]] = AMOUNTS | NUMBERS | PARTIES

# How a document names itself, by UNTDID 1001: 380 commercial invoice, 381 credit note.
TITLES: dict[str, dict[str, str]] = {
    "381": {
        "sv": "kreditfaktura|kreditnota|kredit faktura|kredit",
        "en": "credit note|credit memo|credit invoice|tax credit note",
        "de": "gutschrift|rechnungskorrektur|stornorechnung|korrekturrechnung|storno|rechnungsgutschrift",
        "fr": "avoir|facture d'avoir|note de crédit",
        "es": "factura rectificativa|nota de crédito|abono|factura de abono|nota de abono",
        "it": "nota di credito|nota credito|nota di accredito",
        "pt": "nota de crédito|nota crédito",
    },
    "380": {
        "sv": "avi|hyresavi|avgiftsavi|månadsavgift|årsavgift|faktura|kvitto|kontantfaktura|samlingsfaktura|"
        "kontantnota|handelsfaktura",
        "en": "invoice|tax invoice|receipt|commercial invoice|cash receipt|simplified tax invoice|sales invoice|"
        "cash bill|official receipt|sales receipt|bill|vat invoice|cash sale|cash sales",
        "de": "rechnung|handelsrechnung|quittung|kassenbon|baurechnung|warenrechnung|kostenrechnung|schlussrechnung|"
        "abschlagsrechnung|kassenbeleg|teilrechnung|anzahlungsrechnung",
        "fr": "facture|ticket de caisse|reçu|facture acquittée|note d'honoraires",
        "es": "factura|factura simplificada|ticket|recibo|factura ordinaria|factura proforma",
        "it": "fattura|scontrino|ricevuta|documento commerciale|ricevuta fiscale|fattura commerciale|"
        "fattura immediata|fattura differita|parcella|bolletta",
        "pt": "fatura|fatura recibo|fatura simplificada|recibo|factura|factura recibo|venda a dinheiro|nota fiscal",
    },
}

# Words that show the legal form of a company, as they end (or open) its name.
LEGAL_FORMS = (
    "ab|aktiebolag|s/b|sdn|berhad|hb|kb|handelsbolag|ek för|ltd|limited|llc|inc|plc|llp|corp|corporation|company|"
    "co|sdn bhd|bhd|pte ltd|pty ltd|gmbh|ag|kg|ohg|gmbh co kg|ug|e k|ev|e v|gbr|se|kgaa|a g|mbh|eg|sarl|sas|sa|"
    "sasu|eurl|sci|snc|s a r l|s a s|s a|sl|slu|s l|s a u|sau|s l u|sll|srl|spa|s r l|s p a|sapa|sas di|srls|"
    "s n c|lda|unipessoal lda|ld a|a s|as|aps|oy|oyj|bv|nv|b v|n v|bvba|enterprise|trading|holdings|group|"
    "sociedade anónima|sociedad anónima|sociedad limitada|société anonyme|società per azioni|s coop|gmbh co|"
    "sp z o o|s r o|kft|stiftelse|förening|ekonomisk förening|soc coop|s c|scoop|scrl|publ|haftungsbeschränkt|"
    "mbb|partg|partg mbb"
)
