"""What sources listed, and what their kinds noted."""

from ascn_nlp.records import Found
from ascn_nlp.store.registering import Registered, register
from ascn_nlp.store.sources import listings_of, memory_of, save_listing, save_memory, times_of


def test_what_a_kind_noted_is_there_next_time_and_only_the_newest(store):
    with store.writing() as connection:
        assert memory_of(connection, "news") == {}
        save_memory(connection, "news", {"listed_to": "2021-01-01"})
        save_memory(connection, "news", {"changed": {"a": "2021"}})
        save_memory(connection, "other", {})
        assert memory_of(connection, "news") == {"changed": {"a": "2021"}}


def test_listings_come_in_their_order_by_source(store):
    with store.writing() as connection:
        for run, listed in (("r1", 5), ("r2", 0)):
            save_listing(connection, "news", run, listed, Registered(listed, elsewhere=2), ["slow"], False)
        save_listing(connection, "other", "r1", 1, Registered(1), [], True)
        found = listings_of(connection, ["news"])
    assert list(found) == ["news"]
    assert [(row["listed"], row["new"], row["elsewhere"], row["problems"]) for row in found["news"]] == [
        (5, 5, 2, ["slow"]),
        (0, 0, 2, ["slow"]),
    ]


def test_when_documents_were_first_seen_is_told_by_source(corpus, store):
    corpus.add("A", address="a")
    with store.writing() as connection:
        register(connection, "news", [Found("news", "n", "/n")], "r")
        assert [row["published_to"] for row in times_of(connection, ["reports"])["reports"]] == ["2021-12-31"]
        assert times_of(connection, ["news"])["news"][0]["outcome"] is None
