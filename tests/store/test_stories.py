"""Stories in the store, and people's verdicts on them."""

from __future__ import annotations

import pytest

from ascn_nlp.likeness import Pair, alike, sketch, stories
from ascn_nlp.store.stories import (
    count_stories,
    list_stories,
    load_pairs,
    load_sketches,
    load_verdicts,
    save_pairs,
    save_sketches,
    save_stories,
    save_verdict,
    sketched_words,
    texts_of,
    uncompared,
    unsketched,
)

WIRE = [
    f"The council of {place} said on Monday that the new cameras would watch the market and the bus station, {number} "
    "residents signed a letter against them, and the mayor promised to answer before the end of the month."
    for number, place in enumerate(["Makassar", "the district", "the harbour", "the province"])
]
OTHER = [
    f"Farmers in village {number} harvested rice early this year after the rains came late and the river stayed low, "
    "while traders from the coast paid more than they had in any season that the older ones could remember."
    for number in range(4)
]


@pytest.fixture
def told(corpus, store):
    """{address: row number} of two copies of a wire story and another article."""
    for address, texts, publisher in (("a", WIRE, "A"), ("b", WIRE[:3], "B"), ("c", OTHER, "C")):
        corpus.add(*texts, address=address, publisher=publisher, sha256=address * 64)
    return {one: corpus.pending(one).seq for one in "abc"}


def group(store):
    with store.writing() as connection:
        stale = dict(unsketched(connection, "code"))
        texts = texts_of(connection, stale)
        save_sketches(connection, {seq: (key, sketch(texts[seq])) for seq, key in stale.items()})
        changed = uncompared(connection)
        save_pairs(connection, changed, alike(load_sketches(connection, "code"), changed))
        said = load_verdicts(connection)
        words = sketched_words(connection)
        found = stories(words, load_pairs(connection), said["same"], said["different"], words)
        return save_stories(connection, found)


def grouped(store):
    with store.reading() as connection:
        return [[row["address"] for row in rows] for rows in list_stories(connection)]


def test_copies_are_one_story_and_are_counted_so(store, told):
    assert group(store) == 3
    assert grouped(store) == [["a", "b"]]
    with store.reading() as connection:
        assert count_stories(connection) == {"appearances": 3, "stories": 2, "stories_by_publisher": 3}


def test_what_is_grouped_is_not_sketched_or_compared_again(store, told):
    group(store)
    with store.reading() as connection:
        assert unsketched(connection, "code") == []
        assert uncompared(connection) == set()
        assert [seq for seq, _ in unsketched(connection, "other code")] == sorted(told.values())
        assert [seq for seq, _ in unsketched(connection, "other code", told["b"], told["b"])] == [told["b"]]
    assert group(store) == 0


def test_sketches_of_other_code_are_counted_and_not_compared(store, told):
    group(store)
    with store.writing() as connection:
        words = sketched_words(connection)
        assert load_sketches(connection, "code").keys() == words.keys() == set(told.values())
        assert load_sketches(connection, "cod") == load_sketches(connection, "c_de") == {}
        save_sketches(connection, {told["b"]: ("code-2:key", sketch(WIRE))})
        assert load_sketches(connection, "code-2").keys() == {told["b"]}
        assert sketched_words(connection).keys() == words.keys()


def test_a_document_that_was_read_anew_is_compared_anew(corpus, store, told):
    group(store)
    with store.writing() as connection:
        from ascn_nlp.store.documents import save_reading
        from ascn_nlp.store.passages import save_passages

        document = corpus.document(address="b")
        save_reading(connection, told["b"], document, "key-2", corpus.run_id)
        new = [corpus.passage(document.id, words, n) for n, words in enumerate(OTHER)]
        save_passages(connection, told["b"], new, corpus.run_id)
    assert group(store) > 0
    assert grouped(store) == [["b", "c"]]


@pytest.mark.parametrize(
    ("verdicts", "wanted"),
    [
        ([("a", "b", "different")], []),
        ([("a", "c", "same")], [["a", "b", "c"]]),
        ([("b", "a", "different"), ("a", "b", "withdraw")], [["a", "b"]]),
        ([("a", "b", "different"), ("a", "b", "same")], [["a", "b"]]),
        ([("a", "c", "same"), ("b", "c", "different")], [["a", "c"]]),
    ],
)
def test_a_person_s_newest_verdict_on_a_pair_counts_and_all_are_kept(corpus, store, told, verdicts, wanted):
    group(store)
    with store.writing() as connection:
        for one, other, verdict in verdicts:
            save_verdict(connection, (corpus.pending(one).id, corpus.pending(other).id), verdict, "ann", "why")
    group(store)
    assert grouped(store) == wanted
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM pair_verdicts").scalar() == len(verdicts)


def test_pairs_are_stored_once_whichever_comes_first(store, told):
    group(store)
    with store.reading() as connection:
        [pair] = load_pairs(connection)
    assert (pair.one, pair.other) == (told["a"], told["b"]) and pair.share > 0.9
    assert isinstance(pair, Pair)
