#!/usr/bin/env python
"""Fits the models that rank candidates for fields and say how sure a field is; writes ``fields/ranker.json``.

    python scripts/generate_documents.py BLOCKS --renderer blocks --count 2128 --seed 2
    python scripts/train_labels.py --lexicon ../shared/data/labels/labels.tsv --folds LABELS
    python scripts/train_fields.py --cache CACHE --label-models LABELS --render 150 --layers BLOCKS \\
        ../shared/data/templates ../shared/data/streams ../shared/data/zugferd ../shared/data/sroie

No document of a split ``test`` is used. A scorer per term learns which candidate is the field; the probability of a
field is then fitted on documents that the scorers of the other folds had not seen.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from zlib import crc32

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import invoice_connector.fields
from invoice_connector.fields.extract import choose, scene_of_pages
from invoice_connector.fields.familiarity import familiarity
from invoice_connector.fields.features import FEATURE_NAMES, Scene
from invoice_connector.fields.label_model import LabelModel
from invoice_connector.fields.model import Forest, Matrix, Ranker, Scorer
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.parties import PARTY_FACTS, find_parties
from invoice_connector.fields.ranking import described
from invoice_connector.fields.terms import TERMS
from invoice_connector.fields.trust import FALLING, INPUTS, RISING, facts_of
from invoice_connector.fields.vocabulary import Vocabulary, bundled_vocabulary, vocabulary_of
from invoice_connector.invoice import FieldValue
from invoice_connector.locales import locales
from ocr_ensemble.layer_check import TEXT_LAYER
from scripts.benchmark import rendered
from scripts.evaluation.datasets import Sample, read_dataset
from scripts.evaluation.fields import judge, same
from scripts.evaluation.measures import auroc, coverage_at_risk, expected_calibration_error
from scripts.evaluation.readings import ReadingCache
from scripts.train_labels import fold_of, phrases
from scripts.training.field_models import Options, fit_forest, fit_logistic, platt

FOLDS = 4
KNOWING = 2  # one synthetic document of so many is read with all phrases known
KEPT, THINNED = 15, 6  # of a document's candidates for a term: those best named; every n-th of the others
TELLING = ("evidence", "learned", "rival", "learned_rival", "repeats", "name_like")
REAL_WEIGHT = 12.0  # of a real document against a synthetic one: there are few, and they are what counts
STRANGEST = 0.002  # share of the documents that count as unlike the others
FEWEST = 20  # right candidates a term needs for a model of its own
PARTIES = ("seller_name", "buyer_name")


TERM_OPTIONS = Options(FEATURE_NAMES, 100, 12, {"evidence": 1, "named": 1}, 0.08)
PARTY_OPTIONS = Options(PARTY_FACTS, 100, 12, {}, 0.08)
TRUST_OPTIONS = Options(INPUTS, 200, 10, dict.fromkeys(RISING, 1) | dict.fromkeys(FALLING, -1), 0.06)


@dataclass(slots=True)
class Examples:
    """Candidates of one term: inputs by name, whether each is the field, its document."""

    facts: list[Mapping[str, float]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    document: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A document as the rankers see it, with its truth. ``whole``: with all phrases known, as documents are read, so
    that the probability of a field can be fitted on it."""

    sample: Sample
    scene: Scene
    whole: bool

    @property
    def weight(self) -> float:
        return 1.0 if self.sample.absent else REAL_WEIGHT


class Vocabularies:
    """What labels call things, with a fifth of the phrases left to a label model that never saw them."""

    def __init__(self, folder: Path | None) -> None:
        self.whole = bundled_vocabulary()
        models = [LabelModel.from_bytes(path.read_bytes()) for path in sorted(folder.iterdir())] if folder else []
        self._parts = [
            vocabulary_of(locales(), model, {e.key for e in phrases() if fold_of(e) == fold})
            for fold, model in enumerate(models)
        ]

    def of(self, sample: Sample) -> Vocabulary:
        """The whole vocabulary for real documents and one synthetic one of ``KNOWING``, one of the others for the rest,
        by the file's name."""
        number = crc32(sample.path.name.encode())
        if not sample.absent or not self._parts or number % KNOWING == 0:
            return self.whole
        return self._parts[number % len(self._parts)]


