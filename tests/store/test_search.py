from __future__ import annotations

import pytest

from ascn_nlp.filters import Filters
from ascn_nlp.store.passages import save_passages, search


@pytest.fixture
def library(corpus):
    corpus.add(
        "Facial recognition cameras watch the night market",
        "The market was quiet and no camera was seen; recognition came late to the facial artist",
        "e-KTP cards are needed. Vendors' 5G masts stand at Rua d'Além",
        "cameras cameras cameras",
        "ระบบกล้องวงจรปิด",
    )
    corpus.add("Cameras of another country", address="b.pdf", country="TH", published="2019")
    return corpus


def texts(corpus, words: str, limit: int = 10, **filters) -> list[str]:
    with corpus.store.reading() as connection:
        return [row["text"][:12] for row in search(connection, words, Filters(**filters), limit)]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("night", {"Facial recog"}),
        ("NIGHT Market", {"Facial recog"}),
        ("recognition facial", {"Facial recog", "The market w"}),
        ('"facial recognition"', {"Facial recog"}),
        ('"recognition facial"', set()),
        ('market "facial recognition"', {"Facial recog"}),
        ("night absent", set()),
        ("e-KTP", {"e-KTP cards "}),
        ("KTP", {"e-KTP cards "}),
        ("5g", {"e-KTP cards "}),
        ("กล้องวงจรปิด", set()),  # a Thai phrase is one word to both; only the whole of it is found
        ("ระบบกล้องวงจรปิด", {"ระบบกล้องวงจ"}),
    ],
)
def test_all_words_must_be_there_and_phrases_as_they_stand(library, words, wanted):
    assert set(texts(library, words)) == wanted


@pytest.mark.parametrize(
    "words",
    [
        *("night -market", "market OR absent", "NOT night", "night*", "text:night", "^night", "NEAR(night market)"),
        *('"unclosed night', 'night"', '""', '"', "'", "night'); DROP TABLE passages;--", "%", "night & market", "\\"),
        *("", "  ", "-", "!!! ???", "night | market", "night:*", "<->", "(night", "nig_t", "a" * 5000),
    ],
)
def test_nothing_typed_is_taken_for_the_databases_own_syntax(library, words):
    found = texts(library, words)
    assert set(found) <= {"Facial recog"}
    assert len(texts(library, "market")) == 2


def test_a_minus_and_an_or_are_words_like_others_on_every_database(library):
    assert texts(library, "market or absent") == []
    assert texts(library, "night -market") == ["Facial recog"]


@pytest.mark.parametrize("words", ["", "  ", '""', "?!"])
def test_no_word_finds_nothing(library, words):
    assert texts(library, words) == []


def test_the_best_match_comes_first_and_the_limit_holds(library):
    found = texts(library, "cameras")
    assert found[0] == "cameras came"
    assert len(found) == 3
    assert texts(library, "cameras", limit=1) == found[:1]


def test_a_search_is_within_the_filters(library):
    assert texts(library, "cameras", country=("TH",)) == ["Cameras of a"]
    assert texts(library, "cameras", until="2019") == ["Cameras of a"]


def test_the_index_follows_what_is_current_and_what_changes(library):
    document = library.pending("b.pdf")
    with library.store.writing() as connection:
        save_passages(connection, document.seq, [library.passage(document.id, "Kampung elders object")], library.run_id)
    assert texts(library, "another") == []
    assert texts(library, "kampung") == ["Kampung elde"]
