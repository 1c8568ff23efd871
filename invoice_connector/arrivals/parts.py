"""What a container holds: the documents in it, and what of it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from db import inputs
from ocr_ensemble.errors import DocumentError

LONGEST_NAME = 120
"""Characters of a part's name as messages show it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a container is opened: ``parts`` in all, ``depth`` of containers within each other, ``total_bytes``
    of everything unpacked, ``part_bytes`` of one part."""

    parts: int = 200
    depth: int = 3
    total_bytes: int = 200_000_000
    part_bytes: int = 50_000_000

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a container. ``path`` leads to it from the container through those in it; ``mail`` has ``sender``,
    ``subject`` and ``received`` of the mail it came with, each a text or None. ``shown``: a mail shows it in its text.
    ``error``: why its bytes could not be taken out; ``content`` is empty then. ``said``: the paragraphs of that mail's
    own text. ``reason``: why it is no document, where its container says so."""

    path: str
    content: bytes = field(repr=False)
    mail: Mapping[str, str | None] = field(default_factory=dict)
    shown: bool = False
    error: DocumentError | None = None
    said: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def name(self) -> str:
        """The last step of its path."""
        return self.path.rpartition("/")[2] or "part"

    def within(self, outer: Part) -> Part:
        """The same as a part of a part of something else."""
        said = tuple(dict.fromkeys((*outer.said, *self.said)))
        return replace(self, path=f"{outer.path}/{self.path}", mail=self.mail or outer.mail, said=said)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part that became no document, and why."""

    part: str
    reason: str


def clean(text: str, longest: int = LONGEST_NAME) -> str:
    """A name or a header made short and printable on one line; its end stays, which tells what kind of file it is."""
    plain = " ".join(inputs.file_name(text.replace("\x00", " ") or " ").split()) or "part"
    return plain if len(plain) <= longest else f"…{plain[-longest + 1 :]}"


def clean_path(text: str) -> str:
    """A path within a container as a name to be shown; nothing is ever written under it."""
    steps = [clean(step) for step in text.replace("\\", "/").split("/") if step.strip() not in ("", ".", "..")]
    return "/".join(steps[-4:]) or "part"
