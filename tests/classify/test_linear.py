"""The linear tagger's numbers are scikit-learn's own, though it is scored without it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from ascn_nlp import training
from ascn_nlp.annotate import annotate
from ascn_nlp.classify.linear import LinearTagger, together
from ascn_nlp.classify.rules import RulesTagger

# Words of three letters or more, of which our pieces and those of scikit-learn's char_wb are counted alike.
NEW_TEXTS = [
    "Footage from the market was watched with drones.",
    "Families fear harm; homes near the hill were demolished and the land was sold.",
    "The bridge opened before the morning rain.",
    "Cameras, cameras, cameras. The law counts the evicted.",
]


def words_of(doc):
    return [token for token in doc if any(map(str.isalpha, token.text))]


def words_and_pairs(doc):
    stems = [token.norm_ for token in words_of(doc)]
    return [*stems, *map(" ".join, pairwise(stems))]


def plain_words(doc):
    return " ".join(token.text.lower() for token in words_of(doc))


@pytest.fixture(scope="module")
def by_sklearn(made, taxonomy, nlp, docs_of, trained):
    """``by_sklearn(docs)`` are decision values of scikit-learn's own pipeline, fitted to the same passages."""
    labelled = made.make()
    docs = list(annotate(nlp, [one.passage for one in labelled]))
    blocks = [
        TfidfVectorizer(analyzer=words_and_pairs, sublinear_tf=True, min_df=training.LEAST_WORDS).fit(docs),
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), preprocessor=plain_words, sublinear_tf=True,
            min_df=training.LEAST_PIECES,
        ).fit(docs),
    ]  # fmt: skip
    features = hstack([block.transform(docs) for block in blocks]).tocsr()
    models = [
        LogisticRegression(
            C=training.STRENGTH, class_weight="balanced", solver="liblinear", dual=True, random_state=0, tol=1e-6,
            max_iter=5000,
        ).fit(features, [concern in dict(one.tags) for one in labelled])
        for concern in trained.concerns
    ]  # fmt: skip

    def values(docs):
        rows = hstack([block.transform(docs) for block in blocks]).tocsr()
        return np.array([model.decision_function(rows) for model in models]).T

    return values


def scores_of(tagger, docs, concerns):
    return np.array([[dict(one.scores)[concern] for concern in concerns] for one in tagger.tag(docs)])


def test_scores_are_the_calibrated_decision_values_of_scikit_learn(trained, taxonomy, docs_of, by_sklearn):
    docs = docs_of(NEW_TEXTS)
    values = by_sklearn(docs)
    slopes, shifts = trained.calibration.T
    expected = 1 / (1 + np.exp(-(slopes * values + shifts)))
    found = scores_of(LinearTagger(trained, taxonomy, is_with_rules=False), docs, trained.concerns)
    np.testing.assert_allclose(found, expected, atol=2e-3)
    assert np.ptp(found, axis=0).min() > 0.2, "texts that all score alike would show nothing"


def test_with_the_rules_the_score_is_that_of_two_witnesses(trained, taxonomy, docs_of):
    docs = docs_of(NEW_TEXTS)
    model, both, rules = (
        scores_of(tagger, docs, trained.concerns)
        for tagger in (LinearTagger(trained, taxonomy, False), LinearTagger(trained, taxonomy, True),
                       RulesTagger(taxonomy))
    )  # fmt: skip
    np.testing.assert_allclose(both, 1 - (1 - model) * (1 - 0.8 * rules), atol=2e-4)
    assert (rules > 0).any()
    np.testing.assert_array_equal(together(model, 0 * rules), 1 - (1 - model))


def test_the_model_cannot_silence_the_rules(trained, taxonomy, docs_of):
    (doc,) = docs_of(["The spyware was paid for by the river market."])
    (by_model,) = LinearTagger(trained, taxonomy, is_with_rules=False).tag([doc])
    (by_both,) = LinearTagger(trained, taxonomy, is_with_rules=True).tag([doc])
    assert dict(by_model.scores)["surveillance"] < 0.5
    assert "surveillance" in {tag.concern for tag in by_both.tags}


def test_the_stance_is_learned_from_the_words(trained, taxonomy, docs_of):
    tagger = LinearTagger(trained, taxonomy, is_with_rules=True)
    texts = {
        "raised": "Fear and harm: the camera footage of the market was watched.",
        "addressed": "Law and remedy: the camera footage of the market was watched.",
        "described": "Count of what opened: the camera footage of the market was watched.",
    }
    for stance, one in zip(texts, tagger.tag(docs_of(texts.values())), strict=True):
        assert {tag.concern: tag.stance for tag in one.tags}["surveillance"] == stance


@pytest.mark.parametrize(("above", "expected"), [(0.2, False), (0.05, True), (-0.01, None)])
def test_a_score_just_above_the_threshold_is_marked_as_unsure(trained, taxonomy, docs_of, above, expected):
    docs = docs_of(NEW_TEXTS[:1])
    (score,), *_ = scores_of(LinearTagger(trained, taxonomy, is_with_rules=False), docs, ["surveillance"])
    moved = replace(trained, thresholds={"model": score - above, "both": 0.5})
    (one,) = LinearTagger(moved, taxonomy, is_with_rules=False).tag(docs)
    assert {tag.concern: tag.is_unsure for tag in one.tags}.get("surveillance") == expected
