from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ascn_nlp.errors import AscnNlpError
from ascn_nlp.filters import Filters
from ascn_nlp.records import CityRef, Lead
from ascn_nlp.store.passages import (
    cities_of,
    current_tags,
    leading_ids,
    load_passages,
    passage_counts,
    save_passages,
    save_tags,
    scored_passages,
    select_passages,
)
from ascn_nlp.store.runs import start_run
from ascn_nlp.store.schema import lost_tags, passages, reviews, taggings, tags

LAST = 2**31 - 1


def save(store, document_seq, new):
    with store.writing() as connection:
        return save_passages(connection, document_seq, new, "r2")


def loaded(store, first=0, last=LAST):
    with store.reading() as connection:
        return [[one.passage for one in group] for group in load_passages(connection, first, last)]


def selected(store, **filters) -> list[str]:
    with store.reading() as connection:
        return [row["text"] for row in connection.execute(select_passages(Filters(**filters))).mappings()]


def test_a_passage_comes_back_as_it_was_saved(corpus, store):
    saved = corpus.add("First words", "Second words")
    assert loaded(store) == [saved]


def test_doubtful_characters_come_back_with_their_passage(corpus, store):
    [passage] = corpus.add("The loan of 2562")
    save(store, corpus.seq(passage), [replace(passage, doubts=((12, 16),))])
    assert loaded(store)[0][0].doubts == ((12, 16),)


def test_passages_come_a_list_per_document_in_reading_order(corpus, store):
    first, second = corpus.add("A", "B", address="1.pdf"), corpus.add("C", address="2.pdf")
    seq = corpus.pending("1.pdf").seq
    save(store, seq, [replace(first[0], ordinal=1), replace(first[1], ordinal=0)])
    assert [[one.text for one in group] for group in loaded(store)] == [["B", "A"], ["C"]]
    assert loaded(store, first=seq + 1) == [second]
    assert [[one.text for one in group] for group in loaded(store, last=seq)] == [["B", "A"]]


def test_the_title_and_numbers_travel_with_a_passage(corpus, store):
    [passage] = corpus.add("A")
    with store.reading() as connection:
        [[one]] = list(load_passages(connection, 0, LAST))
    assert (one.seq, one.document_seq, one.document_title) == (
        corpus.seq(passage),
        corpus.pending("a.pdf").seq,
        "Title of a.pdf",
    )


def test_a_passage_that_stays_keeps_its_row_tags_and_reviews_and_takes_its_new_place(corpus, store):
    [passage] = corpus.add("Cameras watch")
    corpus.save_tags(passage, corpus.tag("surveillance"))
    before = corpus.seq(passage)
    moved = replace(passage, ordinal=1, start=110, end=110 + len(passage.text), heading=("New",), places=())
    new = corpus.passage(passage.document_id, "New words", 0)
    assert save(store, corpus.pending("a.pdf").seq, [new, moved]) == (1, 0)
    assert corpus.seq(passage) == before
    assert loaded(store) == [[new, moved]]
    with store.reading() as connection:
        assert current_tags(connection, [before]) == {before: {"surveillance": ("raised", 0.8)}}


def test_a_vanished_passage_is_kept_aside_and_comes_back_with_its_row(corpus, store):
    kept, lost = corpus.add("Stays", "Vanishes")
    corpus.save_tags(lost, corpus.tag("surveillance"))
    document, before = corpus.pending("a.pdf").seq, corpus.seq(lost)
    assert save(store, document, [kept]) == (0, 1)
    assert save(store, document, [kept]) == (0, 0)
    assert loaded(store) == [[kept]]
    assert selected(store) == ["Stays"]
    with store.reading() as connection:
        assert passage_counts(connection) == {document: 1}
    assert save(store, document, [kept, lost]) == (0, 0)
    assert loaded(store) == [[kept, lost]]
    assert corpus.seq(lost) == before


def test_a_vanished_passage_loses_its_tags_and_it_is_known_since_when(corpus, store):
    kept, lost = corpus.add("Stays", "Vanishes")
    corpus.save_tags(lost, corpus.tag("surveillance"))
    save(store, corpus.pending("a.pdf").seq, [kept])
    with store.reading() as connection:
        assert current_tags(connection, [corpus.seq(lost)]) == {}
        [row] = connection.execute(select(lost_tags)).mappings()
    told = (row["passage_seq"], row["concern"], row["stance"], row["score"], row["since_run"], row["until_run"])
    assert told == (corpus.seq(lost), "surveillance", "raised", 0.8, corpus.run_id, "r2")