def read(arguments: argparse.Namespace) -> list[Labelled]:
    """All documents but those of the split ``test``; with ``--render`` real PDFs also as pictures."""
    vocabularies = Vocabularies(arguments.label_models)
    default, layers = ReadingCache(arguments.cache), ReadingCache(arguments.cache, (TEXT_LAYER,), compare=False)
    found: list[Labelled] = []
    for cache, folders in ((default, arguments.datasets), (layers, arguments.layers)):
        for folder in folders:
            samples = [s for s in read_dataset(folder) if s.split != "test" and s.language not in arguments.without]
            samples = samples[: arguments.limit]
            real = [s for s in samples if s.path.suffix == ".pdf" and not s.absent]
            dpi = arguments.render
            pictures = [rendered(replace(s, family=f"{s.family} {dpi} dpi"), dpi) for s in real] if dpi else []
            for sample, reading in cache.read([*samples, *pictures]):
                pages = [FieldPage.of_reading(page) for page in reading.pages]
                vocabulary = vocabularies.of(sample)
                scene = scene_of_pages(pages, ranker=Ranker(), vocabulary=vocabulary)
                found.append(Labelled(sample, scene, vocabulary is vocabularies.whole))
            print(f"{folder.name}: {len(samples)} documents", file=sys.stderr)
    return found


def examples_of(documents: Sequence[Labelled], terms: Set[str]) -> dict[str, Examples]:
    """The candidates of every one of the terms in every document whose truth says which is right."""
    found: dict[str, Examples] = defaultdict(Examples)
    for number, document in enumerate(documents):
        for name in (term for term in TERMS if term in terms):
            names = ("seller_vat_identifier", "buyer_vat_identifier") if name == "vat_identifier" else (name,)
            candidates, facts = described(document.scene, name)
            values = [candidate.value for candidate in candidates]
            _add(found[name], number, document.sample, names, list(zip(values, facts, strict=True)))
        parties = find_parties(document.scene) if not terms.isdisjoint(PARTIES) else []
        for name in (party for party in PARTIES if party in terms):
            _add(found[name], number, document.sample, (name,), [(party.name, party.facts) for party in parties])
    return found


def _add(
    examples: Examples,
    number: int,
    sample: Sample,
    names: Sequence[str],
    ranked: Iterable[tuple[FieldValue, Mapping[str, float]]],
) -> None:
    """Nothing where the truth is silent about the term."""
    accepted = [(n, value) for n in names for value in (sample.truth.get(n), *sample.others.get(n, ())) if value]
    if not accepted and not sample.absent:
        return
    best_first = sorted(ranked, key=lambda item: -max(item[1].get(name, 0.0) for name in TELLING))
    for place, (value, facts) in enumerate(best_first):
        right = any(same(name, _unsigned(name, value), true) for name, true in accepted)
        if not right and place >= KEPT and place % THINNED:
            continue
        examples.facts.append(facts)
        examples.right.append(right)
        examples.document.append(number)
        examples.weight.append(1.0 if right or place < KEPT else float(THINNED))


def _unsigned(name: str, value: FieldValue) -> FieldValue:
    return abs(value) if name == "paid_amount" and isinstance(value, Decimal) else value


def fit_terms(examples: Mapping[str, Examples], documents: Sequence[Labelled], kept: set[int]) -> dict[str, Scorer]:
    """A scorer per term, from the candidates of the ``kept`` documents."""
    scorers = {}
    for name, own in examples.items():
        chosen = [i for i, document in enumerate(own.document) if document in kept]
        right = [own.right[i] for i in chosen]
        if sum(right) < FEWEST:
            continue
        weights = [documents[own.document[i]].weight * own.weight[i] for i in chosen]
        options = PARTY_OPTIONS if name in PARTIES else TERM_OPTIONS
        facts = [own.facts[i] for i in chosen]
        scorers[name] = Scorer(fit_forest(facts, right, weights, options), fit_logistic(facts, right, weights, options))
    return scorers


def folds_of(documents: Sequence[Labelled]) -> list[set[int]]:
    """Documents that look alike share a fold; folds of about equal size."""
    sizes = Counter(document.sample.group for document in documents)
    loads, place = [0] * FOLDS, {}
    for group, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        place[group] = loads.index(min(loads))
        loads[place[group]] += size
    return [{i for i, d in enumerate(documents) if place[d.sample.group] == fold} for fold in range(FOLDS)]


def judged(documents: Sequence[Labelled], numbers: Iterable[int], ranker: Ranker) -> Examples:
    """Every field chosen by ``ranker`` in these documents whose truth is known."""
    examples = Examples()
    for number in sorted(numbers):
        document = documents[number]
        if not document.whole:
            continue
        scene = replace(document.scene, ranker=ranker)
        chosen, rest = choose(scene)
        for item, facts in zip(chosen, facts_of(scene, chosen, rest), strict=True):
            right = judge(item.field, document.sample)
            if right is not None:
                examples.facts.append(facts)
                examples.right.append(right)
                examples.document.append(number)
    return examples


