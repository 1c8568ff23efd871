"""Finding labels in text: whole words compared without accents, spaces and signs, misread letters forgiven."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from invoice_connector.fields.dates import find_dates
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.identifiers import find_identifiers
from invoice_connector.fields.kind_phrases import number_words
from invoice_connector.fields.label_model import NO_LABEL, LabelModel
from invoice_connector.fields.text_models import Matrix
from invoice_connector.fields.vocabulary import (
    FUZZY_FROM,
    MIN_SIMILARITY,
    PARTY_TERMS,
    Meaning,
    Vocabulary,
    bundled_vocabulary,
    confused,
    squeezed,
)
from invoice_connector.locales import locales, words
from ocr_ensemble.layout import BoundingBox

# Words; a digit that OCR confuses with a letter counts as one inside a word: "N0", "1nvoice", "T0TAL".
_ATOM = re.compile(r"(?:[^\W\d_]|(?<=[^\W\d_])[0158](?![\d.,/-])|(?<!\w)[0158|](?=[^\W\d_]{3}))+|[#°º]")
_REST_OF_NUMBER = re.compile(r"[-/_](?:[A-Z][A-Z/_-]*)?\d")
_BILINGUAL = re.compile(r" ?[/|·] ?| [-–] ")  # between what a label is called in two languages
_SEPARATORS = re.compile(r"[|•·●;\d]|  |, | [-–] ")  # a number ends what is said before it
_LONGEST = 7  # words of the longest phrase that is looked for
_MAX_WORDS = 40  # of a segment; what follows is prose
_TITLE_WORDS = 10
_SHORT = 3
_LONG_NUMBER = re.compile(r"[ .:#]{1,3}\d{9,12}(?![\w.,]|[ ]\d)")
_HEAD = re.compile(r"(?:(?<=[|•·●;])|^|(?<=  ))\s*(?P<head>[^\W\d_][^\d:|•·●;]{1,43}[^\s\d:|•·●;])")
_MOST_HEADS = 4  # texts of a segment that the label model is asked about
_LIKELY, _ALSO = 0.4, 0.15  # probabilities of a label that the model finds, and of what it may mean besides
_CODES = {"credit_note": "381", "invoice": "380"}  # UNTDID 1001 codes of the kinds of documents
_SAME_LENGTH_TO = 7  # letters; in shorter words one more or less makes another word


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """A label at ``start``..``end`` of a segment. ``similarity`` to the vocabulary in 0..1.

    ``coverage``: the share of the letters before the label's value that the label explains, in 0..1.
    """

    segment: Segment
    start: int
    end: int
    meanings: tuple[Meaning, ...]
    similarity: float
    coverage: float
    box: BoundingBox

    def meaning(self, term: str) -> Meaning | None:
        """What the label says about ``term``, the strongest sense; None when it is no label of it."""
        fitting = [meaning for meaning in self.meanings if meaning.term == term]
        return max(fitting, key=lambda meaning: meaning.strength) if fitting else None


def find_labels(segments: Sequence[Segment], vocabulary: Vocabulary) -> tuple[Label, ...]:
    """All labels of the page, longest match first where they overlap, in reading order."""
    windows = [window for segment in segments for window in _windows(segment)]
    similar = _similar({key for _, _, _, key in windows}, vocabulary)
    by_segment: dict[int, list[tuple[float, int, int, str, float]]] = {}
    for segment, start, end, key in windows:
        match = similar.get(key)
        if match and not (match[1] < 1.0 and _ends_otherwise(segment.text[start:end], match[0])):
            phrase, similarity = match
            rank = len(phrase) * similarity
            by_segment.setdefault(id(segment), []).append((rank, start, end, phrase, similarity))
    labels: list[Label] = []
    for segment in segments:
        found = by_segment.get(id(segment), [])
        taken = _values(segment.text) if found else []
        for _, start, end, phrase, similarity in sorted(found, reverse=True):
            if similarity < 1.0 and segment.text[end : end + 1].isdigit():
                continue  # "Payment reference: ONI4471" is no "payment reference no"
            if all(end <= a or start >= b for a, b in taken) and _stands_apart(
                segment.text, (start, end), vocabulary.phrases[phrase]
            ):
                taken.append((start, end))
                meanings = _of_payer(segment.text[end:], vocabulary.phrases[phrase])
                labels.append(label_at(segment, (start, end), meanings, similarity))
    return tuple(sorted(labels, key=lambda label: (label.box.top, label.box.left)))


def _of_payer(behind: str, meanings: tuple[Meaning, ...]) -> tuple[Meaning, ...]:
    """What a label means with the text ``behind`` it: a tax's name right before the number of who pays it calls that
    number, "VAT 4410256637", "BTW NL810042277B01"; an amount has decimals or groups of three digits."""
    taxes = [meaning for meaning in meanings if meaning.term == "total_vat"]
    if not taxes or not (_LONG_NUMBER.match(behind) or _vat_identifier_at_start(behind)):
        return meanings
    return tuple(replace(meaning, term="vat_identifier", strength=1.0) for meaning in taxes)


def _vat_identifier_at_start(text: str) -> bool:
    bare = text.lstrip(" .:#")
    return any(found.start == 0 and found.valid for found in find_identifiers(bare, "vat"))


def _ends_otherwise(text: str, phrase: str) -> bool:
    """Whether a text that resembles a phrase ends with a word for "number" of which the phrase has nothing: "Račun nr"
    is an invoice's number and no misread "račun na"."""
    _, _, last = text.rpartition(" ")
    word = confused(squeezed(last))
    return last != text and word in number_words() and not phrase.endswith(word)


