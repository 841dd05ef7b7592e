"""What a source lists becomes documents: new ones, and those of other sources that it takes over."""

import pytest

from ascn_nlp.records import Found
from ascn_nlp.store.documents import pending
from ascn_nlp.store.ledger import path_of
from ascn_nlp.store.registering import Registered, register
from ascn_nlp.store.sources import save_listing
from ascn_nlp.store.tombstones import find_stone, forget

PAGE = "https://example.org/a"


def counts(registered):
    return {name: count for name, count in registered._asdict().items() if count}


def listed(connection, source, *items, **options):
    return counts(register(connection, source, [Found(source, *item) for item in items], "r", **options))


def test_a_page_that_another_source_lists_already_stays_that_one_s(store):
    with store.writing() as connection:
        assert listed(connection, "feed", (PAGE, PAGE)) == {"new": 1}
        assert listed(connection, "search", (PAGE, PAGE)) == {"elsewhere": 1}
        assert listed(connection, "feed", (PAGE, PAGE)) == {}
        assert listed(connection, "folder", ("a.pdf", "/1/a.pdf")) == {"new": 1}
        assert listed(connection, "folder2", ("a.pdf", "/2/a.pdf")) == {"new": 1}


def test_a_page_that_its_source_lists_no_more_moves_to_the_one_that_does(store):
    with store.writing() as connection:
        listed(connection, "feed", (PAGE, PAGE))
        [before] = pending(connection)
        assert listed(connection, "feed") == {"gone": 1}
        assert listed(connection, "search", (PAGE, PAGE)) == {"moved": 1}
        [now] = pending(connection)
        assert (now.id, now.source_id, now.is_gone) == (before.id, "search", False)
        assert [(row["outcome"], row["reason"]) for row in path_of(connection, now.id)][-1] == (
            "moved",
            "from source feed",
        )
        assert listed(connection, "feed", (PAGE, PAGE)) == {"elsewhere": 1}


@pytest.mark.parametrize(
    ("address", "before", "after"),
    [
        (PAGE, (PAGE, "f1"), (PAGE, "")),
        ("a.pdf", ("/1/a.pdf", "9-1"), ("/1/a.pdf", "9-2")),
        ("a.pdf", ("/1/a.pdf", "9-1"), ("/2/a.pdf", "9-1")),
    ],
    ids=["page", "file changed meanwhile", "folder renamed"],
)
def test_a_source_under_another_name_keeps_its_documents(store, address, before, after):
    with store.writing() as connection:
        listed(connection, "old", (address, *before), in_use={"old"})
        [one] = pending(connection)
        assert listed(connection, "new", (address, *after), in_use={"new"}) == {"moved": 1}
        assert [(row.id, row.source_id) for row in pending(connection)] == [(one.id, "new")]


def test_another_file_of_the_same_name_is_another_document(store):
    with store.writing() as connection:
        listed(connection, "old", ("a.pdf", "/1/a.pdf", "9-1"), in_use={"old"})
        assert listed(connection, "new", ("a.pdf", "/2/a.pdf", "8-1"), in_use={"new"}) == {"new": 1}
        assert listed(connection, "newer", ("a.pdf", "/3/a.pdf", ""), in_use={"newer"}) == {"new": 1}
        assert [row.source_id for row in pending(connection)] == ["old", "new", "newer"]


def test_a_new_source_may_have_the_name_of_one_that_was_renamed(store):
    with store.writing() as connection:
        listed(connection, "one", ("a.pdf", "/1/a.pdf", "9-1"), in_use={"one"})
        listed(connection, "two", ("a.pdf", "/1/a.pdf", "9-1"), in_use={"two"})
        assert listed(connection, "one", ("a.pdf", "/9/a.pdf", "7-7"), in_use={"one", "two"}) == {"new": 1}
        assert len({row.id for row in pending(connection)}) == 2
        assert listed(connection, "one", ("a.pdf", "/9/a.pdf", "7-7"), in_use={"one", "two"}) == {}


@pytest.mark.parametrize("address", [PAGE, "a.pdf"])
def test_what_has_moved_and_was_forgotten_does_not_come_back(store, address):
    with store.writing() as connection:
        for source in ("old", "new"):
            listed(connection, source, (address, "/a", "9-1"), in_use={source})
            save_listing(connection, source, "r", 1, Registered(1), [], True)
        [one] = pending(connection)
        forget(connection, one.id, "why", "", "r")
        assert listed(connection, "new", (address, "/a", "9-1"), in_use={"new"}) == {"forgotten": 1}
        assert find_stone(connection, f"new/{address}")["document_id"] == one.id
        if address == PAGE:
            assert listed(connection, "third", (address, "/a"), in_use={"new", "third"}) == {"forgotten": 1}


def test_what_a_source_states_of_a_document_is_kept_and_renewed(store):
    one = Found("feed", "https://x.org/a", "https://x.org/a", "f1", "2021-03-04", "feed: Thu", "listing")
    with store.writing() as connection:
        register(connection, "feed", [one], "r")
        row = connection.exec_driver_sql("SELECT listed_date, listed_evidence, listed_basis FROM documents").one()
        assert tuple(row) == ("2021-03-04", "feed: Thu", "listing")
        register(connection, "feed", [Found("feed", one.address, one.location, "f2")], "r")
        row = connection.exec_driver_sql("SELECT listed_date, found_fingerprint, listed_basis FROM documents").one()
        assert tuple(row) == ("", "f2", "")


@pytest.mark.parametrize(
    ("date", "evidence", "basis", "kept"),
    [
        ("2021-06-01", "feed: Jun", "listing", "2021-03-04"),
        ("2021-01-01", "feed: Jan", "listing", "2021-01-01"),
        ("2021-03-05", "feed: Thu", "listing", "2021-03-05"),
        ("2021-06-01", "sitemap: Jun", "source", "2021-06-01"),
    ],
    ids=["later", "earlier", "same words read otherwise", "another kind of statement"],
)
def test_a_source_that_dates_its_entries_anew_moves_no_document_to_a_later_day(store, date, evidence, basis, kept):
    one = Found("feed", PAGE, PAGE, "", "2021-03-04", "feed: Thu", "listing")
    with store.writing() as connection:
        register(connection, "feed", [one], "r")
        register(connection, "feed", [Found("feed", PAGE, PAGE, "", date, evidence, basis)], "r")
        assert connection.exec_driver_sql("SELECT listed_date FROM documents").scalar_one() == kept


def test_a_date_that_is_stated_more_exactly_is_taken(store):
    with store.writing() as connection:
        for date in ("2021", "2021-03-04"):
            register(connection, "feed", [Found("feed", PAGE, PAGE, "", date, f"feed: {date}")], "r")
        assert connection.exec_driver_sql("SELECT listed_date FROM documents").scalar_one() == "2021-03-04"