def test_a_tag_keeps_the_run_that_gave_it_until_its_stance_is_another(corpus, store):
    [passage] = corpus.add("Cameras watch")
    seq = corpus.seq(passage)
    with store.writing() as connection:
        second, third = (start_run(connection, "refresh", {}) for _ in range(2))

    def give(run_id, *given):
        with store.writing() as connection:
            one = [(seq, corpus.tagged(passage.id, *given))]
            save_tags(connection, one, "rules-1", "taxonomy-1", run_id)
        with store.reading() as connection:
            now = {(row.concern, row.stance): row.since_run for row in connection.execute(select(tags))}
            past = [(r.concern, r.stance, r.since_run, r.until_run) for r in connection.execute(select(lost_tags))]
        return now, past

    first = corpus.tag("surveillance")
    give(corpus.run_id, first)
    now, past = give(second, replace(first, score=0.9), corpus.tag("debt"))
    assert now == {("surveillance", "raised"): corpus.run_id, ("debt", "raised"): second} and past == []
    now, past = give(third, replace(first, stance="addressed"))
    assert now == {("surveillance", "addressed"): third}
    assert sorted(past) == [
        ("debt", "raised", second, third),
        ("surveillance", "raised", corpus.run_id, third),
    ]


def test_a_document_may_lose_all_its_passages(corpus, store):
    corpus.add("A", "B")
    assert save(store, corpus.pending("a.pdf").seq, []) == (0, 2)
    assert loaded(store) == []


def test_documents_with_the_same_words_have_passages_of_their_own(corpus, store):
    corpus.add("Same words", address="1.pdf")
    corpus.add("Same words", address="2.pdf")
    save(store, corpus.pending("1.pdf").seq, [])
    assert selected(store) == ["Same words"]


_words = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=40)
_addresses = itertools.count()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(_words, max_size=6, unique=True), min_size=1, max_size=4))
def test_whatever_the_readings_the_last_one_is_what_is_current(corpus, store, readings):
    address = f"{next(_addresses)}.pdf"
    corpus.add(address=address)
    document = corpus.pending(address)
    seq_of: dict[str, int] = {}
    for texts in readings:
        new = [corpus.passage(document.id, words, n) for n, words in enumerate(texts)]
        save(store, document.seq, new)
        assert save(store, document.seq, new) == (0, 0)
        assert loaded(store, document.seq, document.seq) == ([new] if new else [])
        for passage in new:
            assert seq_of.setdefault(passage.id, corpus.seq(passage)) == corpus.seq(passage)


def test_tags_are_replaced_with_everything_that_is_said_of_a_passage(corpus, store):
    [passage] = corpus.add("Cameras watch")
    corpus.save_tags(passage, corpus.tag("surveillance"), corpus.tag("privacy"), cities=(("Jakarta", "ID"),))
    corpus.save_tags(passage, corpus.tag("privacy", "addressed", 0.6), cities=(("Bangkok", "TH"), ("Hanoi", "VN")))
    seq = corpus.seq(passage)
    with store.reading() as connection:
        assert current_tags(connection, [seq]) == {seq: {"privacy": ("addressed", 0.6)}}
        assert cities_of(connection, [seq])[seq] == [
            CityRef("Bangkok", "TH", "passage"),
            CityRef("Hanoi", "VN", "passage"),
        ]
        [tag] = connection.execute(select(tags)).mappings()
        assert tag["evidence"] == [[0, 4, "text", "term: text"]]
        [tagging] = connection.execute(select(taggings)).mappings()
        assert (tagging["scores"], tagging["mentions"]) == ({"privacy": 0.6}, [["vendor", "Huawei", 0, 6]])
        assert (tagging["tagger_id"], tagging["taxonomy_version"]) == ("rules-1", "taxonomy-1")


def test_a_passage_without_tags_loses_those_it_had_and_is_known_to_be_tagged(corpus, store):
    [passage] = corpus.add("Cameras watch")
    corpus.save_tags(passage, corpus.tag("surveillance"), cities=(("Jakarta", "ID"),))
    corpus.save_tags(passage)
    with store.reading() as connection:
        assert current_tags(connection, [corpus.seq(passage)]) == {}
        assert cities_of(connection, [corpus.seq(passage)]) == {}
        assert len(connection.execute(select(taggings)).all()) == 1


