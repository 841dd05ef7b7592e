"""A source that went quiet is told from a subject that nobody speaks of."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ascn_nlp.silence import find_silence

TODAY = date(2024, 7, 1)


def at(days_ago):
    return datetime(2024, 7, 1, 2, tzinfo=UTC) - timedelta(days=days_ago)


def listing(days_ago, listed, problems=(), is_complete=True):
    return {"at": at(days_ago), "listed": listed, "new": 0, "is_complete": is_complete, "problems": list(problems)}


def document(days_ago=0, published="2024-06-20", outcome="read", is_gone=False):
    return {"first_seen": at(days_ago), "outcome": outcome, "is_gone": is_gone, "published_to": published}


def silence(listings=(), documents=(), is_growing=False, until="2024"):
    return find_silence(listings, documents, is_growing, until, TODAY)


def test_a_source_that_is_well_is_not_silent():
    assert silence([listing(2, 5), listing(1, 5)], [document(n) for n in range(60, 0, -5)], is_growing=True) == ()
    assert silence() == ()


def test_one_that_cannot_be_asked_is_after_two_times():
    failing = [listing(9, 5), listing(2, 0, ["404"], False)]
    assert silence(failing) == ()
    [line] = silence([*failing, listing(1, 0, ["500"], False)])
    assert line == "could not be asked since 2024-06-29, 2 times in a row: 404"
    assert silence([*failing, listing(1, 0, ["500"], False), listing(0, 5)]) == ()


def test_one_that_lists_nothing_any_more_is():
    [line] = silence([listing(9, 60), listing(5, 40), listing(3, 0), listing(1, 0)])
    assert line == "lists nothing since 2024-06-28; it has listed up to 60 documents"


def test_one_that_lists_only_what_is_new_may_list_nothing():
    assert silence([listing(9, 60, is_complete=False), listing(1, 0, is_complete=False)]) == ()


@pytest.mark.parametrize("is_complete", [True, False])
def test_one_that_has_never_listed_anything_is(is_complete):
    [line] = silence([listing(1, 0, is_complete=is_complete)])
    assert "not listed a single document" in line


def test_one_of_which_nothing_could_be_read_is():
    [line] = silence([listing(1, 3)], [document(outcome=name) for name in ("failed", "unread", "failed")])
    assert line == "none of its 3 documents could be read"
    assert silence([listing(1, 3)], [document(outcome="failed"), document(outcome="partly_read")]) == ()
    assert silence([listing(1, 1)], [document(outcome=None), document(outcome=None)]) == ()  # not fetched yet


def test_one_that_brings_nothing_new_for_long_is_if_it_is_one_that_grows():
    weekly = [document(days, published=None) for days in (87, 80, 73, 66, 59)]
    [line] = silence([listing(1, 5)], weekly, is_growing=True)
    assert line == "has brought nothing new since 2024-05-03; before, something every 7 days"
    assert silence([listing(1, 5)], weekly) == ()
    assert silence([listing(1, 5)], [*weekly, document(20, published=None)], is_growing=True) == ()
    assert silence([listing(1, 5)], weekly[:3], is_growing=True) == ()  # nobody knows what is usual
    assert silence([listing(1, 5)], weekly, is_growing=True, until="2023") == ()  # nothing new is to be expected


def test_one_whose_dates_stop_before_the_study_ends_is():
    monthly = [document(published=f"2021-{month:02}-15") for month in range(1, 13)]
    [line] = silence([listing(1, 12)], monthly)
    assert line == "has no document later than 2021-12-15, though the study goes on to 2024-07-01"
    assert silence([listing(1, 12)], monthly, until="2022-06") == ()
    assert silence([listing(1, 12)], monthly[:7]) == ()  # too few to tell
    gone = [document(published="2024-06-01", is_gone=True)]
    assert len(silence([listing(1, 12)], [*monthly, *gone])) == 1
    yearly = [document(published=f"{year}-06-30") for year in range(2013, 2023)]
    assert silence([listing(1, 10)], yearly) == ()  # two years later is not yet unusual


@pytest.mark.parametrize(("gap", "days"), [(7, 30), (20, 80)], ids=["a month at least", "four times the usual gap"])
def test_nothing_new_is_said_after_so_many_days_and_not_before(gap, days):
    def found(since):
        earlier = [document(since + n * gap, published=None) for n in range(6, -1, -1)]
        return silence([listing(1, 7)], earlier, is_growing=True)

    assert (found(days), len(found(days + 1))) == ((), 1)


@pytest.mark.parametrize(("gap", "days"), [(30, 365), (100, 400)], ids=["a year at least", "four times the usual gap"])
def test_that_dates_stop_is_said_after_so_many_days_and_not_before(gap, days):
    def found(since):
        dated = [TODAY - timedelta(days=since + n * gap) for n in range(9, -1, -1)]
        return silence([listing(1, 10)], [document(published=day.isoformat()) for day in dated])

    assert (found(days), len(found(days + 1))) == ((), 1)


def test_several_reasons_are_all_told():
    old = [document(outcome="read", published=f"2019-{month:02}") for month in range(1, 10)]
    old = [{**one, "published_to": one["published_to"] + "-28"} for one in old]
    told = silence([listing(9, 9), listing(2, 0, ["x"], False), listing(1, 0, ["y"], False)], old)
    assert len(told) == 2
