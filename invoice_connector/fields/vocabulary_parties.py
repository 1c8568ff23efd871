"""What invoices in seven languages call parties, accounts and registrations; see ``vocabulary.py``."""

from __future__ import annotations

PARTIES: dict[str, dict[str, str]] = {
    "iban": {
        "sv": "iban|iban nr|iban nummer|bankkonto|kontonummer|bankkontonummer",
        "en": "iban|iban no|bank account|account iban|iban number",
        "de": "iban|iban nr|bankverbindung",
        "fr": "iban|compte bancaire",
        "es": "iban|cuenta bancaria|cuenta|nº de cuenta|número de cuenta",
        "it": "iban|codice iban|conto corrente|coordinate bancarie",
        "pt": "iban|nib|conta bancária",
    },
    "bankgiro": {
        "sv": "bankgiro|bg|bankgironr|bankgironummer|bankgiro nr|till bankgiro|bg nr|b giro",
    },
    "plusgiro": {
        "sv": "plusgiro|pg|postgiro|plusgironr|plusgironummer|plusgiro nr|plusgirokonto|pg nr|p giro",
    },
    "account": {
        "en": "to account|account no|account number|bank account|bank account no|a/c no|acc no|account|bank a/c|bsb|"
        "bsb & account no|bsb account|acct no",
    },
    "bic": {
        "sv": "bic|swift|bic swift|bic kod|swift bic|bic nr|swift kod|swiftadress",
        "en": "bic|swift code|bic code|swift|swift bic|bic/swift",
        "de": "bic|swift|bic code|swift code",
        "fr": "bic|code bic|code swift",
        "es": "bic|código bic|código swift",
        "it": "bic|codice bic|codice swift",
        "pt": "bic|código swift|código bic",
    },
    "vat_identifier": {
        "sv": "momsregistreringsnummer|momsreg nr|vat nr|moms nr|momsregnr|vat no|momsnummer|momsregistreringsnr|"
        "vat nummer|moms reg nr|momsreg|vat registreringsnummer|momsreg nummer|ert vat nr|kundens vat nr"
        "|ert momsreg nr|kundens momsreg nr|ert momsregnr|ert momsregistreringsnummer|er vat nr|köparens vat nr",
        "en": "vat no|vat number|vat reg no|vat registration number|vat id|gst id|gst no|gst reg no|gst reg|"
        "gst registration no|vat registration no|gst id no|vat reg|gstin|gst number|tax id|vat identification number|"
        "gst reg #|sst no|sst id|tax no|vat registration|gst reg id|gst registration number|abn|sst reg no|"
        "your vat no|customer vat no|vat reg number"
        "|customer vat number|your vat number|customer vat id|client vat no|buyer vat no|your vat reg no",
        "de": "ust idnr|ust id nr|ust id|umsatzsteuer identifikationsnummer|ust identnr|umsatzsteuer id|ust ident nr|"
        "uid|umsatzsteuer idnr|vat id|uid nr|umsatzsteuer id nr|ustid|ust id nummer|mwst nr|ihre ust identnr|"
        "ihre ust idnr|ust identifikationsnummer|ihre ust id|che uid"
        "|ust idnr kunde|ust id kunde|ust idnr des kunden|kunden ust idnr|uid kunde|ust id nr kunde",
        "fr": "n° tva|tva intracommunautaire|n° tva intracommunautaire|numéro de tva|tva intra|n° de tva|"
        "tva intracom|numéro tva|n° tva intra|n° tva intracom|id tva|num tva|n° id tva|identifiant tva|"
        "numéro de tva intracommunautaire|n° de tva intracommunautaire|votre n° tva|tva client|n° tva client|~tva"
        "|n° tva du client|tva intra client|n° tva intracommunautaire client|votre n° de tva",
        "es": "nif|cif|n i f|c i f|nif iva|nif/cif|cif/nif|nif cif|vat|dni|nif del cliente|id iva|número de iva"
        "|cif cliente|nif cliente|cif del cliente|nif iva cliente|nif/cif cliente",
        "it": "p iva|partita iva|piva|p iva cf|p iva e c f|p iva c f|cf e p iva|partita iva e codice fiscale|"
        "p iva/c f|cf p iva|part iva|p iva cliente|c f p iva"
        "|partita iva cliente|piva cliente|p iva del cliente|cod fisc cliente",
        "pt": "nif|nipc|contribuinte|n° contribuinte|nº contribuinte|nº de contribuinte|número de contribuinte|"
        "contribuinte nº|nif cliente|contribuinte n°|vat|n° de contribuinte|nif do cliente|número fiscal|nif emitente"
        "|nif adquirente|nif do adquirente|contribuinte cliente|v contribuinte",
    },
    "legal_registration": {
        "sv": "organisationsnummer|org nr|orgnr|org nummer|organisationsnr|orgnummer|org no",
        "en": "company no|company number|company registration no|co reg no|reg no|registration no|"
        "company registration number|company reg no|co no|co reg|roc no|business registration no|br no|"
        "registered number|company reg|registered in england no|registration number|roc|brn|crn|ssm no|"
        "co registration no|registered no|business reg no|comp reg no|co registration|registered company number|"
        "corp no|business no|business id|y tunnus|acn|uen|cin|neq|cvr|cvr no|cvr nr|kvk|kvk no|kvk rotterdam|"
        "kvk amsterdam|"
        "chamber of commerce|chamber of commerce no|ein|registered in england and wales|"
        "registered in england|registered in england and wales no|registered in england and wales number|"
        "registered in scotland|registered in ireland|"
        "company registered no",
        "de": "handelsregister|handelsregisternummer|handelsreg|registernummer|hr nr|registergericht|"
        "firmenbuchnummer|firmenbuch|handelsregister nr|firmenbuch nr|registereintrag|handelsregistereintrag|fn"
        "|reg nr|registernr|fb nr|hrb nr",
        "fr": "siret|siren|rcs|rpm|n° siret|n° siren|numéro siret|rcs paris|numéro siren|siret n°",
        "es": "registro mercantil|reg mercantil|inscrita en el registro mercantil|inscripción registral",
        "it": "rea|n rea|registro imprese|codice fiscale|cod fisc|numero rea|c f|nr rea|reg imprese|n° rea|r e a"
        "|iscr r i|iscrizione registro imprese|iscr reg imp",
        "pt": "matrícula|conservatória|crc|registo comercial|matriculada na crc|nº de matrícula"
        "|reg com|matrícula|crc|registo comercial",
    },
    "seller": {
        "sv": "såld av|säljs av|säljare|leverantör|avsändare|fakturaavsändare|från|utställare",
        "en": "seller|supplier|vendor|from|sold by|bill from|issued by|invoice from|billed by|remit to|"
        "service provider",
        "de": "verkauf von|verkauft von|verkauf durch|verkäufer|lieferant|rechnungssteller|rechnungsersteller|absender|"
        "von|leistungserbringer|"
        "rechnungsabsender|aussteller|auftragnehmer",
        "fr": "vendu par|vendeur|fournisseur|émetteur|prestataire|expéditeur|de|facturé par",
        "es": "vendido por|vendedor|proveedor|emisor|de|expedidor|datos del emisor|datos del proveedor|prestador",
        "it": "venduto da|venditore|fornitore|cedente prestatore|mittente|cedente/prestatore|emittente|da|cedente|"
        "prestatore|"
        "dati fornitore",
        "pt": "vendedor|fornecedor|emitente|de|emissor|prestador",
    },
    "buyer": {
        "sv": "köpare|kund|fakturaadress|faktureringsadress|fakturamottagare|mottagare|faktureras till|faktura till|"
        "kundadress|betalare|"
        "till",
        "en": "bill to|buyer|customer|billed to|invoice to|sold to|invoiced to|client|to|bill to address|"
        "billing address|invoice address|customer name|messrs|invoice for|customer details|purchaser|billing to|"
        "charge to|service for|bill recipient|credit to|credited to|buyer bill to|bill to customer",
        "de": "käufer|käufer leistungsempfänger|rechnungsempfänger|kunde|empfänger|leistungsempfänger|"
        "rechnungsadresse|rechnung an|an|herrn|herr|frau|firma|auftraggeber|rechnungsanschrift|besteller|"
        "kundenanschrift",
        "fr": "acheteur|client|facturé à|destinataire|adresse de facturation|à|facture à|facturer à|adressé à|"
        "à l'attention de|cliente|donneur d'ordre|adresse client",
        "es": "comprador|cliente|facturar a|destinatario|datos del cliente|facturado a|a|dirección de facturación|"
        "receptor|factura a",
        "it": "acquirente|cliente|destinatario|cessionario committente|spett le|spettabile|intestatario|"
        "cessionario/committente|cessionario|committente|fatturare a|intestato a|spett|fattura a|fatturato a|"
        "dati cliente|a",
        "pt": "comprador|cliente|adquirente|destinatário|faturar a|exmo s senhor es|exmos srs|exmo sr|faturado a|"
        "dados do cliente|fatura para|exmo s sr s|para|facturar a|exmos senhores",
    },
    "_party": {
        "sv": "levereras till|leveransadress|leverans till|godsmottagare|leveransmottagare",
        "en": "ship to|deliver to|consignee ship to|work carried out at|site|site address|service address|job address|"
        "installation address|delivery address|shipping address|payee|delivered to|consignee|shipped to|"
        "deliver address|delivery to",
        "de": "lieferadresse|warenempfänger|abweichender warenempfänger|lieferanschrift|"
        "abweichender rechnungsempfänger|lieferung an|versandadresse|abweichender zahlungsempfänger|"
        "steuerbevollmächtigter des verkäufers|kontoinhaber|zahlungsempfänger|warenlieferant|endkunde|kontoname|"
        "lieferort|konto zahlbar an|zahlbar an",
        "fr": "adresse de livraison|livré à|livraison|lieu de livraison|livrer à|titulaire du compte|bénéficiaire|"
        "livraison à",
        "es": "dirección de entrega|enviar a|dirección de envío|lugar de entrega|entregar a|titular|beneficiario|"
        "entrega a",
        "it": "indirizzo di consegna|luogo di consegna|destinazione|destinazione merce|spedire a|consegna a|"
        "intestatario conto|beneficiario|luogo di destinazione",
        "pt": "morada de entrega|local de entrega|entregar a|endereço de entrega|local de descarga|"
        "morada de descarga|titular|beneficiário|entrega em|local de carga",
    },
    "payment_terms": {
        "sv": "betalningsvillkor|bet villkor|betalvillkor|villkor",
        "en": "payment terms|terms of payment|terms|payment term|credit terms|terms & conditions of payment",
        "de": "zahlungsbedingungen|zahlungsbedingung|zahlungskonditionen|zahlungsvereinbarung|zahlungsweise|"
        "konditionen|zahlungsziel",
        "fr": "conditions de paiement|conditions de règlement|modalités de paiement|termes de paiement|"
        "mode de règlement",
        "es": "condiciones de pago|forma de pago|términos de pago|plazo de pago|condición de pago",
        "it": "condizioni di pagamento|termini di pagamento|modalità di pagamento|pagamento|mod pagamento",
        "pt": "condições de pagamento|cond pagamento|modo de pagamento|termos de pagamento|forma de pagamento|"
        "condição de pagamento",
    },
}
