"""A document with the files that came beside it and are judged with it, as one run of bytes.

An e-invoice's PDF is compared with what the e-invoice states, and a file whose name says that it holds terms is read
before it is left out. Both need the document beside them, wherever it is read: in this process, in another one, behind
a broker. So they travel with it, and its digest covers them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

_MARK = b"%documents of invoice-connector 1\n"


class Why(StrEnum):
    """Why a file goes with a document."""

    PICTURE = "picture"  # a PDF beside the e-invoice of the same name
    TERMS = "terms"  # its name says that it holds terms or a notice


@dataclass(frozen=True, slots=True)
class Beside:
    """A file that came with a document; ``name`` is its path in what both came in."""

    name: str
    content: bytes = field(repr=False)
    why: Why


@dataclass(frozen=True, slots=True)
class Bundle:
    """A document's bytes, and what came beside it."""

    main: bytes = field(repr=False)
    beside: tuple[Beside, ...] = ()


def bundled(content: bytes, beside: Sequence[Beside]) -> bytes:
    """The bytes of a document, or of a bundle already, with more beside it."""
    before = bundle_of(content)
    every = (*before.beside, *beside)
    listed = [[each.name, str(each.why), len(each.content)] for each in every]
    head = json.dumps({"main": len(before.main), "beside": listed}).encode()
    return b"".join([_MARK, head, b"\n", before.main, *(each.content for each in every)])


def is_bundle(content: bytes) -> bool:
    """Whether something came beside the document that the bytes are."""
    return content.startswith(_MARK)


def bundle_of(content: bytes) -> Bundle:
    """What a run of bytes holds: any file is a document that nothing came beside."""
    if not is_bundle(content):
        return Bundle(content)
    head, _, rest = content[len(_MARK) :].partition(b"\n")
    try:
        said = json.loads(head)
        begin, found = int(said["main"]), list[Beside]()
        main = rest[:begin]
        for name, why, size in said["beside"]:
            found.append(Beside(str(name), rest[begin : begin + int(size)], Why(why)))
            begin += int(size)
    except (ValueError, KeyError, TypeError):  # a foreign file that begins like one
        return Bundle(content)
    return Bundle(main, tuple(found))