def test_tagging_anew_for_one_concern_leaves_the_others(corpus, store):
    [passage] = corpus.add("Cameras watch")
    corpus.save_tags(passage, corpus.tag("surveillance"), corpus.tag("privacy"), cities=(("Jakarta", "ID"),))
    corpus.save_tags(passage, corpus.tag("surveillance", "addressed"), corpus.tag("debt"), concerns=["surveillance"])
    seq = corpus.seq(passage)
    with store.reading() as connection:
        assert current_tags(connection, [seq])[seq] == {"surveillance": ("addressed", 0.8), "privacy": ("raised", 0.8)}
        assert len(cities_of(connection, [seq])[seq]) == 1


def test_more_passages_than_one_statement_takes_parameters_are_tagged(corpus, store):
    saved = corpus.add(*(f"words {n}" for n in range(1100)))
    first = corpus.seq(saved[0])
    tagged = [(first + n, corpus.tagged(one.id, corpus.tag("privacy"))) for n, one in enumerate(saved)]
    with store.writing() as connection:
        save_tags(connection, tagged, "rules-1", "taxonomy-1", corpus.run_id)
        save_tags(connection, tagged, "rules-1", "taxonomy-1", corpus.run_id)
        assert len(current_tags(connection, [seq for seq, _ in tagged])) == 1100


@pytest.fixture
def library(corpus):
    """Three documents: a dated report of Indonesia, an older one of Thailand, undated news."""
    jakarta, plain = corpus.add("Jakarta cameras", "Plain words", address="id.pdf", published="2021-05")
    [bangkok] = corpus.add("Bangkok debt", address="th.pdf", published="2019", country="TH")
    [undated] = corpus.add("Undated news", address="n.html", source_id="news", genre="news", country="", published="")
    corpus.save_tags(jakarta, corpus.tag("surveillance", "raised", 0.9), cities=(("Jakarta", "ID"),))
    corpus.save_tags(plain)
    corpus.save_tags(bangkok, corpus.tag("debt", "addressed", 0.6), cities=(("Bangkok", "TH"), ("Singapore", "SG")))
    corpus.save_tags(undated, corpus.tag("debt", "raised", 0.7))
    with corpus.store.writing() as connection:
        values = dict.fromkeys(("concern_reviewed", "stance_reviewed", "note", "reviewer", "file_sha256"), "")
        values |= {"passage_id": bangkok.id, "document_id": bangkok.document_id, "concern": "debt", "predicted": {}}
        at = corpus.pending("th.pdf").fetched_at
        connection.execute(reviews.insert().values(decision="accept", at=at, **values))
    return corpus


JAKARTA, PLAIN, BANGKOK, UNDATED = "Jakarta cameras", "Plain words", "Bangkok debt", "Undated news"


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({}, [JAKARTA, PLAIN, BANGKOK, UNDATED]),
        ({"concern": ("surveillance",)}, [JAKARTA]),
        ({"concern": ("surveillance", "debt")}, [JAKARTA, BANGKOK, UNDATED]),
        ({"concern": ("debt",), "stance": ("raised",)}, [UNDATED]),
        ({"concern": ("surveillance",), "stance": ("addressed",)}, []),
        ({"stance": ("addressed",)}, [BANGKOK]),
        ({"min_score": 0.7}, [JAKARTA, UNDATED]),
        ({"min_score": 0.65, "concern": ("debt",)}, [UNDATED]),
        ({"city": ("Jakarta",)}, [JAKARTA]),
        ({"city": ("Jakarta", "Singapore")}, [JAKARTA, BANGKOK]),
        ({"country": ("SG",)}, [BANGKOK]),
        ({"country": ("ID",)}, [JAKARTA, PLAIN]),  # of the passage, or else of its document
        ({"city": ("Bangkok",), "country": ("ID",)}, []),
        ({"source": ("news",)}, [UNDATED]),
        ({"genre": ("news",)}, [UNDATED]),
        ({"genre": ("official_report",), "source": ("news",)}, []),
        ({"language": ("en",)}, [JAKARTA, PLAIN, BANGKOK, UNDATED]),
        ({"language": ("th",)}, []),
        ({"is_unreviewed": True}, [JAKARTA, PLAIN, UNDATED]),
        ({"since": "2018", "until": "2024"}, [JAKARTA, PLAIN, BANGKOK]),
        ({"since": "2021"}, [JAKARTA, PLAIN]),
        ({"until": "2019"}, [BANGKOK]),
        ({"until": "2019-06"}, []),  # it may be of later in 2019
        ({"since": "2019-01-01", "until": "2019-12-31"}, [BANGKOK]),
        ({"since": "2021-05", "until": "2021-05"}, [JAKARTA, PLAIN]),
        ({"since": "2021-05-02"}, []),
        ({"until": "2021-05-30", "since": "2020"}, []),
    ],
)
def test_filters_select_what_they_say_in_reading_order(library, filters, wanted):
    assert selected(library.store, **filters) == wanted


