"""ISO Schematron to XSLT 2.0: patterns, rules, assertions, variables, functions. Peppol publishes its rules so.

Not supported, and refused: abstract patterns and rules, includes, phases other than all patterns, diagnostics.
"""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from invoice_connector.exports.errors import RulesError

_SCH = "{http://purl.oclc.org/dsdl/schematron}"
_XSL_SPACE = "http://www.w3.org/1999/XSL/Transform"
_XSL = f"{{{_XSL_SPACE}}}"
_SVRL_SPACE = "http://purl.oclc.org/dsdl/svrl"
_SVRL = f"{{{_SVRL_SPACE}}}"


def compiled(path: Path) -> str:
    """The stylesheet that gives an SVRL report of a document. Raises RulesError."""
    try:
        schema = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    except (etree.LxmlError, OSError) as error:
        raise RulesError(f"the rules {path} cannot be read: {error}") from error
    for name in ("include", "extends"):
        if schema.find(f".//{_SCH}{name}") is not None:
            raise RulesError(f"{path} uses sch:{name}; give the preprocessed Schematron or the XSLT of the same rules")
    if schema.find(f".//{_SCH}pattern[@abstract='true']") is not None:
        raise RulesError(
            f"{path} uses abstract patterns; give the preprocessed Schematron or the XSLT of the same rules"
        )
    prefixes = {str(ns.get("prefix")): str(ns.get("uri")) for ns in schema.iter(f"{_SCH}ns")}
    sheet = etree.Element(
        f"{_XSL}stylesheet", nsmap={"xsl": _XSL_SPACE, "svrl": _SVRL_SPACE, **prefixes}, version="2.0"
    )
    _child(sheet, "output", method="xml", encoding="UTF-8")
    for declared in (*schema.iterchildren(f"{_XSL}function"), *schema.iterchildren(f"{_XSL}key")):
        sheet.append(declared)
    _variables(schema, sheet)
    patterns = list(schema.iterchildren(f"{_SCH}pattern"))
    main = _child(sheet, "template", match="/")
    report = etree.SubElement(main, f"{_SVRL}schematron-output")
    for number, pattern in enumerate(patterns):
        _child(report, "apply-templates", select="/", mode=f"p{number}")
        _pattern(sheet, pattern, f"p{number}")
    return str(etree.tostring(sheet, encoding="unicode"))


def _pattern(sheet: etree._Element, pattern: etree._Element, mode: str) -> None:
    """One mode per pattern: of its rules the first that fits a node speaks, then its children are asked."""
    _variables(pattern, sheet)
    rules = list(pattern.iterchildren(f"{_SCH}rule"))
    for place, rule in enumerate(rules):
        priority = str(1000 + len(rules) - place)
        template = _child(sheet, "template", match=rule.get("context", ""), mode=mode, priority=priority)
        _variables(rule, template)
        for check in rule.iterchildren(f"{_SCH}assert", f"{_SCH}report"):
            _check(template, check)
        _child(template, "apply-templates", select="@*|*", mode=mode)
    anything = _child(sheet, "template", match="@*|node()|/", mode=mode, priority="0")
    _child(anything, "apply-templates", select="@*|*", mode=mode)


def _check(template: etree._Element, check: etree._Element) -> None:
    test = check.get("test", "")
    asserts = check.tag == f"{_SCH}assert"
    broken = _child(template, "if", test=f"not({test})" if asserts else test)
    attributes = {name: value for name in ("id", "flag", "role") if (value := check.get(name))}
    name = "failed-assert" if asserts else "successful-report"
    finding = etree.SubElement(broken, f"{_SVRL}{name}", attributes)
    text = etree.SubElement(finding, f"{_SVRL}text")
    _child(text, "text").text = check.text
    for part in check:
        if part.tag == f"{_SCH}value-of":
            _child(text, "value-of", select=part.get("select", ""))
        elif part.tag == f"{_SCH}name":
            _child(text, "value-of", select=f"name({part.get('path', '.')})")
        _child(text, "text").text = part.tail


def _variables(source: etree._Element, target: etree._Element) -> None:
    for let in source.iterchildren(f"{_SCH}let"):
        attributes = {"name": let.get("name", ""), "select": let.get("value", "")}
        etree.SubElement(target, f"{_XSL}variable", attributes)


def _child(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{_XSL}{name}", attributes)
