"""A reason is true: what it names is taken out of the text, the rest is tagged anew, and the score has fallen."""

import re

import pytest

from ascn_nlp.classify import TAGGERS, load_model
from ascn_nlp.resources import resource

SHIPPED = resource("models", "default")
FALLS = re.compile(r"model: without this (sentence|word) the score falls from (0\.\d\d|1\.00) to (0\.\d\d|1\.00)")
# Three sentences each, of which one alone speaks of a concern, in words that are mostly no terms of the taxonomy.
TEXTS = [
    "The park opened in May. Police will keep the faces of shoppers on file for ten years. Trees were planted.",
    "Rain fell on the fair. Forty families had to leave their homes for the new road and got nothing. A band played.",
    "The mayor spoke first. Without a smartphone older residents could not book a bed at the clinic. Lunch was served.",
    "Growth was strong. The money came as a credit from Beijing, to be repaid over twenty years. Exports rose.",
    "A bridge was painted. The blogger who had mocked the governor was led away in handcuffs. Traffic was light.",
]


@pytest.fixture(scope="module", params=["both", "light", "model"])
def tagger(request, taxonomy):
    return TAGGERS[request.param](taxonomy, SHIPPED)


@pytest.fixture(scope="module")
def explained(tagger, docs_of):
    """(text, tag, evidence) for each reason that says how far the score falls."""
    docs = docs_of(TEXTS)
    return [
        (doc.text, tag, evidence)
        for doc, one in zip(docs, tagger.explain(docs), strict=True)
        for tag in one.tags
        for evidence in tag.evidence
        if FALLS.fullmatch(evidence.why)
    ]


def test_there_are_sentences_and_words(explained):
    kinds = [FALLS.fullmatch(evidence.why)[1] for _, _, evidence in explained]
    assert kinds.count("sentence") >= 3
    assert kinds.count("word") >= 3


def test_the_score_falls_when_what_is_named_is_taken_out(explained, tagger, docs_of):
    for text, tag, evidence in explained:
        rest = text[: evidence.start] + text[evidence.end :]
        (one,) = tagger.tag(docs_of([rest]))
        kind, before, after = FALLS.fullmatch(evidence.why).groups()
        assert float(before) == pytest.approx(tag.score, abs=0.006)
        assert dict(one.scores)[tag.concern] < tag.score, (text, tag.concern, evidence)
        if kind == "sentence":
            assert dict(one.scores)[tag.concern] == pytest.approx(float(after), abs=0.1)  # pairs at the seam differ


def test_no_other_sentence_matters_more(explained, tagger, docs_of):
    for text, tag, evidence in explained:
        if "sentence" in evidence.why:
            least = float(FALLS.fullmatch(evidence.why)[3])
            for sentence in re.split(r"(?<=\.) ", text):
                if sentence != evidence.text:
                    (one,) = tagger.tag(docs_of([text.replace(sentence, "").strip()]))
                    assert dict(one.scores)[tag.concern] >= least - 0.06


def test_a_tag_of_the_model_alone_names_its_sentence_without_being_asked(taxonomy, docs_of):
    """Where no term of the taxonomy stands there, a reader needs to know where to look."""
    found = [
        tag
        for one in load_model(taxonomy, SHIPPED, "model").tag(docs_of(TEXTS))
        for tag in one.tags
        if any("without this sentence" in evidence.why for evidence in tag.evidence)
    ]
    assert len(found) >= 3


def test_words_come_after_their_sentence_and_lie_in_it(tagger, docs_of):
    for one in tagger.explain(docs_of(TEXTS)):
        for tag in one.tags:
            falls = [evidence for evidence in tag.evidence if FALLS.fullmatch(evidence.why)]
            if falls:
                sentence, *words = falls
                assert "sentence" in sentence.why
                assert all(sentence.start <= word.start and word.end <= sentence.end for word in words)


def test_explaining_changes_no_tag(tagger, docs_of):
    docs = docs_of(TEXTS)
    for plain, explained in zip(tagger.tag(docs), tagger.explain(docs), strict=True):
        assert plain.scores == explained.scores
        assert [(t.concern, t.stance, t.score) for t in plain.tags] == [
            (t.concern, t.stance, t.score) for t in explained.tags
        ]
