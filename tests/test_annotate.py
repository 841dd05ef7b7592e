import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.annotate import annotate, build_pipeline, mentions
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.records import Mention, Passage
from ascn_nlp.taxonomy import load_taxonomy


@pytest.fixture(scope="module")
def nlp():
    return build_pipeline(load_taxonomy(), load_gazetteer())


def read(nlp, text, *heading, context=""):
    return next(annotate(nlp, [Passage("p", "d", 0, "paragraph", 0, len(text), text, heading, context)]))


def reasons(doc, concern):
    return [span.kb_id_ for span in doc.spans["concerns"] if span.label_ == concern]


@pytest.mark.parametrize("text", [
    "They were evicted.", "EVICTIONS went on.", "An eviction is planned.", "Nobody evicts them, don't worry.",
])  # fmt: skip
def test_a_term_matches_its_inflections_in_any_capitals(nlp, text):
    assert reasons(read(nlp, text), "displacement") == ["term: eviction"]


@pytest.mark.parametrize(("text", "is_found"), [
    ("The NIK was copied.", True), ("A man called Nik.", False), ("Both LGBTs and others", True), ("lgbt", False),
])  # fmt: skip
def test_an_acronym_matches_as_written(nlp, text, is_found):
    doc = read(nlp, text)
    assert bool(doc.spans["concerns"]) is is_found


@pytest.mark.parametrize(("text", "is_found"), [
    ("They ask for accountability.", True), ("They opened an account.", False), ("This accounts for half.", False),
])  # fmt: skip
def test_a_term_with_an_equals_sign_matches_this_form_only(nlp, text, is_found):
    assert bool(reasons(read(nlp, text), "accountability")) is is_found


@pytest.mark.parametrize("text", ["a top-down plan", "a top down plan", "Top-Down"])
def test_hyphens_and_spaces_are_the_same(nlp, text):
    assert reasons(read(nlp, text), "participation") == ["term: top-down"]


@pytest.mark.parametrize("text", ["an id card", "an ID card", "an Id card"])
def test_the_tokenizers_exceptions_do_not_break_words(nlp, text):
    assert [token.lower_ for token in read(nlp, text)] == ["an", "id", "card"]


@pytest.mark.parametrize(("text", "concern"), [
    ("The Ministry of Public Security moved.", "surveillance"),
    ("The minister gave a press conference.", "civil_liberties"),
    ("A flood monitoring camera was hung under the bridge.", "surveillance"),
    ("They met at the food court.", "accountability"),
    ("The National Commission on Corruption and Ethics has a new roof.", "accountability"),
    ("The Housing and Privacy Department has a new roof.", "data_protection"),
])  # fmt: skip
def test_a_negative_term_or_an_organisations_name_cancels_what_it_holds(nlp, text, concern):
    assert reasons(read(nlp, text), concern) == []


def test_a_term_beside_a_name_still_counts(nlp):
    assert reasons(read(nlp, "The Anti-Graft Office fights corruption."), "accountability") == ["term: corruption"]


def test_a_pair_counts_within_a_sentence(nlp):
    doc = read(nlp, "Migrants were turned away.")
    assert "pair: migrants + turned away" in reasons(doc, "exclusion")
    spans = [span.text for span in doc.spans["concerns"] if span.kb_id_.startswith("pair")]
    assert spans == ["Migrants", "turned away"]


def test_a_pair_does_not_count_across_sentences(nlp):
    doc = read(nlp, "Migrants came by boat. The boat was turned away.")
    assert not [why for why in reasons(doc, "exclusion") if why.startswith("pair")]


def test_of_overlapping_terms_only_the_strongest_and_longest_counts(nlp):
    assert reasons(read(nlp, "A data breach notice"), "data_protection") == ["term: data breach"]


def test_a_heading_gives_weak_evidence_without_offsets(nlp):
    doc = read(nlp, "They left on Monday.", "Evictions")
    assert [(s.start_char, s.end_char, s.kb_id_) for s in doc.spans["concerns"]] == [(0, 0, "heading: eviction")]


def test_a_column_header_is_context_too(nlp):
    assert reasons(read(nlp, "Ward 3 | 40", context="Ward | Evictions"), "displacement") == ["heading: eviction"]


def test_mentions_are_the_gazetteers_names_in_the_order_of_the_text(nlp):
    text = "In Danang the ADB and Huawei met Filipino officials of UNDP."
    assert mentions(read(nlp, text)) == (
        Mention("city", "Da Nang", 3, 9),
        Mention("funder", "Asian Development Bank", 14, 17),
        Mention("vendor", "Huawei", 22, 28),
        Mention("country", "Philippines", 33, 41),
        Mention("institution", "UNDP", 55, 59),
    )


def test_cues_carry_their_stance_and_the_concern_they_are_for(nlp):
    doc = read(nlp, "Critics say it may fail, but a ban was enacted.")
    labels = {(span.text, span.label_) for span in doc.spans["cues"]}
    assert {("Critics say", "reported"), ("fail", "raised"), ("ban", "addressed"), ("enacted", "addressed")} <= labels


def test_docs_come_in_order_and_know_their_passage(nlp):
    passages = [Passage(f"p{n}", f"d{n // 2}", n, "paragraph", 0, 1, "x") for n in range(5)]
    assert [doc._.passage_id for doc in annotate(nlp, passages)] == ["p0", "p1", "p2", "p3", "p4"]


def test_an_empty_passage_is_read(nlp):
    assert not read(nlp, "").spans["concerns"]


def test_two_pipelines_do_not_disturb_each_other(nlp):
    build_pipeline(load_taxonomy(), load_gazetteer())
    assert reasons(read(nlp, "They were evicted."), "displacement")


_WORDS = st.sampled_from(
    ["evicted", "Jakarta", "said", "migrants", "excluded", ".", "PDPA", "-", "\n", "no", "Ministry", "of", "id", "é"]
)


@settings(max_examples=60, deadline=None)
@given(text=st.lists(_WORDS).map(" ".join) | st.text())
def test_every_span_lies_in_the_text(nlp, text):
    doc = read(nlp, text)
    assert doc.text == text
    for spans in doc.spans.values():
        for span in spans:
            assert text[span.start_char : span.end_char] == span.text
            assert span.label_


@pytest.mark.parametrize("sign", ["(", "_", "=", "&"])
def test_a_long_row_of_signs_neither_takes_for_ever_nor_moves_what_stands_behind_it(nlp, sign):
    text = f"In Hanoi {sign * 200_000} they were evicted."
    doc = read(nlp, text)
    assert len(doc.text) == len(text) and len(doc) < 20
    (span,) = [span for span in doc.spans["concerns"] if span.label_ == "displacement"]
    assert text[span.start_char : span.end_char] == "evicted"
