"""What invoices in seven languages call their amounts; the form is explained in ``vocabulary.py``."""

from __future__ import annotations

AMOUNTS: dict[str, dict[str, str]] = {
    "total_with_vat": {
        "sv": "totalt inkl moms|summa inkl moms|total inkl moms|~totalt|~summa|totalsumma|~total|totalbelopp|"
        "fakturabelopp|~summa totalt|belopp inkl moms|inkl moms|fakturasumma|~brutto|slutsumma|totalt belopp|"
        "att betala inkl moms|totalt sek|summa denna faktura|totalt denna faktura|summa faktura|summa inklusive moms|"
        "totalt inklusive moms|total sek|kontrollsumma|"
        "kreditbelopp|~total summa|bruttobelopp",
        "en": "grand total|total incl vat|total inc vat|total including vat|total including tax|invoice total|~total|"
        "total amount|total incl tax|total gst inclusive|total inclusive gst|total sales inclusive of gst|"
        "rounded total|nett total|net total|gross total|gross amount|total payable|total incl of gst|total incl gst|"
        "total inclusive of gst|total amount incl gst|total after rounding|total including gst|~total sales|"
        "amount incl vat|total vat included|total gst included|total hst included|total tax included|"
        "bill total|final total|total rounded|rounded total rm|total rm incl of gst|total due|~gross|"
        "total inclusive|total includes gst|total incl|total price|total after gst|total amount payable|"
        "total inc gst|total amount inclusive of gst|total with vat|total amt incl gst|total amt payable|total gross|"
        "total inc|nett amt|nett amount|total charged|receipt total|sale total|tl|ttl|total after adj incl gst|"
        "total sales inclusive gst|total inc tax|total amount with gst|total rounding|total amt rounding|total amt|"
        "total rounded rm|total sales incl gst|total sale|total nett|total round|total tax inclusive|total net amt|"
        "order total|total of this bill|total of this invoice|total this invoice|total for this invoice|invoice amount|"
        "total inclusive of tax|total gst incl|"
        "total vat incl|total tax incl|total gst included",
        "de": "gesamtbetrag|rechnungsbetrag|bruttobetrag|gesamtsumme|endbetrag|bruttosumme|summe brutto|"
        "gesamt brutto|gesamtbetrag brutto|summe inkl ust|summe inkl mwst|rechnungssumme brutto|rechnungsendbetrag|"
        "endsumme|~summe|~gesamt|~brutto|total inkl mwst|rechnungsgesamtbetrag|gesamtbetrag inkl mwst|"
        "gesamtbetrag inkl ust|betrag inkl mwst|brutto gesamt|gesamt inkl mwst|rechnungstotal|summe eur|"
        "rechnungssumme|rechnungssumme brutto inkl ust|gesamt inkl ust|~total|gesamtpreis brutto|"
        "bruttorechnungsbetrag|gutschriftsbetrag|betrag brutto|~betrag|rechnungsbetrag brutto|bruttowert|"
        "gesamtrechnungsbetrag",
        "fr": "total ttc|montant ttc|total toutes taxes comprises|montant total ttc|~total|ttc|total général|"
        "prix ttc|total de la facture|montant total|total facture|total tvac|~montant|montant tvac|"
        "total tvac à payer|total tvac eur|montant de la facture",
        "es": "total factura|importe total|total con iva|~total|total iva incluido|total a facturar|total general|"
        "total factura con iva|importe total factura|total eur|~importe|total iva inc|total general con iva|"
        "importe con iva",
        "it": "totale fattura|totale documento|~totale|importo totale|totale complessivo|totale ivato|"
        "totale iva inclusa|totale generale|totale con iva|totale lordo|~importo|totale euro|totale iva compresa|"
        "totale ivato eur|totale parcella|totale notula|totale nota",
        "pt": "total com iva|total da fatura|~total|valor total|total geral|total documento|total do documento|"
        "total iva incluído|montante total|total fatura|total com iva incluído|total c/ iva|total ilíquido com iva|"
        "total eur",
    },
    "total_without_vat": {
        "sv": "totalt exkl moms|summa exkl moms|~netto|nettobelopp|belopp exkl moms|exkl moms|total exkl moms|"
        "belopp före moms|summa före moms|totalt exklusive moms|moms underlag|~delsumma|varuvärde|"
        "summa exklusive moms|momsunderlag|netto summa|~underlag|summa netto",
        "en": "total excl vat|total excluding vat|total ex vat|net amount|total excluding tax|~subtotal|~sub total|"
        "total net|amount excl vat|total before tax|total sales excluding gst|total excl gst|total excl of gst|"
        "total exclusive gst|net total excl vat|total without vat|taxable amount|taxable value|total before gst|~net|"
        "total excl tax|~sub-total|net value|total amt excl gst|total exclude gst|total excl|amount before tax|"
        "total excluding gst|total exc gst|nett total excl gst|subtotal excl gst|total sales excl gst|"
        "subtotal excl vat|subtotal ex vat|total exc|total ex gst|net subtotal|total sales excluding|net total|"
        "nett total excluding gst|total gst excl|total vat excl|total tax excl",
        "de": "nettobetrag|summe netto|gesamt netto|zwischensumme netto|rechnungssumme netto|nettosumme|"
        "gesamtbetrag netto|netto gesamt|rechnungssumme ohne ust|summe ohne mwst|summe ohne ust|~zwischensumme|"
        "warenwert netto|nettowarenwert|rechnungsbetrag netto|betrag ohne mwst|betrag netto|~netto|nettowert|"
        "gesamt ohne mwst|rechnungssumme netto exkl ust|total exkl mwst|nettorechnungsbetrag|~positionssumme|"
        "gesamtnetto|netto betrag|gesamtpreis netto|summe nettobeträge|netto summe|gesamtsumme netto|gesamtbeitrag",
        "fr": "total ht|montant ht|total hors taxes|sous total ht|~sous total|montant total ht|total net ht|"
        "total hors tva|base ht|net ht|montant hors taxes|total htva|montant htva|ht|prix ht|total hors taxe|"
        "~base imposable",
        "es": "base imponible|total sin iva|~subtotal|total base imponible|importe neto|total neto|importe sin iva|"
        "suma base imponible|~neto|total bruto sin iva|~base|importe base",
        "it": "imponibile|totale imponibile|totale netto|totale senza iva|~subtotale|totale merce|totale iva esclusa|"
        "importo netto|netto a iva|~netto|base imponibile|importo imponibile|totale esclusa iva",
        "pt": "total sem iva|total ilíquido|~subtotal|base tributável|total líquido|valor líquido|"
        "~base de incidência|~incidência|total s/ iva|valor sem iva|~líquido|base de iva|soma sem iva|"
        "montante sem iva|total tributável|total mercadoria"
        "|total líquido s/ iva|total líquido sem iva",
    },
    "total_vat": {
        "sv": "moms|momsbelopp|varav moms|summa moms|total moms|moms totalt|moms kr|mervärdesskatt|moms sek|"
        "totalt moms|moms summa",
        "en": "vat|total vat|vat amount|tax amount|total tax|sales tax|~tax|gst|total gst|gst amount|gst total|"
        "vat total|service tax|tax total|add gst|gst payable|of which vat|total gst amt|includes gst|sst|"
        "gst included in total|total tax amount|tax rm|plus vat|hst|hst included|gst included|"
        "vat included|includes vat|qst|pst|igst|vat included in total|vat reverse charge|tax included|"
        "total vat included",
        "de": "umsatzsteuer|mehrwertsteuer|mwst|ust|summe umsatzsteuer|zzgl umsatzsteuer|zzgl mwst|zzgl ust|"
        "zuzügl ust|gesamt mwst|mwst betrag|steuerbetrag|steuerbetrag in|summe mwst|umsatzsteuerbetrag|"
        "zuzüglich mwst|enthaltene mwst|zuzüglich umsatzsteuer|enthaltene umsatzsteuer|summe ust|ust betrag|"
        "plus mwst|versicherungsteuer|~steuer|summe steuern|gesamte umsatzsteuer|inkl mwst|inkl ust|"
        "mehrwertsteuerbetrag|steuer gesamt|gesamtsteuer|zuzügl mwst|mwst total|darin enthaltene mwst"
        "|ust gesamt|gesamt ust|mwst gesamt|summe der ust",
        "fr": "tva|montant tva|total tva|dont tva|montant de la tva|taxe sur la valeur ajoutée|total taxes|"
        "montant taxe|tva totale",
        "es": "iva|cuota iva|total iva|importe iva|cuota|i v a|impuesto|impuestos|cuota de iva|total impuestos|"
        "total cuota|importe de iva|igic",
        "it": "iva|totale iva|imposta|totale imposta|importo iva|di cui iva|totale imposte|ammontare iva|"
        "imposta totale",
        "pt": "iva|total iva|valor do iva|total de iva|total do iva|montante de iva|imposto|valor iva|total imposto|"
        "total impostos|montante iva",
    },
    "amount_due": {
        "sv": "att betala|belopp att betala|summa att betala|att erhålla|kvar att betala|betalningsbelopp|~betala|"
        "att betala sek|totalt att betala|att återfå|tillgodo|att betala kr|~betalas|er tillgodo|att kreditera",
        "en": "amount due|balance due|total due|amount payable|total payable|balance|please pay|to pay|"
        "total amount due|total to pay|payable amount|amount to pay|outstanding amount|net payable|"
        "outstanding balance|balance to pay|total amount payable|pay this amount|amount owing|total balance due|"
        "invoice amount due|now due|balance now due|amount outstanding|remaining balance|due now|amount credited|"
        "total credit|credit total|credit amount|current payment due|payment due|net amount due|net amount payable|"
        "balance payable|total now due|amount now due",
        "de": "zahlbetrag|zu zahlen|zu zahlender betrag|offener betrag|zahlungsbetrag|zu zahlender gesamtbetrag|"
        "restbetrag|zahlbarer betrag|noch zu zahlen|forderungsbetrag|~zahllast|fälliger betrag|überweisungsbetrag|"
        "zahlungsbetrag gesamt|zu zahlen bleibt|auszahlungsbetrag|nachzahlung|~restforderung|saldo|erstattungsbetrag|"
        "zu überweisen|zu überweisender betrag|offen|noch zu zahlender betrag|verbleibender betrag|restzahlung|"
        "zu zahlender restbetrag|nachzahlung zu unseren gunsten|offener betrag eur|noch zu zahlender betrag eur",
        "fr": "net à déduire|avoir net|total avoir|net à payer|montant à payer|à payer|reste à payer|total à payer|"
        "solde dû|montant dû|solde à payer|"
        "net à payer ttc|solde|montant net à payer|somme à payer|total dû|à régler|à rembourser|net à payer eur|"
        "restant dû|montant prélevé|somme prélevée|net à régler",
        "es": "total a pagar|importe a pagar|a pagar|líquido a pagar|pendiente de pago|saldo pendiente|"
        "importe pendiente|total pendiente|neto a pagar|~pendiente|a abonar|total a abonar|"
        "total abono|importe a devolver|importe a abonar|líquido a percibir|total a percibir|neto a percibir|"
        "a percibir|"
        "importe líquido|total líquido a percibir",
        "it": "totale da pagare|netto a pagare|da pagare|importo da pagare|totale dovuto|saldo|totale a pagare|"
        "importo dovuto|netto da pagare|a pagare|saldo da pagare|residuo da pagare|totale a credito|"
        "importo accreditato|"
        "totale accredito",
        "pt": "total a pagar|valor a pagar|a pagar|montante a pagar|total a liquidar|em dívida|saldo a pagar|"
        "valor em dívida|importância a pagar|montante em dívida|a liquidar|total a creditar|valor do crédito|"
        "valor a creditar|valor a receber|total a receber|líquido a receber",
    },
    "paid_amount": {
        "sv": "betalt|redan betalt|förskott|tidigare betalt|a conto|inbetalt|erlagt|avgår betalt|erhållet|"
        "betalt belopp|betalt med kort|betalt via kort|betalat med kort",
        "en": "amount paid|paid|less paid|deposit paid|prepaid|prepayment|already paid|payments received|"
        "advance payment|less deposit|payment received|paid to date|less prepayment|payments|payments credits|"
        "less payments|payments applied|deposit received|retainer applied|paid on account|less paid on account|"
        "received on account|less received on account",
        "de": "bereits bezahlt|anzahlung|erhaltene anzahlungen|bereits gezahlt|abzgl anzahlung|geleistete anzahlung|"
        "vorauszahlung|gezahlter betrag|bereits geleistet|abzüglich anzahlung|vorauszahlungen|abschlagszahlungen|"
        "geleistete zahlungen|bereits erhalten|erhaltene anzahlung|abzüglich bereits bezahlt|summe abschläge|abschläge|"
        "summe abschlagszahlungen|abzüglich geleisteter abschläge|geleistete abschläge|abzgl abschläge|"
        "abzüglich abschlagszahlungen|abzüglich bereits geleisteter abschlagszahlungen|"
        "anzahlung vom|summe anzahlungen",
        "fr": "déjà payé|acompte|acompte versé|montant payé|payé|déjà réglé|acomptes|acomptes versés|montant réglé|"
        "déjà versé",
        "es": "pagado|anticipo|ya pagado|importe pagado|entregado a cuenta|anticipos|a cuenta|pagos a cuenta"
        "|pagado a cuenta|entrega a cuenta",
        "it": "acconto|già pagato|pagato|acconto versato|importo pagato|anticipo|già versato|acconti",
        "pt": "pago|já pago|valor pago|adiantamento|montante pago|adiantamentos|já liquidado|valor já pago",
    },
    "rounding_amount": {
        "sv": "öresavrundning|avrundning|öresutjämning|öresutj|avrundat|öres avr|öresavr",
        "en": "rounding|rounding adjustment|rounding adj|round off|rounding amount|round adj|rounding rm|"
        "bill rounding|rounding diff|round",
        "de": "rundung|rundungsdifferenz|rundungsbetrag|rundungsausgleich",
        "fr": "arrondi|arrondis|différence d'arrondi",
        "es": "redondeo|ajuste por redondeo",
        "it": "arrotondamento|arrotondamenti",
        "pt": "arredondamento|arredondamentos",
    },
    "_amount": {
        "sv": "rabatt|frakt|à pris|a pris|pris|antal|belopp|expeditionsavgift|fakturaavgift|dröjsmålsränta|"
        "påminnelseavgift|enhetspris|aktiekapital|radbelopp|radsumma|skattereduktion|rot avdrag",
        "en": "discount|shipping|unit price|price|amount|total qty|total quantity|total items|total item|"
        "points balance|points bal|balance points|total points|total savings|item count|you saved|total discount|qty|"
        "points|total qty sold|freight|delivery charge|"
        "service charge|total saving|balance brought forward|u price|payment|u p|total number of items|"
        "total no of items|no of items|total item s|line total|total tax exempt|total 0 supplies|total 6 supplies|"
        "zero rated|s price|late fee|reminder fee|total pcs|total discounts|less discount|total disc|disc|"
        "member discount|total zero rated|total unit|ttl qty|service charges|svc chg|sc|customer payment|balance rm|"
        "tips|tip|handling|postage|shipping and handling|cash sale|cash sales",
        "de": "rabatt|versandkosten|einzelpreis|preis|skonto|menge|nettopreis|bruttopreis|abschlag|"
        "gesamtbetrag der zuschläge|gesamtbetrag der abschläge|basisbetrag|sondernachlass|zuschlag|stammkapital|"
        "übertrag|zwischensumme|e preis|stückpreis|leergutwert|grundkapital|warenwert|frachtkosten|mahngebühr|"
        "grundpreis|verzugszinsen|summe der positionen|portokosten|stundensatz|frachtbetrag|nachlass",
        "fr": "remise|frais de port|prix unitaire|monnaie|quantité|prix|escompte|capital|indemnité forfaitaire|pu ht|"
        "p u ht|prix unitaire ht|capital social|rabais|total remise|frais de livraison|qté|montant remise",
        "es": "descuento|gastos de envío|precio unitario|cantidad|precio|retención|irpf|portes|dto|recargo|"
        "retención irpf|total descuento|recargo de equivalencia|capital social",
        "it": "sconto|spese di spedizione|prezzo unitario|quantità|prezzo|ritenuta d'acconto|bollo|capitale sociale|"
        "spese di trasporto|sconti|trasporto|spese incasso|ritenuta|imposta di bollo|marca da bollo",
        "pt": "desconto|portes|preço unitário|quantidade|preço|retenção|descontos|capital social|transporte|"
        "portes de envio|retenção na fonte|retenção irs|desconto comercial",
    },
    "_allowance": {
        "sv": "rabatt|avdrag|mängdrabatt|kassarabatt|avgående rabatt|avgår rabatt",
        "en": "discount|less discount|trade discount|allowance",
        "de": "rabatt|nachlass|sondernachlass|abschlag|mengenrabatt|preisnachlass|abzgl rabatt|abzüglich rabatt",
        "fr": "remise|rabais|remise commerciale|ristourne",
        "es": "descuento|dto comercial|descuento comercial|bonificación",
        "it": "sconto|sconto commerciale|abbuono|sconto incondizionato",
        "pt": "desconto|desconto comercial|abatimento",
    },
    "_charge": {
        "sv": "frakt|expeditionsavgift|fakturaavgift|fraktavgift",
        "en": "shipping|freight|delivery charge|handling|postage|shipping and handling|delivery|carriage|"
        "service charge|"
        "service charges|svc chg|service chg",
        "de": "versandkosten|frachtkosten|portokosten|porto und verpackung|zuschlag|versand|fracht",
        "fr": "frais de port|frais de livraison|port|frais d'expédition|port et emballage|livraison|emballage",
        "es": "gastos de envío|portes|transporte",
        "it": "spese di spedizione|spese di trasporto|spese incasso|trasporto|imballo|imballaggio",
        "pt": "portes|portes de envio|transporte|despesas de envio",
    },
    "_balance": {
        "sv": "ingående saldo|föregående saldo|tidigare saldo|obetalt sedan tidigare|tidigare fakturerat|"
        "tidigare skuld|"
        "kvarstående skuld|överfört saldo",
        "en": "previous balance|balance forward|balance brought forward|opening balance|past due|previous amount due|"
        "arrears|last balance|prior balance",
        "de": "saldovortrag|vorheriger saldo|alter saldo|rückstand|offener saldo|übertrag vormonat",
        "fr": "solde précédent|ancien solde|report solde|solde antérieur|arriéré",
        "es": "saldo anterior|deuda anterior",
        "it": "saldo precedente|residuo precedente",
        "pt": "saldo anterior|valores em atraso",
    },
    "_withheld": {
        "en": "retainage|less retainage|retention|less retention|withholding tax|less cis|cis deduction|cis|tds|"
        "less tds|"
        "withholding|less withholding tax",
        "sv": "innehållen skatt|avdragen skatt|skattereduktion|rot avdrag|rut avdrag|preliminär skattereduktion",
        "de": "sicherheitseinbehalt|einbehalt|bauabzugsteuer|gewährleistungseinbehalt",
        "fr": "retenue de garantie|retenue à la source",
        "es": "retención|irpf|retención irpf|retención i r p f",
        "it": "ritenuta d'acconto|ritenuta|a dedurre ritenuta d'acconto|ritenuta di acconto|split payment",
        "pt": "retenção|retenção na fonte|retenção irs|irs",
    },
    "_line_total": {
        "sv": "radsumma|summa rader|varuvärde|varusumma|summa artiklar",
        "en": "line total|items total|total items|goods total|total of lines|sum of lines",
        "de": "warenwert|summe der positionen|positionssumme|summe positionen",
        "fr": "total lignes|total des lignes|total articles|total marchandises",
        "es": "total artículos|total líneas|suma de líneas|suma",
        "it": "totale merce|totale righe|totale articoli|somma",
        "pt": "total mercadoria|total artigos|total de linhas|mercadoria/serviços|soma",
    },
    "_allowance_total": {
        "en": "total discounts|total allowances|total discount",
        "de": "gesamtbetrag der abschläge|summe der abschläge|summe rabatte|summe der nachlässe",
        "fr": "total remises",
        "es": "total descuentos",
        "it": "totale sconti",
        "pt": "total descontos",
        "sv": "summa rabatter",
    },
    "_charge_total": {
        "en": "total charges",
        "de": "gesamtbetrag der zuschläge|summe der zuschläge|summe zuschläge",
    },
    "_tender": {
        "sv": "kontant|växel|mottaget|kort|bankkort|kontokort|swish|mottaget kontokort|mottaget bankkort|mottaget kort|"
        "kortköp|betalat kort|kontant betalning|betalt kort|tillbaka",
        "en": "cash|change|tendered|visa|mastercard|master card|debit|cash received|change due|cash tendered|"
        "amount tendered|card|credit card|amount received|paid by|ringgit received|bank card|master|received|"
        "cash change|received cash|change amt|cash rm|change rm|debit card|total cash|total tendered|total tender|"
        "change given|cash payment|cash amount|tender|ttl cash|amount tender|paid cash",
        "de": "bar|rückgeld|gegeben|ec karte|karte|kartenzahlung|wechselgeld|kreditkarte|girocard|rückgeld bar|bargeld|"
        "zurück",
        "fr": "espèces|rendu|carte|rendu monnaie|carte bancaire|cb|cb sans contact|monnaie rendue|reçu espèces",
        "es": "efectivo|cambio|tarjeta|entregado|devolución|su cambio",
        "it": "contanti|resto|pagamento contante|pagamento elettronico|pagato contanti|contante|carta di credito|carta|"
        "bancomat|pagamento pos",
        "pt": "numerário|troco|multibanco|entregue|dinheiro|cartão",
    },
    "currency_code": {
        "sv": "valuta",
        "en": "currency|all amounts in|amounts in|currency code|invoice currency",
        "de": "währung|rechnungswährung|beträge in|alle beträge in|angaben in",
        "fr": "devise|monnaie|montants en|devise de facturation",
        "es": "moneda|divisa|importes en",
        "it": "valuta|divisa|importi in",
        "pt": "moeda|valores em|divisa",
    },
}
