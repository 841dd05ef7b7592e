from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_nlp.extract.pdf.text import HYPHEN_AT_BREAK, Vocabulary, is_garbled, join, join_lines, read_vocabulary, repair

NOTHING = Vocabulary(Counter())


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("e\ufb03cient o\ufb00ice", "efficient office"),
        ("co\u00adoperate", "cooperate"),
        ("cafe\u0301", "café"),
        ("\uf0b7 Ferries", "• Ferries"),
        ("lamp\uf123 post", "lamp post"),
        ("a\x07b\u00a0c", "ab c"),
        ("Introduction ............... 4", "Introduction ... 4"),
        ("Introduction . . . . . . . . 4", "Introduction ... 4"),
        ("plain words", "plain words"),
    ],
)
def test_broken_characters_are_mended(broken, mended):
    assert repair(broken) == mended


@given(st.text())
def test_mending_twice_changes_nothing_more(text):
    assert repair(repair(text)) == repair(text)


@pytest.mark.parametrize(
    ("before", "after", "known", "joined"),
    [
        ("the network-", "level alarm", NOTHING, "the network-level alarm"),
        ("the net-", "work", Vocabulary(Counter(network=1)), "the network"),
        (f"the net{HYPHEN_AT_BREAK}", "work", Vocabulary(Counter(network=1)), "the network"),
        ("an on-", "going trial", Vocabulary(Counter({"ongoing": 1, "on-going": 3})), "an on-going trial"),
        ("was em-", "ployed", Vocabulary(Counter(), is_hyphenated=True), "was employed"),
        ("a time-", "table", Vocabulary(Counter(time=3, table=2), is_hyphenated=True), "a time-table"),
        ("the Da-", "Nang road", Vocabulary(Counter(danang=1)), "the Da-Nang road"),
        ("from 2018-", "2020", NOTHING, "from 2018-2020"),
        ("soft\u00ad", "ly", NOTHING, "softly"),
        ("a dash -", "and more", NOTHING, "a dash - and more"),
        ("no hyphen", "here", NOTHING, "no hyphen here"),
    ],
)
def test_lines_are_joined_with_as_little_guessing_as_the_document_allows(before, after, known, joined):
    assert join(before, after, known) == joined


def test_a_document_that_breaks_words_is_told_from_one_that_only_has_compounds():
    breaking = ["the munici-", "pality and the direc-", "tion of all build-", "ings of the municipality"]
    compounds = ["a cross-", "border road, a cross-border bridge, an office-", "holder and office-holder"]
    assert read_vocabulary(breaking).is_hyphenated
    assert not read_vocabulary(compounds).is_hyphenated


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=8))
def test_joining_lines_without_hyphens_loses_no_word(words):
    assert join_lines(words, NOTHING).split() == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(cid:12)(cid:7)(cid:44) a (cid:9)", True),
        ("\ue001\ue002\ue003 \ue004", True),
        ("An ordinary line with one \ue001 icon", False),
        ("\uf0b7 Ferries", False),
        ("", False),
    ],
)
def test_text_is_garbled_when_too_many_characters_name_no_letter(text, expected):
    assert is_garbled(text) is expected


def test_a_compound_keeps_its_hyphen_even_where_words_are_broken_as_a_rule():
    known = Vocabulary(Counter(), is_hyphenated=True)
    assert join_lines(["a long-", "term plan"], known) == "a long-term plan"
    assert join_lines(["the govern-", "ment plans"], known) == "the government plans"
