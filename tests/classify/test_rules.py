import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.annotate import annotate, build_pipeline
from ascn_nlp.classify.rules import THRESHOLD, RulesTagger
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.records import Passage
from ascn_nlp.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
EXAMPLES = [(concern.id, example) for concern in TAXONOMY.concerns for example in concern.examples]
COUNTEREXAMPLES = [(concern.id, text) for concern in TAXONOMY.concerns for text in concern.counterexamples]


@pytest.fixture(scope="module")
def tag():
    nlp, tagger = build_pipeline(TAXONOMY, load_gazetteer()), RulesTagger(TAXONOMY)

    def tag_texts(*texts, heading=()):
        passages = [
            Passage(f"p{n}", f"d{n}", 0, "paragraph", 0, len(text), text, heading) for n, text in enumerate(texts)
        ]
        return list(tagger.tag(annotate(nlp, passages)))

    return tag_texts


def stances(result):
    return {tag.concern: tag.stance for tag in result.tags}


@pytest.mark.parametrize(("concern", "example"), EXAMPLES)
def test_the_taxonomys_examples_are_found_with_their_stance(tag, concern, example):
    assert stances(tag(example.text)[0]).get(concern) == example.stance


@pytest.mark.parametrize(("concern", "text"), COUNTEREXAMPLES)
def test_the_taxonomys_counterexamples_are_not_found(tag, concern, text):
    assert concern not in stances(tag(text)[0])


def test_one_strong_term_is_enough_and_one_weak_term_is_not(tag):
    strong, weak, two_weak = tag("Spyware!", "A drone.", "A drone and a fingerprint.")
    assert [dict(result.scores)["surveillance"] for result in (strong, weak, two_weak)] == pytest.approx(
        [0.75, 0.35, 1 - 0.65**2]
    )
    assert ["surveillance" in stances(result) for result in (strong, weak, two_weak)] == [True, False, True]


def test_a_term_said_twice_counts_once(tag):
    once, twice = tag("A drone.", "A drone saw a drone.")
    assert dict(once.scores)["surveillance"] == dict(twice.scores)["surveillance"]


def test_a_heading_tips_the_balance_but_is_not_enough(tag):
    text = "A drone flew over."
    assert "surveillance" in stances(tag(text, heading=("Surveillance",))[0])
    assert "surveillance" not in stances(tag("It flew over.", heading=("Surveillance",))[0])


def test_a_term_in_heading_and_text_is_one_reason(tag):
    (twice,) = tag("A drone flew over.", heading=("Drones",))
    assert dict(twice.scores)["surveillance"] == pytest.approx(0.35)


def test_evidence_says_where_and_why(tag):
    text = "They met migrants who were turned away."
    (found,) = [tag for tag in tag(text)[0].tags if tag.concern == "exclusion"]
    assert all(text[e.start : e.end] == e.text for e in found.evidence)
    assert "pair: migrants + turned away" in {e.why for e in found.evidence}


def test_a_concern_that_is_added_is_tagged_at_once():
    new = dataclasses.replace(TAXONOMY.concerns[0], id="heritage", terms=("shophouse",), weak_terms=(), pairs=())
    taxonomy = dataclasses.replace(TAXONOMY, concerns=(*TAXONOMY.concerns, new), digest="other")
    tagger = RulesTagger(taxonomy)
    passage = Passage("p", "d", 0, "paragraph", 0, 21, "Shophouses were lost.")
    (result,) = tagger.tag(annotate(build_pipeline(taxonomy, load_gazetteer()), [passage]))
    assert "heritage" in stances(result)
    assert tagger.id == "rules-other" != RulesTagger(TAXONOMY).id


def test_features_have_their_names_and_hold_the_scores(tag):
    nlp, tagger = build_pipeline(TAXONOMY, load_gazetteer()), RulesTagger(TAXONOMY)
    (doc,) = annotate(nlp, [Passage("p", "d", 0, "paragraph", 0, 8, "Spyware!")])
    features = dict(zip(tagger.feature_names, tagger.features(doc), strict=True))
    assert len(features) == len(tagger.feature_names) == 5 * len(TAXONOMY.concerns)
    assert features["surveillance.score"] == 0.75
    assert features["displacement.score"] == 0


_WORDS = st.sampled_from(
    ["evicted", "spyware", "migrants", "excluded", ".", "PDPA", "no", "law", "protect", "critics say", "loan", "Japan"]
)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.lists(_WORDS, max_size=12).map(" ".join), max_size=4))
def test_the_tagger_keeps_its_contract(tag, texts):
    ids = [concern.id for concern in TAXONOMY.concerns]
    results = tag(*texts)
    assert len(results) == len(texts)
    for text, result in zip(texts, results, strict=True):
        assert [concern for concern, _ in result.scores] == ids
        assert {t.concern for t in result.tags} == {c for c, score in result.scores if score >= THRESHOLD}
        assert all(tag.evidence for tag in result.tags)
        assert result.tags == tag(text)[0].tags