def in_language(labels: Sequence[Label], language: str | None) -> tuple[Label, ...]:
    """The labels with what they mean in the page's language; where they mean nothing in it, in any.

    Short words of another language are no party's label: a speck read as "a" is no Spanish "to".
    """
    found = []
    for label in labels:
        own = tuple(meaning for meaning in label.meanings if meaning.language == language)
        short = label.end - label.start <= _SHORT and all(meaning.term in PARTY_TERMS for meaning in label.meanings)
        if own or language is None or not short:
            found.append(replace(label, meanings=own) if own else label)
    return tuple(found)


def learned_labels(
    segments: Sequence[Segment], found: Sequence[Label], model: LabelModel | None, by_meaning: bool = True
) -> tuple[Label, ...]:
    """Texts that none of the labels ``found`` is in, where the model holds them for labels, in reading order; by their
    spelling alone unless ``by_meaning``."""
    if model is None:
        return ()
    taken: dict[Segment, list[Label]] = {}
    for label in found:
        taken.setdefault(label.segment, []).append(label)
    free = [
        (segment, head.span("head"))
        for segment in segments
        for head in islice(_HEAD.finditer(segment.text), _MOST_HEADS)
        if _may_be_label(head["head"]) and not _overlaps(head.span("head"), taken.get(segment, ()))
    ]
    texts = [segment.text[start:end] for segment, (start, end) in free]
    shares = model.probabilities(texts) if by_meaning else model.by_spelling(texts)
    learned = [
        label_at(segment, span, meanings, 1.0)
        for (segment, span), row in zip(free, shares, strict=True)
        if (meanings := _likely_meanings(model.classes, row))
    ]
    return tuple(sorted(learned, key=lambda label: (label.box.top, label.box.left)))


def _overlaps(span: tuple[int, int], labels: Sequence[Label]) -> bool:
    return any(label.start < span[1] and span[0] < label.end for label in labels)


def _may_be_label(text: str) -> bool:
    return sum(map(str.isalpha, text)) >= _SHORT and len(text.split()) <= _LONGEST


def _likely_meanings(classes: Sequence[str], shares: Matrix) -> tuple[Meaning, ...]:
    labels = [Meaning(c, "", float(p)) for c, p in zip(classes, shares, strict=True) if c not in NO_LABEL]
    likely = tuple(meaning for meaning in labels if meaning.strength >= _ALSO)
    return likely if max((meaning.strength for meaning in labels), default=0.0) >= _LIKELY else ()


def _values(text: str) -> list[tuple[int, int]]:
    """Where values stand whose words are no labels: "de março" is no "marca", "Fatura FR A/17" numbers a "Fatura",
    "IBAN: NO93 8601 1117 947" is Norwegian."""
    kinds = ("series", "iban")
    numbers = [
        (found.start, found.end) for kind in kinds for found in find_identifiers(text, kind) if found.valid is not False
    ]
    return [*((day.start, day.end) for day in find_dates(text)), *numbers]


def is_label(text: str) -> bool:
    """Whether a text as a whole is what some language, or one after the other, calls something: such a text is no name
    of anybody."""
    phrases = bundled_vocabulary().phrases
    return any(all(confused(squeezed(part)) in phrases for part in parts) for parts in ([text], _BILINGUAL.split(text)))


def by_segment(labels: Iterable[Label]) -> dict[Segment, list[Label]]:
    """The labels of each line that has any, in their order."""
    found: dict[Segment, list[Label]] = {}
    for label in labels:
        found.setdefault(label.segment, []).append(label)
    return found


def stands_alone(label: Label, others: Iterable[Label]) -> bool:
    """Whether nothing stands behind a label on its line but ``others`` of the line that mean the same, as synonyms and
    translations do: "Cessionario/committente (cliente)", "Kunde / Customer"."""
    terms = {meaning.term for meaning in label.meanings}
    same = [other for other in others if terms & {meaning.term for meaning in other.meanings}]
    text = label.segment.text
    return not any(
        text[at].isalnum() and not any(other.start <= at < other.end for other in same)
        for at in range(label.end, len(text))
    )


