import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_nlp.terms import parse_term, stemmer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("evicted", "evictions"), ("digitalisation", "digitalization"), ("organised", "organizes"),
        ("labour", "labor"), ("centres", "center"), ("women", "woman"), ("Children", "child"), ("leaked", "leaks"),
    ],
)  # fmt: skip
def test_inflections_and_spellings_of_a_word_have_one_stem(one, other):
    assert stemmer()(one) == stemmer()(other)


@pytest.mark.parametrize(("source", "mode"), [
    ("data breach", "stem"), ("PDPA", "acronym"), ("ISO 27001", "acronym"),
    ("=transparency", "form"), ("e-KTP", "stem"),
])  # fmt: skip
def test_the_spelling_of_a_term_says_how_it_is_compared(source, mode):
    assert parse_term(source).mode == mode


@pytest.mark.parametrize("source", ["", "  ", "evict*", "land  grab", " land", "-", "?", "a\nb", "a " * 9 + "b"])
def test_a_term_that_cannot_match_is_refused(source):
    with pytest.raises(ValueError, match=r"cannot match|longer than"):
        parse_term(source)


def test_a_space_and_a_hyphen_stand_for_each_other():
    assert {"top-down", "top down"} == set(parse_term("top-down").variants) == set(parse_term("top down").variants)


def test_an_acronym_may_have_a_plural():
    assert parse_term("PWD").variants == ("PWD", "PWDs")


def test_terms_that_match_the_same_words_have_one_key():
    assert parse_term("land grab").key == parse_term("land-grabbing").key != parse_term("=land grab").key


@given(st.text())
def test_any_text_is_parsed_or_refused(source):
    try:
        assert parse_term(source).variants
    except ValueError as error:
        assert str(error)
