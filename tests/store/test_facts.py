from __future__ import annotations

from ascn_nlp.filters import Filters
from ascn_nlp.store import passages as passage_rows
from ascn_nlp.store.facts import (
    cited_documents,
    counted,
    documents_selected,
    given_tags,
    spoken_rows,
    tagger_of,
    uncounted_rows,
)

LIMITS = (("en", ""), ("heading",))
HANOI, JAKARTA = ("Hanoi", "VN"), ("Jakarta", "ID")


def spoken(store, by_country=False, **filters):
    with store.reading() as connection:
        rows = spoken_rows(connection, Filters(**filters), *LIMITS, by_country=by_country)
        return [(row["passage_id"], row["place"], row["country"], row["year"]) for row in rows]


def filled(corpus):
    """Three passages of a report of Indonesia in 2021, one on two cities, one on none, one untagged; an undated one."""
    one, two, three = corpus.add("On two cities.", "On none.", "Judul.")
    [undated] = corpus.add("Without a date.", address="b.pdf", source_id="news", published="", genre=None)
    corpus.save_tags(one, corpus.tag("debt", score=0.7), cities=(JAKARTA, HANOI))
    corpus.save_tags(two, corpus.tag("surveillance", "addressed"))
    corpus.save_tags(undated, corpus.tag("debt"), cities=(HANOI,))
    return one, two, three, undated


def test_a_passage_has_a_row_for_each_city_and_one_on_none_has_none(store, corpus):
    one, *_ = filled(corpus)
    assert spoken(store) == [(one.id, "Hanoi", "VN", "2021"), (one.id, "Jakarta", "ID", "2021")]


def test_by_country_a_passage_on_no_city_is_on_its_documents_country(store, corpus):
    one, two, *_ = filled(corpus)
    assert spoken(store, True) == [
        (one.id, "VN", "VN", "2021"), (one.id, "ID", "ID", "2021"), (two.id, "ID", "ID", "2021"),
    ]  # fmt: skip


def test_by_country_a_passage_whose_document_has_none_either_has_no_row(store, corpus):
    [one] = corpus.add("On none.", country="")
    corpus.save_tags(one)
    assert spoken(store, True) == []


def test_only_tags_of_what_is_counted_are_told(store, corpus):
    one, two, *_ = filled(corpus)
    with store.reading() as connection:
        found = list(given_tags(connection, Filters(), *LIMITS))
        of_news = list(given_tags(connection, Filters(source=("news",)), *LIMITS))
    assert found == [(one.id, "debt", "raised", 0.7, False), (two.id, "surveillance", "addressed", 0.8, False)]
    assert of_news == [], "it has no date"


def test_each_passage_is_counted_once_under_the_reason_why_it_is_not(store, corpus):
    filled(corpus)
    document = corpus.document("c.pdf")
    extra = [corpus.passage(document.id, "A heading", 0, kind="heading"), corpus.passage(document.id, "Kota.", 1,
             language="id")]  # fmt: skip
    save(corpus, document, extra)
    with store.reading() as connection:
        found = counted(connection, Filters(), *LIMITS)
        assert found == {"counted": 2, "undated": 1, "language": 1, "kind": 1, "untagged": 1}
        assert counted(connection, Filters(since="2030"), *LIMITS) == dict.fromkeys(found, 0)


def test_what_speaks_of_a_place_and_is_not_counted_is_told_with_the_reason(store, corpus):
    """Each passage once, under the first reason; dates are no condition but a reason."""
    filled(corpus)
    document = corpus.document("c.pdf")
    texts = [corpus.passage(document.id, "Jakarta", 0, kind="heading"), corpus.passage(document.id, "Kota.", 1,
             language="id"), corpus.passage(document.id, "Kota satu.", 2, language="id")]  # fmt: skip
    save(corpus, document, texts, cities=(JAKARTA,))

    def apart(by_country=False, **filters):
        with store.reading() as connection:
            rows = uncounted_rows(connection, Filters(**filters), *LIMITS, by_country=by_country)
        return {(row["place"], row["year"], row["genre"], row["reason"]): row["passages"] for row in rows}

    genre = "official_report"
    unread = {("Jakarta", "2021", genre, "kind"): 1, ("Jakarta", "2021", genre, "language"): 2}
    undated = {("Hanoi", None, "other", "undated"): 1}
    assert apart() == unread | undated
    assert apart(city=("Hanoi",)) == undated and apart(source=("news",)) == undated
    older = {("Hanoi", "2021", genre, "outside"): 1, ("Jakarta", "2021", genre, "outside"): 4}
    assert apart(since="2022") == apart(until="2020") == older | undated
    assert apart(since="2021", until="2021") == unread | undated
    by_country = {("ID", "2021", genre, "untagged"): 1, ("ID", "2021", genre, "kind"): 1,
                  ("ID", "2021", genre, "language"): 2, ("VN", None, "other", "undated"): 1}  # fmt: skip
    assert apart(by_country=True) == by_country


def test_documents_are_named_in_the_order_that_is_asked_for(store, corpus):
    filled(corpus)
    with store.reading() as connection:
        ids = list(connection.exec_driver_sql("SELECT id FROM documents ORDER BY seq DESC").scalars())
        found = list(cited_documents(connection, [*ids, "gone"]))
    assert [row["id"] for row in found] == ids and found[0]["source_id"] == "news" != found[1]["source_id"]
    assert "text" not in found[0] and found[0]["published"] in ("", None)


def save(corpus, document, passages, cities=()):
    """The passages of a document as they are, tagged with nothing."""
    [held] = corpus.add("To be replaced.", address=document.address)
    with corpus.store.writing() as connection:
        seq = connection.exec_driver_sql("SELECT document_seq FROM passages WHERE id = '" + held.id + "'").scalar_one()
        passage_rows.save_passages(connection, seq, passages, corpus.run_id)
    for passage in passages:
        corpus.save_tags(passage, cities=cities)


def test_documents_are_those_with_a_passage_that_is_selected(store, corpus):
    filled(corpus)
    with store.reading() as connection:
        assert documents_selected(connection, Filters()) == (2, 1)
        assert documents_selected(connection, Filters(city=("Jakarta",))) == (1, 0)
        assert documents_selected(connection, Filters(source=("nobody",))) == (0, 0)


def test_copies_of_a_story_share_its_number_and_others_have_their_own(store, corpus):
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        [one] = corpus.add(f"Text of {name}.", address=name)
        corpus.save_tags(one, cities=(HANOI,))
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE documents SET story = 1 WHERE seq < 3")
        stories = [row["story_id"] for row in spoken_rows(connection, Filters(), *LIMITS, by_country=False)]
    assert stories == [1, 1, -3]


def test_the_tagger_is_the_one_of_most_passages(store, corpus):
    with store.reading() as connection:
        assert tagger_of(connection) == ""
    filled(corpus)
    with store.reading() as connection:
        assert tagger_of(connection) == "rules-1"