def title_code(text: str) -> tuple[str, str, float] | None:
    """(UNTDID 1001 code, language, share of the text's letters) when ``text`` names a kind of document."""
    words = [_stem(squeezed(match[0])) for match in _ATOM.finditer(text)]
    letters = sum(map(len, words))
    if not 1 <= len(words) <= _TITLE_WORDS:
        return None
    titles, found = _titles(), []
    for i in range(len(words)):
        for j in range(i + 1, min(i + 4, len(words)) + 1):
            phrase = confused("".join(words[i:j]))
            if phrase in titles:
                found.append((titles[phrase][0], len(phrase) / letters, titles[phrase][1]))
    if not found:
        return None
    code, share, language = max(found)
    return code, language, min(1.0, share)


def without_title(text: str) -> str:
    """A name without the kind of document printed on the same line, in one language or two: "FAKTURA Bygg AB" ->
    "Bygg AB", "Bygg UAB Sąskaita (Invoice)" -> "Bygg UAB"."""
    words, titles = text.split(), _titles()
    for count in (3, 2, 1):
        for edge, rest in ((words[:count], words[count:]), (words[-count:], words[:-count])):
            if rest and confused("".join(squeezed(word) for word in edge)) in titles:
                return without_title(" ".join(rest))
    return text


def _windows(segment: Segment) -> list[tuple[Segment, int, int, str]]:
    """Every run of up to seven words without a digit inside, as (segment, start, end, key)."""
    text = segment.text
    atoms = [(m.start(), m.end(), _stem(squeezed(m[0]))) for m in islice(_ATOM.finditer(text), _MAX_WORDS)]
    windows = []
    for i, (start, _, _) in enumerate(atoms):
        key, last = "", start
        for begin, end, word in atoms[i : i + _LONGEST]:
            between = text[last:begin]
            if ", " in between or any(map(str.isdigit, between)):
                break
            key, last = key + word, end
            if _is_free(text, start, end):
                windows.append((segment, start, end, confused(key)))
    return windows


def _stem(word: str) -> str:
    """Compounds name the same thing: "mietrechnung" and "delfaktura" are invoices; a "kreditfaktura" is not."""
    for stem in _stems()[0]:
        prefix = word.removesuffix(stem)
        if len(prefix) >= 3 and prefix != word and not prefix.startswith(_stems()[1]):
            return stem
    return word


def _is_free(text: str, start: int, end: int) -> bool:
    """False inside identifiers such as "RE-2014", "PO-BH-20931", "DE123" and "A4"."""
    after, before = text[end : end + 2], text[max(0, start - 2) : start]
    if after[:1].isdigit() and end - start <= 2:
        return False
    if before[-1:].isdigit() or (before[-1:] in ("-", "/", "_") and before[:1].isdigit()):
        return False
    return _REST_OF_NUMBER.match(text, end) is None


def _similar(keys: set[str], vocabulary: Vocabulary) -> dict[str, tuple[str, float]]:
    """For each key that resembles a phrase: the phrase and how much."""
    found = {key: (key, 1.0) for key in keys if key in vocabulary.phrases}
    open_keys = [key for key in keys - found.keys() if len(key) >= FUZZY_FROM and not key.isdigit()]
    for key, phrase, similarity in vocabulary.long.nearest(open_keys, MIN_SIMILARITY):
        same_length = len(phrase) == len(key)
        if same_length or max(len(phrase), len(key)) > _SAME_LENGTH_TO:  # "Nürnberg" is no "number"
            found[key] = (phrase, similarity)
    return found


def _stands_apart(text: str, span: tuple[int, int], meanings: Sequence[Meaning]) -> bool:
    """Short words that open an address ("De:", "An", "To") are labels only alone on a line or before a colon."""
    start, end = span
    if end - start > _SHORT or any(meaning.term not in PARTY_TERMS for meaning in meanings):
        return True
    alone = not any(character.isalnum() for character in text[:start] + text[end:])
    return alone or (text[end:].lstrip()[:1] == ":" and not any(character.isalnum() for character in text[:start]))


def label_at(segment: Segment, span: tuple[int, int], meanings: tuple[Meaning, ...], similarity: float) -> Label:
    """The label at ``text[start:end]`` of a segment."""
    start, end = span
    before = _SEPARATORS.split(segment.text[:start])[-1]
    letters_before = sum(character.isalpha() for character in before)
    after = re.split(r"\d|:|[|•·●]|  ", segment.text[end:], maxsplit=1)[0]
    letters_after = sum(character.isalpha() for character in after) if len(after) < 25 else 12
    own = max(1, sum(character.isalpha() or character == "#" for character in segment.text[start:end]))
    coverage = own / (own + letters_before + letters_after)
    return Label(segment, start, end, meanings, similarity, coverage, segment.box_of(start, end))


@lru_cache(maxsize=1)
def _titles() -> dict[str, tuple[str, str]]:
    return {
        confused(squeezed(phrase)): (code, language)
        for kind, code in _CODES.items()
        for language, locale in locales().items()
        for phrase in locale.document_kinds.get(kind, ())
    }


@lru_cache(maxsize=1)
def _stems() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What names of invoices end with, and what other kinds of documents begin with."""
    return tuple(map(squeezed, words("invoice_stems"))), tuple(map(squeezed, words("other_stems")))
