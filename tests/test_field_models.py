"""Fitted rankers: stored as plain numbers, evaluated as trees, and honest about what they were not given."""

from __future__ import annotations

import json

import numpy as np
import pytest
from field_pages import RECEIPT, SWEDISH, line

from invoice_connector.fields import FieldPage, extract
from invoice_connector.fields.extract import choose, scene_of_pages
from invoice_connector.fields.features import FEATURE_NAMES
from invoice_connector.fields.model import Forest, Logistic, Ranker, Scorer, bundled_ranker
from invoice_connector.fields.parties import PARTY_FACTS
from invoice_connector.fields.terms import TERMS
from invoice_connector.fields.trust import INPUTS, facts_of
from invoice_connector.invoice import FIELD_NAMES
from ocr_ensemble.reading import FieldReading

STUMP = {"inputs": ["a", "b"], "base": 0.5, "trees": [[[1, 2.0, 1, 2], [-1.0], [0, 0.0, 3, 4], [1.0], [3.0]]]}


@pytest.mark.parametrize(
    ("facts", "log_odds"),
    [({"b": 2.0}, -0.5), ({"b": 2.1}, 1.5), ({"a": 0.1, "b": 3.0}, 3.5), ({}, -0.5)],
)
def test_a_row_takes_its_branch(facts: dict[str, float], log_odds: float) -> None:
    assert Forest.from_json(STUMP).of([facts]).tolist() == [log_odds]


def test_a_forest_survives_its_file() -> None:
    forest = Forest.from_json(STUMP)
    again = Forest.from_json(json.loads(json.dumps(forest.to_json())))
    rows = np.random.default_rng(0).normal(size=(50, 2)) * 3
    assert forest.log_odds(rows).tolist() == again.log_odds(rows).tolist()


def test_exported_trees_say_what_scikit_learn_says() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    from scripts.training.field_models import exported

    rng = np.random.default_rng(1)
    rows = rng.normal(size=(400, 3))
    right = (rows[:, 0] * rows[:, 1] + 0.3 * rng.normal(size=400)) > 0
    model = HistGradientBoostingClassifier(max_iter=12, max_leaf_nodes=6, early_stopping=False).fit(rows, right)
    forest = exported(model, ("a", "b", "c"))
    stored = Forest.from_json(json.loads(json.dumps(forest.to_json())))
    assert stored.log_odds(rows) == pytest.approx(model.decision_function(rows), abs=1e-3)


def test_a_logistic_regression_says_what_scikit_learn_says_and_survives_its_file() -> None:
    from sklearn.linear_model import LogisticRegression

    from scripts.training.field_models import RIDGE, Options, fit_logistic

    rng = np.random.default_rng(2)
    rows = rng.normal(3.0, 2.0, size=(300, 2)).clip(0.0, 6.0)
    right = (rows[:, 0] > 3.0).tolist()
    facts = [{"a": a, "b": b} for a, b in rows.tolist()]
    fitted = fit_logistic(facts, right, [1.0] * len(facts), Options(("a", "b"), 1, 2, {}))
    stored = Logistic.from_json(json.loads(json.dumps(fitted.to_json())))
    standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    whole = LogisticRegression(C=1 / RIDGE, max_iter=300).fit(standard, right)
    assert stored.of(facts) == pytest.approx(whole.decision_function(standard), abs=1e-4)


def test_a_score_is_the_mean_of_trees_and_line_and_the_line_goes_on_beyond_what_trees_saw() -> None:
    line = Logistic(("a",), 0.0, np.zeros(1), np.ones(1), np.array([2.0]))
    scorer = Scorer(Forest.from_json(STUMP), line)
    facts = [{"a": -1.0, "b": 3.0}, {"a": 4.0, "b": 3.0}, {"a": 90.0, "b": 3.0}]
    trees = scorer.trees.of(facts)
    assert scorer.of(facts).tolist() == [(t + x) / 2 for t, x in zip(trees, [-2.0, 8.0, 10.0], strict=True)]
    assert Scorer.from_json(json.loads(json.dumps(scorer.to_json()))).of(facts).tolist() == scorer.of(facts).tolist()


def test_every_term_has_a_fitted_scorer_that_knows_its_inputs() -> None:
    ranker = bundled_ranker()
    assert ranker.terms.keys() == {*TERMS, "seller_name", "buyer_name"}
    for name, scorer in ranker.terms.items():
        known = PARTY_FACTS if name.endswith("_name") else FEATURE_NAMES
        assert set(scorer.trees.inputs) == set(scorer.line.inputs) == set(known)
    assert Ranker().scores("issue_date", [{}, {}]) == [0.0, 0.0]


def test_the_bundled_models_know_their_inputs() -> None:
    ranker = bundled_ranker()
    assert ranker.trust is not None
    assert set(ranker.trust.inputs) == set(INPUTS)


@pytest.mark.parametrize("page", [SWEDISH, RECEIPT])
def test_every_chosen_field_has_facts_and_a_probability(page: FieldPage) -> None:
    scene = scene_of_pages([page])
    chosen, rest = choose(scene)
    for facts in facts_of(scene, chosen, rest):
        assert facts.keys() <= set(INPUTS)
    for field in extract([page]).fields.values():
        assert field.name in FIELD_NAMES
        assert field.confidence is not None and 0.0 < field.confidence < 1.0


def test_a_document_model_that_agrees_raises_the_probability() -> None:
    lines = (line(60, 100, "Invoice date: 23/04/2024"), line(60, 150, "Total 12.00"))

    def sure(text: str | None, confidence: float = 0.98) -> float:
        named = () if text is None else (FieldReading("donut", "issue_date", text, 1, confidence),)
        field = extract([FieldPage(1, 1000, 1400, lines, named=named)]).fields["issue_date"]
        assert field.confidence is not None
        return field.confidence

    assert sure("24 April 2024") < sure(None) < sure("23.04.2024")
    assert sure("24 April 2024", 0.6) == sure(None) == sure("23.04.2024", 0.6)
