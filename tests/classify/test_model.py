"""The model's numbers by words are scikit-learn's own, though it is scored without it; the mix is what it says."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from ascn_nlp.annotate import annotate
from ascn_nlp.classify.model import RULES_SHARE, ModelTagger
from ascn_nlp.classify.rules import RulesTagger
from ascn_nlp.training.data import LEAST_PIECES, LEAST_WORDS
from ascn_nlp.training.words import STRENGTH
from ascn_nlp.weights import KINDS

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
        TfidfVectorizer(analyzer=words_and_pairs, sublinear_tf=True, min_df=LEAST_WORDS).fit(docs),
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), preprocessor=plain_words, sublinear_tf=True,
            min_df=LEAST_PIECES,
        ).fit(docs),
    ]  # fmt: skip
    features = hstack([block.transform(docs) for block in blocks]).tocsr()
    models = [
        LogisticRegression(
            C=STRENGTH, class_weight="balanced", solver="liblinear", dual=True, random_state=0, tol=1e-6,
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


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_scikit_learns_decision_values_and_of_the_rules(
    trained, taxonomy, docs_of, by_sklearn, kind
):
    docs = docs_of(NEW_TEXTS)
    rules = scores_of(RulesTagger(taxonomy), docs, trained.concerns)
    of_words, of_encoder, shift = trained.mix[KINDS.index(kind)].T
    by_model = 1 / (1 + np.exp(-(of_words * by_sklearn(docs) + shift)))
    expected = by_model if kind == "model" else 1 - (1 - by_model) * (1 - RULES_SHARE * rules)
    found = scores_of(ModelTagger(trained, taxonomy, kind), docs, trained.concerns)
    # The slopes of the mix are steep: they magnify what the solver leaves open.
    np.testing.assert_allclose(found, expected, atol=2e-2)
    assert not of_encoder.any(), "these weights have no encoder"
    assert np.ptp(found, axis=0).min() > 0.2, "texts that all score alike would show nothing"


def test_the_model_cannot_silence_the_rules(trained, taxonomy, docs_of):
    (doc,) = docs_of(["The spyware was paid for by the river market."])
    (by_model,) = ModelTagger(trained, taxonomy, "model").tag([doc])
    (by_both,) = ModelTagger(trained, taxonomy, "both").tag([doc])
    assert dict(by_model.scores)["surveillance"] < 0.5
    assert "surveillance" in {tag.concern for tag in by_both.tags}


def test_the_stance_is_learned_from_the_words(trained, taxonomy, docs_of):
    tagger = ModelTagger(trained, taxonomy, "both")
    texts = {
        "raised": "Fear and harm: the camera footage of the market was watched.",
        "addressed": "Law and remedy: the camera footage of the market was watched.",
        "described": "Count of what opened: the camera footage of the market was watched.",
    }
    for stance, one in zip(texts, tagger.tag(docs_of(texts.values())), strict=True):
        assert {tag.concern: tag.stance for tag in one.tags}["surveillance"] == stance


@pytest.mark.parametrize(("least", "sure", "expected"), [(0.2, 0.1, False), (0.05, -0.01, True), (-0.01, -0.02, None)])
def test_a_tag_that_is_not_sure_is_marked(trained, taxonomy, docs_of, least, sure, expected):
    docs = docs_of(NEW_TEXTS[:1])
    (score,), *_ = scores_of(ModelTagger(trained, taxonomy, "model"), docs, ["surveillance"])
    moved = replace(trained, thresholds={**trained.thresholds, "model": score - least, "sure": score - sure})
    (one,) = ModelTagger(moved, taxonomy, "model").tag(docs)
    assert {tag.concern: tag.is_unsure for tag in one.tags}.get("surveillance") == expected


def test_a_theme_is_a_lead_where_none_of_its_concerns_is_likely_enough(trained, taxonomy, docs_of):
    docs = docs_of(["The footage was of the market."])
    (score,), *_ = scores_of(ModelTagger(trained, taxonomy, "model"), docs, ["surveillance"])
    for threshold, theme, expected in ((1.0, score - 0.01, True), (1.0, 1.1, False),
                                       (score - 0.01, score - 0.01, False)):  # fmt: skip
        moved = replace(trained, thresholds={**trained.thresholds, "model": threshold, "theme": theme})
        (one,) = ModelTagger(moved, taxonomy, "model").tag(docs)
        assert ("security" in {lead.theme for lead in one.leads}) == expected
        assert not {lead.theme for lead in one.leads} & {taxonomy.concern(tag.concern).theme for tag in one.tags}
