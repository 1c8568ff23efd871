"""What invoices in seven languages call their dates and numbers; the form is explained in ``vocabulary.py``."""

from __future__ import annotations

NUMBERS: dict[str, dict[str, str]] = {
    "invoice_number": {
        "sv": "avinummer|avinr|avi nr|fakturanummer|fakturanr|faktura nr|faktura nummer|faktura no|kvittonummer|"
        "kvittonr|kvitto nr|~faktura|"
        "kreditfakturanr|kreditfakturanummer|kreditfaktura nr|~kvitto|~nota|notanummer|verifikationsnr|~fakt nr",
        "en": "invoice number|invoice no|invoice num|invoice nr|invoice #|invoice id|inv no|inv number|inv #|inv num|"
        "tax invoice no|tax invoice number|tax invoice #|cash inv no|bill no|bill number|bill #|receipt no|"
        "receipt number|receipt #|~document no|~document number|~doc no|~invoice|~tax invoice|~slip no|~reference|"
        "~number|credit note no|credit note number|credit note #|~credit note|~ref no|~ref|~trans|~trn|~doc #|~cb #|"
        "~rcpt|~rcpt #|~order #|~bill|~no|~transaction no|~trx no|~check no|~check|~chk|~receipt|~slip|~cash memo no|"
        "invoice ref|credit memo #|credit memo no|credit memo number|credit #|credit no",
        "de": "rechnungsnummer|rechnungsnr|rechnung nr|rechnung nummer|rechnungs nr|rechnung no|rechnung #|re nr|"
        "rg nr|belegnummer|belegnr|beleg nr|rechn nr|rechnr|~rechnung|~dokumentnummer|~dokument nr|gutschriftsnummer|"
        "gutschrift nr|gutschriftnr|gutschriftsnr|~gutschrift|rechnungskorrektur nr|stornorechnung nr|~nummer|~nr|"
        "handelsrechnung nr|quittung nr|bon nr|~bon|~kassenbon|~vorgangsnummer|~korrekturrechnung nr",
        "fr": "numéro de facture|n° de facture|no de facture|facture n°|facture no|facture numéro|n° facture|"
        "facture nº|num facture|numéro facture|réf facture|référence facture|~facture|avoir n°|avoir no|"
        "numéro d'avoir|n° d'avoir|~avoir|~n° de pièce|~numéro|ticket n°|~n°|~référence",
        "es": "número de factura|nº de factura|n° de factura|no de factura|factura nº|factura n°|factura no|"
        "núm factura|num factura|nº factura|n° factura|factura número|factura num|~factura|nota de crédito nº|"
        "abono nº|~factura simplificada|factura simplificada nº|~fra simplificada|fra simplificada nº|"
        "factura rectificativa nº|~ticket|~número|~nº|número factura|~num",
        "it": "numero fattura|n fattura|fattura n|fattura n°|fattura nr|fattura numero|numero della fattura|"
        "n° fattura|nr fattura|fattura no|~fattura|~numero documento|~n documento|documento n|nota di credito n|"
        "~numero|~documento|scontrino n|ricevuta n|doc n|~scontrino|~ricevuta|"
        "bolletta n|bolletta numero|numero bolletta|~bolletta",
        "pt": "número da fatura|nº da fatura|n° da fatura|fatura nº|fatura n°|fatura no|nº fatura|número fatura|"
        "número de fatura|factura nº|número da factura|fatura recibo nº|~fatura|~fatura recibo|nota de crédito nº|"
        "~documento nº|~número|n° fatura|~fatura simplificada|nota fiscal nº|~nº documento|fatura número|"
        "fatura/recibo nº|talão nº|~talão|doc nº|recibo nº",
    },
    "issue_date": {
        "sv": "fakturadatum|faktura datum|fakt datum|avidatum|~datum|kvittodatum|köpdatum|utställd|utfärdad|"
        "utfärdandedatum|"
        "~utskriven|~den",
        "en": "invoice date|date of invoice|inv date|issue date|date of issue|date issued|issued|~date|bill date|"
        "receipt date|tax invoice date|billing date|document date|doc date|~dated|~printed|biz date|bizdate|"
        "~issued on|credit note date|~transaction date|~trans date|~date time|~dt|~invoiced on|invoice issued|"
        "~tax point|~tgl|~statement date|~account date|~invoice raised",
        "de": "rechnungsdatum|rechnung vom|rechnungs datum|belegdatum|beleg datum|~datum|ausstellungsdatum|"
        "rechn datum|~ausgestellt am|~vom|~re datum|gutschriftsdatum|~erstellt am|dokumentdatum|~den",
        "fr": "date de facture|date facture|date de facturation|date de la facture|date d'émission|~date|~émise le|"
        "facture du|facturé le|émis le|~le|date d'avoir|établie le|~en date du|~du",
        "es": "fecha de factura|fecha factura|fecha de emisión|fecha emisión|fecha de expedición|~fecha|"
        "fecha expedición|~emitida el|emitida|fecha de la factura|expedida el",
        "it": "data fattura|data della fattura|data di emissione|data emissione|data documento|~data|emessa il|~del|"
        "fattura del|data di fatturazione|~emesso il",
        "pt": "data da fatura|data de emissão|data emissão|data da factura|~data|emitida em|emitido em|data fatura|"
        "data do documento|data de emissao",
    },
    "due_date": {
        "sv": "förfallodatum|förfallodag|förfaller|betalas senast|senast betalas|oss tillhanda|~sista betalningsdag|"
        "betalningsdatum|förf datum|~tillhanda senast|betala senast|att betala senast|ska betalas senast"
        "|förfallodat|sista betaldag",
        "en": "due date|payment due|date due|payment due date|pay by|~due|due on|please pay by|payable by|due by|"
        "payment date|payment deadline|pay before|payment due by|payment within|~terms date|payable on or before|"
        "~due for payment",
        "de": "fälligkeitsdatum|fällig am|fälligkeit|zahlbar bis|fällig|zahlungsziel|fällig bis|zahlbar bis zum|"
        "zu zahlen bis|bis zum|zahlungsfrist|zahlung bis|zahlung fällig am|zahlbar am|netto bis|tagen netto bis|"
        "überweisen sie bis zum|~zahlungstermin|spätestens bis zum|fällig zum|faelligkeitsdatum|bitte zahlen bis"
        "|fällig zum|fälligkeitstag",
        "fr": "date d'échéance|échéance|date échéance|à payer avant le|payable le|date limite de paiement|"
        "à régler avant le|échéance le|paiement avant le|date de règlement|payable avant le|à payer avant|"
        "date de paiement|échéance de paiement|à régler le|payable au plus tard le|règlement le"
        "|date éch|date limite de règlement",
        "es": "fecha de vencimiento|vencimiento|fecha vencimiento|vence|pagar antes del|fecha límite de pago|"
        "vence el|fecha de pago|vto|pagar antes de|fecha límite|pago antes del"
        "|fecha vto|f vto|fecha venc|fecha de vto",
        "it": "data di scadenza|scadenza|data scadenza|scadenza pagamento|entro il|da pagare entro|pagamento entro|"
        "scade il|pagare entro|pagamento entro il|da pagare entro il|scadenze"
        "|data scad|scadenza il|scad",
        "pt": "data de vencimento|vencimento|data vencimento|data limite de pagamento|pagar até|vence em|data limite|"
        "pagamento até|prazo de pagamento|data do vencimento|pagável até|limite de pagamento|vence a"
        "|data venc|dt venc|data de venc|vencimento em",
    },
    "_date": {
        "sv": "fakturadatum orig|ursprungligt fakturadatum|leveransdatum|orderdatum|beställningsdatum|period|"
        "avser perioden|fakturaperiod|ert datum|lev datum|"
        "avser",
        "en": "original invoice date|date of original invoice|delivery date|order date|service date|period|ship date|"
        "date of supply|supply date|valid until|expiry|"
        "card expiry|date shipped|from|billing period|print date|check in|check out|birth date|"
        "expires|po date|shipped|departure|arrival|service period|delivered on|tax point",
        "de": "zeitraum vom|für den zeitraum vom|in der zeit vom|gültig vom|gültig ab|lieferdatum|leistungsdatum|"
        "bestelldatum|auftragsdatum|leistungszeitraum|liefer und leistungsdatum|lieferscheindatum|lieferschein datum|"
        "leistungs datum|liefer datum|vertrags datum|zeitraum|abrechnungszeitraum|auftrag datum lief|skonto bis zum|"
        "tagen skonto bis|tagen bis|skonto innerhalb|liefertermin|bestellung vom|berechnungszeitraum|buchungsdatum|"
        "druckdatum|lieferung vom|geburtsdatum|liefer leistungszeitraum|liefer bzw leistungsdatum|lieferschein vom|"
        "auftrag vom|rechnungszeitraum|anzahlung vom|leistung vom|leistungen vom|leistungen am|lieferungen vom|"
        "behandlung vom|behandlung am|behandlungen vom|abschlagszahlung vom",
        "fr": "date de livraison|date de commande|période|date de prestation|date d'expédition|livré le|commande du|"
        "période du",
        "es": "fecha de entrega|fecha de pedido|período|periodo|fecha de operación|fecha pedido|fecha de envío|"
        "fecha operación|fecha albarán|fecha de albarán",
        "it": "data di consegna|data ordine|periodo|data consegna|data ddt|ordine del|data di spedizione|"
        "data trasporto",
        "pt": "data de entrega|data da encomenda|período|data do pedido|data de envio|data da entrega|data de carga|"
        "data do serviço|data carga",
    },
    "buyer_reference": {
        "sv": "er referens|er ref|ert ref|beställare|märkning|kundreferens|beställarens referens|köparens referens|"
        "kund ref|er beställare"
        "|~attention|~att|beställd av|fakturareferens|er kontaktperson",
        "en": "your reference|your ref|buyer reference|customer reference|customer ref|~attn|buyer ref|"
        "client reference|client ref|ordered by"
        "|~attention|~for the attention of|~fao|requested by|your contact",
        "de": "ihr zeichen|ihre referenz|leitweg id|referenz des käufers|kundenreferenz|käuferreferenz|ihre ref|"
        "besteller|leitwegid"
        "|ansprechpartner|~zu händen|~z hd|~z h|ihr ansprechpartner|referenz kunde",
        "fr": "votre référence|vos références|votre réf|référence client|référence acheteur|v réf|vos réf|réf client"
        "|~à l'attention de|~à l'attn de|demandeur|commandé par",
        "es": "su referencia|referencia del cliente|referencia cliente|su ref|ref cliente|referencia del comprador|"
        "vuestra referencia|vuestra ref|s ref"
        "|~a la atención de|~att|~atn|~a la atención|solicitado por",
        "it": "vostro riferimento|riferimento cliente|vs riferimento|vs rif|rif cliente|vostro rif|"
        "riferimento acquirente"
        "|~alla c a|~alla cortese attenzione|~c a|~all attenzione|~alla cortese attenzione di",
        "pt": "vossa referência|referência do cliente|v referência|sua referência|v/ referência|ref cliente|"
        "vossa ref|v ref|sua ref|referência cliente|referência do comprador"
        "|~à atenção de|~ao cuidado de|~a c|~ac",
    },
    "purchase_order_reference": {
        "sv": "ordernummer|ordernr|order nr|inköpsordernummer|ert ordernummer|er order|beställningsnummer|"
        "beställningsnr|best nr|inköpsorder|inköpsordernr|ert ordernr|beställning nr|er beställning|~order",
        "en": "purchase order|your po number|your po no|your po|po number|po no|p o number|order number|order no|po #|"
        "purchase order number|"
        "purchase order no|your order|your order no|customer po|order ref|order reference|p o no|po|order id|po ref|"
        "p o|customer order no|customer order|po reference",
        "de": "bestellnummer|bestellnr|bestell nr|bestellung nr|bestellung|ihre bestellung|auftragsnummer|auftragsnr|"
        "auftrag nr|ihre bestellnummer|bestellung vom|ihre bestellung nr|bestellreferenz|auftrags nr|ihr auftrag",
        "fr": "bon de commande|n° de commande|numéro de commande|commande n°|votre commande|no de commande|"
        "référence commande|réf commande|n° commande|commande|bon de commande n°|v commande",
        "es": "número de pedido|nº de pedido|pedido nº|nº pedido|orden de compra|su pedido|n° de pedido|n° pedido|"
        "pedido|núm pedido|pedido n°|vuestro pedido|s pedido",
        "it": "numero ordine|n ordine|ordine n|ordine d'acquisto|vostro ordine|rif ordine|ordine|vs ordine|ordine n°|"
        "nr ordine|ordine di acquisto|n° ordine",
        "pt": "número da encomenda|nº da encomenda|encomenda nº|nota de encomenda|nº encomenda|ordem de compra|"
        "pedido nº|número do pedido|encomenda|vossa encomenda|n° da encomenda|n° encomenda|requisição|nº requisição|"
        "requisição nº|v encomenda|sua encomenda",
    },
    "_number": {
        "sv": "kundnummer|kundnr|kund nr|telefon|tel|fax|mobil|sida|artikelnr|artnr|art nr|artikel|följesedel|"
        "projekt|projektnr|leverantörsnr|kassa|tfn|postadress|godkänd för f skatt|leveransnummer|antal|"
        "kostnadsställe|följesedelsnr|avtalsnummer|medlemsnr|er kundnr|vår ref|vår referens|telefonnummer|växel|"
        "personnummer|kassör|avtal|leveransvillkor|leverans|vår kontaktperson|vår säljare|handläggare|vår handläggare",
        "en": "customer number|customer no|customer id|account number|account no|phone|tel|fax|mobile|page|item|"
        "cashier|table|terminal|delivery note|member no|salesperson|order|qty|member card no|pos|website|email|"
        "tel no|h p|h/p|counter|client id|client no|product|sku|operator|staff|till|sort code|delivery note no|"
        "telephone|tel/fax|contact|hotline|hp|approval code|auth code|batch no|card no|contract no|project|"
        "delivery order no|do no|sales person|shift|service no|pax|cust no|a/c no|quote|quotation no|"
        "your customer number|job no|ship to|deliver to|our reference|our ref|payment terms|terms|server|queue no|"
        "pump|merchant id|customer|member|quantity|barcode|product code|account|customer code|tid|mid|register|"
        "station|store|workstation|po box|p o box|original invoice|original invoice no|original invoice number|"
        "credited invoice|against invoice|corrects invoice|refers to invoice|our contact|account manager|sales rep|"
        "prepared by|issued by",
        "de": "kundennummer|kd nr|steuernummer|steuernr|steuer nr|st nr|ihre steuernummer|kundennr|kunden nr|telefon|"
        "tel|"
        "fax|mobil|seite|artikel nr|art nr|lieferschein nr|lieferscheinnr|vertrags nr|zählernummer|blz|kontonr|"
        "konto nr|kontonummer|gln|gtin|lief nr|lieferscheinnummer|artikelnummer|projekt|objekt|versicherungsnummer|"
        "globale nummer|lieferantennummer|telefax|pos|bankleitzahl|kostenstelle|ihre kundennummer|kundenummer|"
        "vertragsnummer|lieferung nr|projektnummer|mobilfunk|auftrag nr lief|lieferanten nr|kto nr|kto|weee reg nr|"
        "art nr kunde|bediener|kasse|tisch|versicherungsschein nr|mandatsreferenz|gläubiger id|menge|aktenzeichen|"
        "beleg|weitere referenz|ihre nummer|debitor|debitorennummer|debitorennr|kassierer|"
        "gläubiger identifikationsnummer|lieferantennr|unser zeichen|bearbeiter|sachbearbeiter|unsere referenz|"
        "unser ansprechpartner|ihr berater",
        "fr": "numéro client|n° client|téléphone|tél|fax|page|code client|bon de livraison|réf|mobile|ape|naf|"
        "code article|n° de client|compte client|n° de compte|portable|client n°|code ape|article|numéro de client|"
        "référence article|bon de livraison n°|qté|votre contact|devis n°|notre référence|notre réf|n réf|nos réf|"
        "nos références|vendeur|commercial|interlocuteur|affaire suivie par",
        "es": "número de cliente|nº cliente|teléfono|tel|fax|página|código cliente|albarán|código|móvil|cod cliente|"
        "tfno|cliente nº|nº de cliente|referencia|albarán nº|telf|artículo|mesa|n° cliente|código postal|cp|"
        "presupuesto nº|nuestra referencia|nuestra ref|n ref|comercial|vendedor|agente|atendido por",
        "it": "codice cliente|cod cliente|telefono|tel|fax|pagina|ddt n|codice articolo|cell|cig|cup|"
        "codice destinatario|numero cliente|pag|n cliente|codice sdi|articolo|codice|cap|ddt|cassa|tavolo|n° cliente|"
        "vs codice|nostro riferimento|nostro rif|ns riferimento|ns rif|agente|venditore|operatore|referente",
        "pt": "número de cliente|nº cliente|telefone|tel|fax|página|código cliente|guia de remessa|telemóvel|"
        "nº de cliente|código de cliente|atcud|artigo|referência|tlm|contacto|código|cliente nº|código postal|hash|"
        "contribuinte do cliente|n° cliente|tlf|v cliente|nossa referência|nossa ref|n ref|n referência|vendedor|"
        "comercial|operador",
    },
    "remittance_information": {
        "sv": "ocr nummer|ocr nr|ocr|ocr referens|betalningsreferens|referensnummer|ange vid betalning|ocr/referens|"
        "referens vid betalning|ocr fakturanr|ange ocr|meddelande ocr|uppge vid betalning|ange ocr nummer|"
        "ocr referensnummer",
        "en": "kid|kid number|kid no|payment reference|payment ref|remittance reference|reference for payment|"
        "quote reference|rf reference|"
        "creditor reference|payment id|remittance information|please quote|quote when paying|please quote when paying|"
        "quoting"
        "|~reference|payment reference no",
        "de": "verwendungszweck|zahlungsreferenz|referenz bitte bei zahlung angeben|bei zahlung angeben|"
        "zahlungsreferenznummer|referenznummer|buchungszeichen|kassenzeichen"
        "|~referenz|verwendungszweck bitte angeben",
        "fr": "référence de paiement|référence à rappeler|communication structurée|communication|"
        "référence du paiement|référence virement|réf paiement|réf à rappeler|à rappeler",
        "es": "referencia de pago|concepto de pago|referencia del pago|concepto|concepto transferencia|~referencia",
        "it": "causale|riferimento pagamento|causale pagamento|causale bonifico|riferimento di pagamento|"
        "causale del bonifico",
        "pt": "referência de pagamento|referência multibanco|referência para pagamento|referência do pagamento|"
        "ref pagamento|ref multibanco|referência mb"
        "|descritivo|~referência",
    },
}