def fit_trust(examples: Examples, documents: Sequence[Labelled], folds: Sequence[set[int]]) -> tuple[Forest, Matrix]:
    """The model of all fields' probabilities, and the probabilities it gives to folds it has not seen."""
    weights = [documents[number].weight for number in examples.document]
    held_out = np.zeros(len(examples.right))  # log-odds
    for fold in folds:
        inside = [i for i, number in enumerate(examples.document) if number in fold]
        outside = [i for i, number in enumerate(examples.document) if number not in fold]
        forest = fit_forest(
            [examples.facts[i] for i in outside], [examples.right[i] for i in outside],
            [weights[i] for i in outside], TRUST_OPTIONS,
        )  # fmt: skip
        if inside:
            held_out[inside] = forest.of([examples.facts[i] for i in inside])
    slope, offset = platt(held_out, examples.right, weights)
    forest = fit_forest(examples.facts, examples.right, weights, TRUST_OPTIONS)
    scaled = replace(forest, base=forest.base * slope + offset, value=forest.value * slope)
    return scaled, 1 / (1 + np.exp(-(held_out * slope + offset)))


def familiar(documents: Sequence[Labelled]) -> float:
    """The share of known labels that all but the strangest documents have."""
    shares = [familiarity(document.scene.contexts) for document in documents if document.whole]
    return round(float(np.quantile(shares, STRANGEST)), 3)


def report(examples: Examples, held_out: Matrix, documents: Sequence[Labelled]) -> None:
    families: dict[str, list[int]] = defaultdict(list)
    for i, number in enumerate(examples.document):
        families[documents[number].sample.family].append(i)
        families["all"].append(i)
    for family, rows in families.items():
        sure, right = [float(held_out[i]) for i in rows], [examples.right[i] for i in rows]
        print(
            f"{family}: {len(rows)} fields, {100 * np.mean(right):.1f} % right, "
            f"ECE {expected_calibration_error(sure, right):.3f}, AUROC {auroc(sure, right):.3f}, "
            f"kept at 1 % risk {100 * coverage_at_risk(sure, right, 0.01):.1f} %"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders with index.jsonl")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the readings")
    parser.add_argument("--layers", type=Path, nargs="+", default=[], metavar="FOLDER",
                        help="further PDFs, of which the text layer alone is read: for the rankers only")  # fmt: skip
    parser.add_argument("--label-models", type=Path, metavar="DIR", help="those of train_labels.py --folds")
    parser.add_argument("--render", type=int, metavar="DPI", help="read real PDFs also as pictures of this resolution")
    parser.add_argument("--without", nargs="+", default=[], metavar="LANGUAGE", help="leave out its documents")
    parser.add_argument("--limit", type=int, help="only the first N documents of each folder")
    parser.add_argument("--only", nargs="+", default=[], metavar="TERM", choices=(*TERMS, *PARTIES),
                        help="fit these alone; the others and the probabilities stay as --output has them")  # fmt: skip
    parser.add_argument("--output", type=Path, default=Path(invoice_connector.fields.__file__).parent / "ranker.json")
    parser.add_argument("--fit-version", default="1", help="stored with the fit")
    arguments = parser.parse_args()
    documents = read(arguments)
    everything = set(range(len(documents)))
    if arguments.only:
        kept = Ranker.from_json(json.loads(arguments.output.read_text("utf-8")))
        fitted = fit_terms(examples_of(documents, {*arguments.only}), documents, everything)
        write(replace(kept, terms={**kept.terms, **fitted}, version=arguments.fit_version), arguments.output)
        return 0
    examples = examples_of(documents, {*TERMS, *PARTIES})
    folds = folds_of(documents)
    unseen = Examples()
    for fold in folds:
        part = judged(documents, fold, Ranker(fit_terms(examples, documents, everything - fold)))
        unseen.facts += part.facts
        unseen.right += part.right
        unseen.document += part.document
    trust, held_out = fit_trust(unseen, documents, folds)
    report(unseen, held_out, documents)
    ranker = Ranker(fit_terms(examples, documents, everything), trust, arguments.fit_version, familiar(documents))
    write(ranker, arguments.output)
    return 0


def write(ranker: Ranker, output: Path) -> None:
    output.write_text(json.dumps(ranker.to_json(), separators=(",", ":")) + "\n", "utf-8")
    print(f"{output}: {output.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    sys.exit(main())
