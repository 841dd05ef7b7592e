from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from ascn_nlp.annotate import annotate, build_pipeline
from ascn_nlp.classify.features import (
    Featurizer,
    choose_vocabulary,
    inverse_document_frequency,
    piece_features,
)
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.records import Passage

# Words with endings that stems lose, capitals, accents, hyphens, figures inside, an apostrophe, another script.
_WORDS = st.sampled_from(
    ["Cameras", "camera", "watching", "watched", "évictions", "Hanoi", "low-income", "PDPA", "5G-ready", "don't",
     "organisation", "organization", "U.S.-backed", "สมาร์ท", "Straße", "children", "children's"]
) | st.text("abcdeé", min_size=3, max_size=8)  # fmt: skip
_GAPS = st.sampled_from([" ", ", ", ". ", " 2021 ", " - ", "\n", " (", "; ", " $ "])
_TEXTS = st.lists(
    st.lists(st.tuples(_WORDS, _GAPS), max_size=15).map(lambda pairs: "".join(word + gap for word, gap in pairs)),
    min_size=1,
    max_size=6,
)


def fitted(docs, least_words=1, least_pieces=1):
    """A Featurizer that knows these Docs, and its vocabulary."""
    vocabulary = choose_vocabulary(docs, least_words, least_pieces)
    counted = [Featurizer(vocabulary).vector(doc) for doc in docs]
    return Featurizer(vocabulary, inverse_document_frequency(counted, len(vocabulary))), vocabulary


def as_rows(vectors, size):
    rows = np.zeros((len(vectors), size))
    for row, vector in zip(rows, vectors, strict=True):
        row[vector.ids] = vector.values
    return rows


def words_of(doc):
    return [token for token in doc if any(character.isalpha() for character in token.text)]


def stems_and_pairs(doc):
    stems = [token.norm_ for token in words_of(doc)]
    return [*stems, *(f"{first} {second}" for first, second in pairwise(stems))]


def long_words(doc):
    return " ".join(token.text for token in words_of(doc))


def sklearn_rows(vectoriser, contents, names):
    """What scikit-learn makes of ``contents``, its columns in the order of ``names``."""
    try:
        rows = vectoriser.fit_transform(contents).toarray()
    except ValueError as error:  # its word for texts without a single feature
        assert "empty vocabulary" in str(error)
        assert not names
        return np.zeros((len(contents), 0))
    assert sorted(vectoriser.vocabulary_) == sorted(names)
    return rows[:, [vectoriser.vocabulary_[name] for name in names]]


def has_short_words(docs):
    return any(len(token) < 3 for doc in docs for token in words_of(doc))


@settings(max_examples=60, deadline=None)
@given(texts=_TEXTS)
def test_vectors_are_those_of_scikit_learns_tfidf(docs_of, texts):
    docs = docs_of(texts)
    featurizer, vocabulary = fitted(docs)
    rows = as_rows([featurizer.vector(doc) for doc in docs], len(vocabulary))
    words = [name for name in vocabulary if not name.startswith("#")]
    assert list(vocabulary[: len(words)]) == words, "words and pairs come first"
    by_words = TfidfVectorizer(analyzer=stems_and_pairs, sublinear_tf=True)
    np.testing.assert_allclose(rows[:, : len(words)], sklearn_rows(by_words, docs, words), atol=1e-5)
    if not has_short_words(docs):
        pieces = [name.removeprefix("#") for name in vocabulary[len(words) :]]
        by_pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
        expected = sklearn_rows(by_pieces, [long_words(doc) for doc in docs], pieces)
        np.testing.assert_allclose(rows[:, len(words) :], expected, atol=1e-5)


@settings(deadline=None)
@given(word=st.text("abcÉßx-'9", min_size=1, max_size=12).filter(lambda word: word.strip("-'9")))
def test_the_pieces_of_a_word_are_those_of_scikit_learn(word):
    expected = CountVectorizer(analyzer="char_wb", ngram_range=(3, 5)).build_analyzer()(word)
    assert {name.removeprefix("#") for name in piece_features(word)} == set(expected)


@settings(max_examples=40, deadline=None)
@given(texts=_TEXTS)
def test_each_block_has_length_one_or_is_empty(docs_of, texts):
    docs = docs_of(texts)
    featurizer, vocabulary = fitted(docs)
    first_piece = sum(not name.startswith("#") for name in vocabulary)
    for doc in docs:
        vector = featurizer.vector(doc)
        assert (np.diff(vector.ids) > 0).all()
        for block in (vector.values[vector.ids < first_piece], vector.values[vector.ids >= first_piece]):
            assert not len(block) or np.linalg.norm(block) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["", "   ", "...", "12,5 % - 2021!", "\n"])
def test_a_text_without_words_has_no_features(docs_of, text):
    featurizer, _ = fitted(docs_of(["Cameras watch the market.", "A bridge."]))
    vector = featurizer.vector(docs_of([text])[0])
    assert len(vector.ids) == len(vector.values) == 0


def test_words_it_never_saw_are_left_out(docs_of):
    featurizer, vocabulary = fitted(docs_of(["Cameras watch the market."]))
    vector = featurizer.vector(docs_of(["Zzyzx cameras"])[0])
    assert {vocabulary[n] for n in vector.ids.tolist() if not vocabulary[n].startswith("#")} == {"camera"}


@settings(max_examples=40, deadline=None)
@given(texts=_TEXTS, order=st.randoms(use_true_random=False))
def test_what_it_read_before_changes_no_vector(docs_of, texts, order):
    docs = docs_of(texts)
    featurizer, vocabulary = fitted(docs)
    fresh = {id(doc): Featurizer(vocabulary, featurizer.idf).vector(doc) for doc in docs}
    again = [*docs, *docs]
    order.shuffle(again)
    for doc in again:
        vector = featurizer.vector(doc)
        assert vector.ids.tolist() == fresh[id(doc)].ids.tolist()
        assert vector.values.tolist() == fresh[id(doc)].values.tolist()


def test_docs_of_another_pipeline_get_the_same_vectors(docs_of, taxonomy):
    text = "Cameras watched the évictions in Hanoi."
    (doc,) = docs_of([text])
    featurizer, _ = fitted([doc])
    passage = Passage("p", "d", 0, "paragraph", 0, len(text), text)
    (other,) = annotate(build_pipeline(taxonomy, load_gazetteer()), [passage])
    assert featurizer.vector(other).values.tolist() == featurizer.vector(doc).values.tolist()


@settings(max_examples=30, deadline=None)
@given(texts=_TEXTS)
def test_the_vocabulary_does_not_depend_on_the_order_of_the_docs(docs_of, texts):
    docs = docs_of(texts)
    assert choose_vocabulary(docs, 1, 1) == choose_vocabulary(docs[::-1], 1, 1)


def test_rare_features_are_left_out_and_counted_once_a_passage(docs_of):
    docs = docs_of(["camera camera camera", "bridge", "bridges"])
    assert [name for name in choose_vocabulary(docs, 2, 9) if not name.startswith("#")] == ["bridg"]
    pieces = choose_vocabulary(docs, 9, 2)
    assert "#bri" in pieces
    assert "#cam" not in pieces