@pytest.mark.parametrize("passages_told", [0, 1, 40_000])
def test_unreviewed_leaves_out_the_passages_that_are_told_to_be_reviewed_however_many(library, passages_told):
    with library.store.reading() as connection:
        plain = connection.scalar(select(passages.c.id).where(passages.c.text == PLAIN))
    told = frozenset([plain, *(f"p{n:016x}" for n in range(passages_told))] if passages_told else [])
    left = selected(library.store, is_unreviewed=True, reviewed=told)
    assert left == [one for one in (JAKARTA, PLAIN, BANGKOK, UNDATED) if one != PLAIN or not told]


def test_disputed_passages_can_be_asked_for_their_scores_and_leads(library):
    with library.store.writing() as connection:
        bangkok = select(passages.c.seq).where(passages.c.text == BANGKOK).scalar_subquery()
        disputed = taggings.update().where(taggings.c.passage_seq == bangkok)
        connection.execute(disputed.values(is_disputed=True, is_lead=True))
    with library.store.reading() as connection:
        (one,) = scored_passages(connection, Filters(is_disputed=True))
        assert leading_ids(connection, Filters(is_disputed=True)) == [one.id]
        assert (one.concerns, one.cities) == ({"debt"}, ("Bangkok", "Singapore"))


def test_a_selected_passage_carries_its_documents_facts(library):
    with library.store.reading() as connection:
        row = connection.execute(select_passages(Filters(city=("Bangkok",)))).mappings().one()
    assert (row["source_id"], row["address"], row["title"]) == ("reports", "th.pdf", "Title of th.pdf")
    assert (row["document_country"], row["published"], row["published_to"]) == ("TH", "2019", "2019-12-31")
    assert row["language"] == "en"


@pytest.mark.parametrize("value", ["21", "2021-13", "2021-02-30", "2021-1", "٢٠٢١", "2021\n", "0000", "2021-01-01T00"])
@pytest.mark.parametrize("option", ["since", "until"])
def test_a_filter_that_is_no_date_is_refused(option, value):
    with pytest.raises(AscnNlpError, match="is not a date") as caught:
        Filters(**{option: value})
    assert caught.value.where == f"--{option}"
    assert "2021-03" in caught.value.remedy


def test_rows_no_longer_current_are_never_selected_whatever_the_filter(library):
    with library.store.writing() as connection:
        connection.execute(passages.update().values(is_current=False))
    assert selected(library.store) == selected(library.store, concern=("debt",)) == []


def test_leads_are_kept_and_their_passages_found(corpus, store):
    first, second = corpus.add("A theme", "Nothing")
    for passage, leads in ((first, (Lead("security", 0.61),)), (second, ())):
        one = replace(corpus.tagged(passage.id), leads=leads)
        with store.writing() as connection:
            save_tags(connection, [(corpus.seq(passage), one)], "both-1", "1", corpus.run_id)
    with store.reading() as connection:
        assert leading_ids(connection, Filters()) == [first.id]
        assert leading_ids(connection, Filters(source=("elsewhere",))) == []
        assert connection.scalars(select(taggings.c.leads).order_by(taggings.c.passage_seq)).all() == [
            [["security", 0.61]], []
        ]  # fmt: skip


def test_a_passage_tagged_anew_loses_its_lead(corpus, store):
    [passage] = corpus.add("A theme")
    for leads in ((Lead("security", 0.61),), ()):
        one = replace(corpus.tagged(passage.id), leads=leads)
        with store.writing() as connection:
            save_tags(connection, [(corpus.seq(passage), one)], "both-1", "1", corpus.run_id)
    with store.reading() as connection:
        assert leading_ids(connection, Filters()) == []
