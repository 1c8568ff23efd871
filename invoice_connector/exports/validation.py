"""Validation of e-invoices with rules that the user has: XML Schema, Schematron, or Schematron compiled to XSLT.

The official rules are data that this package does not carry: EN 16931's lie in the releases of the CEN's validation
artefacts, Peppol's in those of Peppol BIS Billing. Point to a folder of them; what fits the document is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from invoice_connector.exports.errors import InvoiceIncompleteError, RulesError
from invoice_connector.exports.schematron import compiled
from invoice_connector.invoice import Violation

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_RULE = re.compile(r"\b(?:BR|PEPPOL|UBL|CII|FX)-[A-Z0-9-]*\d\b")
_MAIN_SCHEMAS = {"Invoice": "UBL-Invoice-2.1.xsd", "CreditNote": "UBL-CreditNote-2.1.xsd"}


def validate(document: bytes, rules: Path) -> tuple[Path, ...]:
    """Checks a UBL document; gives the files it was checked against.

    ``rules``: a file, or a folder that is searched with all below it for the UBL main schema and for rules that
    are written for UBL. Raises InvoiceIncompleteError with what is broken, RulesError for rules that cannot be run.
    """
    used, problems = _checked(document, rules)
    if not used:
        raise RulesError(
            f"{rules} holds no UBL schema and no rules for UBL (.xsd, .sch, .xsl, .xslt); give their folder"
        )
    if problems:
        raise InvoiceIncompleteError("the invoice breaks these rules; correct what was read:", problems)
    return tuple(used)


def violations(document: bytes, rules: Path) -> tuple[Violation, ...]:
    """What an e-invoice breaks of the rules that are written for its syntax, with their ids; nothing where none are.

    Rules that cannot be run are said as ``RULES-NOT-RUN``, so that nothing passes unchecked.
    """
    try:
        _, problems = _checked(document, rules)
    except RulesError as error:
        return (Violation("RULES-NOT-RUN", str(error)),)
    return tuple(Violation(_identifier(problem), problem) for problem in dict.fromkeys(problems))


def _identifier(problem: str) -> str:
    found = _RULE.search(problem)
    return found[0] if found else "SCHEMA"


def _checked(document: bytes, rules: Path) -> tuple[list[Path], list[str]]:
    """The files that fit the document, and what of them it breaks."""
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    text: str = etree.tostring(root, encoding="unicode")  # whatever its encoding was
    used, problems = [], list[str]()
    for path in _fitting(rules, etree.QName(root)):
        used.append(path)
        problems.extend(_schema_problems(root, path) if path.suffix == ".xsd" else _rule_problems(text, path))
    return used, problems


def _fitting(rules: Path, root: etree.QName) -> Iterator[Path]:
    if rules.is_file():
        yield rules
        return
    if not rules.is_dir():
        raise RulesError(f"{rules} does not exist; give the folder that holds the validation rules")
    if root.localname in _MAIN_SCHEMAS:
        yield from sorted(rules.rglob(_MAIN_SCHEMAS[root.localname]))[:1]
    scripts = sorted(path for suffix in ("*.xsl", "*.xslt") for path in rules.rglob(suffix))
    compiled_stems = {path.stem for path in scripts}
    sources = sorted(path for path in rules.rglob("*.sch") if path.stem not in compiled_stems)
    yield from (path for path in (*scripts, *sources) if _is_for(path, root.namespace or ""))


def _is_for(path: Path, namespace: str) -> bool:
    """Rules of EN 16931 or Peppol for a syntax; national extensions are chosen by giving their file."""
    wanted = f"{_UBL}Invoice-2" if namespace.startswith(_UBL) else namespace
    if not wanted or path.stat().st_size > 20_000_000 or wanted.encode() not in path.read_bytes():
        return False
    name = path.stem.upper()
    return not any(word in name for word in ("EXTENDED", "-FR-", "XRECHNUNG", "CODES", "MODEL", "SYNTAX"))


def _schema_problems(root: etree._Element, path: Path) -> Iterator[str]:
    try:
        schema = etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))
    except (etree.LxmlError, OSError) as error:
        raise RulesError(f"the schema {path} cannot be used: {error}") from error
    if not schema.validate(root):
        yield from (f"{path.name} line {entry.line}: {entry.message}" for entry in schema.error_log)


def _rule_problems(document: str, path: Path) -> Iterator[str]:
    report = etree.fromstring(_report(document, path).encode())
    for failed in report.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
        if (failed.get("flag") or failed.get("role") or "fatal") in ("warning", "information"):
            continue
        text = " ".join("".join(failed.itertext()).split())
        identifier = failed.get("id") or ""
        yield text if identifier in text else f"{identifier} {text}".strip()


def _report(document: str, path: Path) -> str:
    """The SVRL report of the rules in ``path``."""
    try:
        from saxonche import PySaxonApiError
    except ImportError as error:
        raise RulesError(
            f"the rules {path} are XSLT 2 and need Saxon; install it with `pip install invoice-connector[validation]`"
        ) from error
    try:
        processor, executable = _executable(path)
        return str(executable.transform_to_string(xdm_node=processor.parse_xml(xml_text=document)))
    except PySaxonApiError as error:
        raise RulesError(f"the rules {path} cannot be run: {error}") from error


@cache
def _executable(path: Path) -> tuple[Any, Any]:
    """Saxon and the rules it has compiled, which takes seconds; Schematron becomes XSLT first."""
    from saxonche import PySaxonProcessor

    processor = PySaxonProcessor(license=False)
    transformer = processor.new_xslt30_processor()
    if path.suffix == ".sch":
        return processor, transformer.compile_stylesheet(stylesheet_text=compiled(path))
    return processor, transformer.compile_stylesheet(stylesheet_file=str(path.absolute()))
