"""Finds words of languages in Python source: what a locale file should hold (``tests/test_words_in_code.py``)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from itertools import chain

_CALLS = {"compile", "search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split"}
_NO_LITERALS = re.compile(  # escapes, names of groups, flags, looks, classes, counts
    r"\\[pP]\{\w+\}|\\.|\(\?P[<=>]\w+[>)]?|\(\?[aiLmsux-]+[:)]|\(\?(?:<?[=!]|:|\(\w+\))|\[(?:\\.|[^\]\\])*\]|\{[\d,]*\}"
)
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?![^\W_])")  # "cad" in a hexadecimal digest is none
_LITERAL = re.compile(r"[^\W\d_]+")
_SHORTEST = 3  # letters of a word in a table; codes of languages and countries have two


def words_of(source: str, foreign: Set[str], names: Set[str]) -> set[tuple[int, str]]:
    """The words of a module that belong to languages, in lower case, each with the line where its string begins.

    In a regular expression every literal of two letters or more, one of them small: codes and forms are in capitals.
    In a collection what is among ``foreign`` and none of the program's own ``names``. In any string but a docstring
    what has a letter beyond ASCII.
    """
    tree = ast.parse(source)
    patterns = {id(node): node for node in _patterns(tree)}
    members = [text for text in _members(tree) if id(text) not in patterns]
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    others = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in {*patterns, *docs}]
    found = [(text, word) for text in patterns.values() for word in _literals(text)]
    found += [(text, word) for text in members for word in _words(text) if _is_foreign(word, foreign - names)]
    found += [(text, word) for text in others for word in _words(text) if len(word) > 1 and not word.isascii()]
    return {(text.lineno, word.lower()) for text, word in found}


def names_of(source: str) -> set[str]:
    """The words of which a module's variables, attributes, functions and parameters have their names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        for attribute in ("id", "attr", "arg", "name"):
            name = getattr(node, attribute, None)
            names |= set(name.lower().split("_")) if isinstance(name, str) else set()
    return names


def _is_foreign(word: str, foreign: Set[str]) -> bool:
    return len(word) >= _SHORTEST and not word.isupper() and word.lower() in foreign


def _words(text: ast.Constant) -> list[str]:
    return _WORD.findall(text.value) if isinstance(text.value, str) else []


def _literals(pattern: ast.Constant) -> list[str]:
    found = _LITERAL.findall(_NO_LITERALS.sub(" ", str(pattern.value)))
    return [word for word in found if len(word) > 1 and not word.isupper()]


def _patterns(tree: ast.Module) -> Iterator[ast.Constant]:
    """The strings of what is handed to ``re`` and ``regex`` as a pattern, and of the names that it is made of."""
    shared = _assigned(tree.body)
    for scope in (tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))):
        values = shared | (_assigned(list(ast.walk(scope))) if isinstance(scope, ast.FunctionDef) else {})
        calls = (node for node in ast.walk(scope) if isinstance(node, ast.Call) and _takes_pattern(node))
        waiting, seen = [call.args[0] for call in calls], set[str]()
        while waiting:
            parts = list(_parts(waiting.pop()))
            yield from (node for node in parts if isinstance(node, ast.Constant) and isinstance(node.value, str))
            used = {node.id for node in parts if isinstance(node, ast.Name)} - seen
            seen |= used
            waiting += [values[name] for name in used & values.keys()]


def _assigned(nodes: list[ast.AST] | list[ast.stmt]) -> dict[str, ast.expr]:
    plain = [node for node in nodes if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)]
    return {node.targets[0].id: node.value for node in plain if isinstance(node.targets[0], ast.Name)}


def _takes_pattern(call: ast.Call) -> bool:
    called = call.func
    if not (isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and call.args):
        return False
    return called.value.id in ("re", "regex") and called.attr in _CALLS


def _parts(root: ast.AST) -> Iterator[ast.AST]:
    """The nodes that a pattern's text comes from: no conditions, no keys, nothing that functions are called with."""
    match root:
        case ast.Compare():
            return
        case ast.Dict():
            inner = list[ast.AST](root.values)
        case ast.IfExp():
            inner = [root.body, root.orelse]
        case ast.Subscript():
            inner = [root.value]
        case ast.Call():
            inner = list(root.args[:1]) if _takes_pattern(root) else []
        case _:
            inner = list(ast.iter_child_nodes(root))
    yield root
    yield from chain.from_iterable(map(_parts, inner))


def _members(tree: ast.Module) -> Iterator[ast.Constant]:
    """The strings in displays of tuples, lists, sets and mappings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            members = [*node.keys, *node.values] if isinstance(node, ast.Dict) else node.elts
            yield from (member for member in members if isinstance(member, ast.Constant))
