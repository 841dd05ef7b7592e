"""What a reviewer is shown of a passage, in rows; and that what was decided comes back from them as it is."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ascn_nlp.records import STANCES, CityRef
from ascn_nlp.review.columns import (
    COLUMNS,
    REVIEWER_COLUMNS,
    SHOWN,
    WHOLE,
    predicted_column,
    row_check,
    wide_columns,
)
from ascn_nlp.review.decisions import parse
from ascn_nlp.review.delimited import read_csv, to_csv
from ascn_nlp.review.judged import Judged
from ascn_nlp.review.judgements import claims
from ascn_nlp.review.rows import CONTEXT_CHARACTERS, Form, doubtful_words, link, long_rows, reasons, wide_rows

CONCERNS = ("surveillance", "privacy", "debt", *(f"concern_{n}" for n in range(4, 13)))
TEXT = "Cameras watch the market square, and nobody was asked."
FORM = Form(lambda passage: "yes" if passage["published"] else "unknown", CONCERNS, "k1", "s1")
ASKING = replace(FORM, asks_for_missed=True)
BLIND = replace(ASKING, is_blind=True)


def tag(concern="surveillance", stance="raised", score=0.625, spans=((0, 13),), is_unsure=False):
    evidence = [[start, end, TEXT[start:end], "term: cameras"] for start, end in spans]
    return {"concern": concern, "stance": stance, "score": score, "is_unsure": is_unsure, "evidence": evidence}


def verdict(decision, concern="", named="", stance="", note="", reviewer="ann"):
    said = {"concern": concern, "decision": decision, "concern_reviewed": named, "stance_reviewed": stance}
    return said | {"note": note, "reviewer": reviewer, "at": 1}


def judged(*pairs, before="", after="", is_tagged=True, scores=(), leads=(), cities=(), **about):
    passage = {
        **{"id": "p1", "document_id": "d1", "text": TEXT, "heading": ["Plan", "Safety"], "context": ""},
        **{"places": [[4, "2", None, 0]], "page": 4, "language": "en", "doubts": [], "title": "A plan"},
        **{"publisher": "City Hall", "genre": "news", "document_country": "VN", "published": "2024-05"},
        **{"date_basis": "meta", "url": "https://city.example/plan.pdf", "appearances": 2},
        **{"address": "https://city.example/plans"},
        **{"story": 3, "document_seq": 7, "kind": "paragraph"},
    }
    tagging = {"tagger_id": "m1", "taxonomy_version": "t1", "run_id": "r1", "scores": dict(scores), "leads": leads}
    return Judged(passage | about, cities, before, after, tagging if is_tagged else None, pairs)


def cells(rows, *names):
    return [tuple(row.cells.get(name, "") for name in names) for row in rows]


WORDS = ("concern", "decision", "concern_reviewed", "stance_reviewed", "note", "reviewer")
TAG, OTHER = tag(), tag("privacy", "described", 0.9)
LONG = {
    "a tag": (FORM, [(TAG, None)], [("surveillance", "", "", "", "", "")]),
    "tags, some decided": (
        FORM,
        [(TAG, verdict("accept", "surveillance", "", "addressed", "so")), (OTHER, None)],
        [("surveillance", "accept", "", "addressed", "so", "ann"), ("privacy", "", "", "", "", "")],
    ),
    "a verdict on what is no longer predicted": (
        FORM,
        [(None, verdict("reject", "debt"))],
        [("debt", "reject", "", "", "", "ann")],
    ),
    "a missed one that was added": (
        FORM,
        [(None, verdict("accept", "", "debt", "raised"))],
        [("", "accept", "debt", "raised", "", "ann")],
    ),
    "nothing": (FORM, [], [("", "", "", "", "", "")]),
    "a tag, missed ones asked for": (
        ASKING,
        [(TAG, None)],
        [("surveillance", "", "", "", "", ""), ("", "", "", "", "", "")],
    ),
    "missed ones were added before and are asked for still": (
        ASKING,
        [(None, verdict("accept", "", "debt"))],
        [("", "accept", "debt", "", "", "ann"), ("", "", "", "", "", "")],
    ),
    "nothing, missed ones asked for": (ASKING, [], [("", "", "", "", "", "")]),
    "read whole already": (
        ASKING,
        [(TAG, None), (None, verdict("reject", note="none"))],
        [("surveillance", "", "", "", "", ""), ("", "reject", "", "", "none", "ann")],
    ),
    "filled in for a reviewer, her own verdicts too": (
        replace(FORM, reviewer="ann"),
        [(TAG, None), (OTHER, verdict("reject", "privacy"))],
        [("surveillance", "", "", "", "", "ann"), ("privacy", "reject", "", "", "", "ann")],
    ),
    "blind": (BLIND, [(TAG, None), (OTHER, verdict("reject", "privacy"))], [("", "", "", "", "", "")]),
    "blind, with what she named before": (
        replace(BLIND, reviewer="ann"),
        [(TAG, None), (None, verdict("accept", "", "debt")), (None, verdict("accept", "", "privacy", reviewer="bo"))],
        [("", "accept", "debt", "", "", "ann"), ("", "", "", "", "", "ann")],
    ),
}


@pytest.mark.parametrize(("form", "pairs", "wanted"), LONG.values(), ids=LONG)
def test_the_long_form_has_rows_for(form, pairs, wanted):
    rows = list(long_rows(judged(*pairs), form))
    assert cells(rows, *WORDS) == wanted
    assert cells(rows, "row_check") == [(row_check("p1", "d1", concern),) for concern, *_ in wanted]
    assert all(set(row.cells) <= set(COLUMNS) for row in rows)


READ = ("surveillance", "privacy", "debt", WHOLE, "note", "reviewer")
NOBODY = ("", "", "", "", "", "")
WIDE = {
    "tags that nobody decided on": (FORM, [(TAG, None), (OTHER, None)], NOBODY),
    "nothing": (FORM, [], NOBODY),
    "as predicted": (FORM, [(TAG, verdict("accept", "surveillance"))], ("yes", "", "", "", "", "ann")),
    "another stance": (
        FORM,
        [(TAG, verdict("accept", "surveillance", "", "addressed", "so"))],
        ("addressed", "", "", "", "so", "ann"),
    ),
    "rejected and unsure": (
        FORM,
        [(TAG, verdict("reject", "surveillance")), (OTHER, verdict("unsure", "privacy"))],
        ("no", "unsure", "", "", "", "ann"),
    ),
    "a missed one": (FORM, [(None, verdict("accept", "", "debt", "raised"))], ("", "", "raised", "", "", "ann")),
    "read whole": (
        FORM,
        [(TAG, verdict("accept", "surveillance")), (None, verdict("reject"))],
        ("yes", "", "", "yes", "", "ann"),
    ),
    "read whole, and what was predicted not decided": (FORM, [(TAG, None), (None, verdict("reject"))], NOBODY),
    "another concern instead": (FORM, [(TAG, verdict("accept", "surveillance", "debt", note="n"))], NOBODY),
    "itself named": (FORM, [(TAG, verdict("accept", "surveillance", "surveillance"))], NOBODY),
    "a missed one without a stance": (FORM, [(None, verdict("accept", "", "debt", note="n"))], NOBODY),
    "unsure whether anything": (FORM, [(None, verdict("unsure", note="n"))], NOBODY),
    "no longer predicted": (FORM, [(None, verdict("accept", "debt", note="n"))], NOBODY),
    "added before it was predicted, and rejected since": (
        FORM,
        [(TAG, verdict("reject", "surveillance")), (None, verdict("accept", "", "surveillance", "described"))],
        ("no", "", "", "", "", "ann"),
    ),
    "a concern that is none any more": (FORM, [(tag("noise"), verdict("accept", "noise", note="n"))], NOBODY),
    "two reviewers, of whom a row has one": (
        FORM,
        [
            (TAG, verdict("accept", "surveillance", reviewer="bo")),
            (OTHER, verdict("reject", "privacy")),
            (None, verdict("accept", "", "debt", "raised")),
        ],
        ("", "no", "raised", "", "", "ann"),
    ),
    "two notes, of which a row has one": (
        FORM,
        [(TAG, verdict("accept", "surveillance", note="first")), (OTHER, verdict("reject", "privacy"))],
        ("yes", "", "", "", "first", "ann"),
    ),
    "read whole by her who did not decide on all": (
        FORM,
        [(TAG, verdict("accept", "surveillance", reviewer="bo")), (None, verdict("reject"))],
        ("yes", "", "", "", "", "bo"),
    ),
    "read whole, with a missed one that has no word": (
        FORM,
        [(None, verdict("accept", "", "debt")), (None, verdict("reject"))],
        NOBODY,
    ),
    "blind": (BLIND, [(TAG, verdict("accept", "surveillance"))], NOBODY),
    "blind, with what she named before": (
        replace(BLIND, reviewer="ann"),
        [(TAG, None), (None, verdict("accept", "", "debt", "raised")), (None, verdict("reject"))],
        ("", "", "raised", "yes", "", "ann"),
    ),
}


@pytest.mark.parametrize(("form", "pairs", "wanted"), WIDE.values(), ids=WIDE)
def test_the_wide_form_has_a_row_for(form, pairs, wanted):
    [row] = wide_rows(judged(*pairs), form)
    assert cells([row], *READ) == [wanted]
    shown = "" if form.is_blind else " ".join(tag["concern"] for tag, _ in pairs if tag)
    assert cells([row], SHOWN, "row_check") == [(shown, row_check("p1", "d1", shown))]
    known = wide_columns((*CONCERNS, "noise"), form.is_blind)
    assert set(row.cells) <= set(known)


def test_the_wide_form_tells_what_was_predicted_in_columns_of_its_own():
    [row] = wide_rows(judged((tag(is_unsure=True), None), (OTHER, None)), FORM)
    assert row.cells[predicted_column("surveillance")] == "raised 0.62 unsure"
    assert row.cells[predicted_column("privacy")] == "described 0.90"
    assert predicted_column("debt") not in row.cells


# Whatever was decided in whatever form, an export of it says the same when it comes back.

_notes = st.sampled_from(["", "", "see page 3", "=1+1", "two\nlines"])
_people = st.sampled_from(["ann", "bo", ""])


@st.composite
def standing(draw, is_settled=False):
    """Pairs as a store has them: the latest verdict on each thing, and such only as an import can have brought."""
    tags = draw(st.lists(st.sampled_from(CONCERNS), max_size=3, unique=True))
    alone = [name for name in CONCERNS[:4] if name not in tags]
    pairs = []
    for concern in [*tags, *draw(st.lists(st.sampled_from(alone), max_size=2, unique=True))]:
        predicted = tag(concern) if concern in tags else None
        said = draw(verdicts(concern)) if not predicted or is_settled or draw(st.booleans()) else None
        pairs.append((predicted, said))
    for named in draw(st.lists(st.sampled_from(CONCERNS[:5]), max_size=2, unique=True)):
        words = st.sampled_from(["accept", "unsure"]), st.just(""), st.just(named), st.sampled_from(["", *STANCES])
        pairs.append((None, draw(st.builds(verdict, *words, _notes, _people))))
    if draw(st.booleans()):
        decision = draw(st.sampled_from(["reject", "unsure"]))
        pairs.append((None, draw(st.builds(verdict, st.just(decision), note=_notes, reviewer=_people))))
    return pairs


def verdicts(concern):
    others = [name for name in ("", *CONCERNS) if name != concern]
    words = st.one_of(
        st.tuples(st.just("accept"), st.sampled_from(["", *others]), st.sampled_from(["", *STANCES])),
        st.tuples(st.sampled_from(["reject", "unsure"]), st.just(""), st.just("")),
    )
    make = lambda said, note, who: verdict(said[0], concern, said[1], said[2], note, who)  # noqa: E731
    return st.builds(make, words, _notes, _people)


def come_back(columns, rows, concerns=CONCERNS):
    return parse(read_csv("".join(to_csv(columns, rows)).encode()), concerns)


def is_contradicted(pairs):
    """Whether one person says of a concern that it holds and that it does not: no file brings both."""
    said = [verdict for _, verdict in pairs if verdict]
    words = ("decision", "concern", "concern_reviewed")
    claimed = {(one["reviewer"], *claim) for one in said for claim in claims(*(one[word] for word in words)).items()}
    return len(claimed) > len({claim[:-1] for claim in claimed})


def as_said(one):
    return tuple(one[name] for name in ("concern", *REVIEWER_COLUMNS))


@given(standing(), st.sampled_from([FORM, ASKING]))
@settings(max_examples=200, deadline=None)
def test_a_long_export_comes_back_as_what_was_decided(pairs, form):
    assume(not is_contradicted(pairs))
    parsed = come_back(COLUMNS, long_rows(judged(*pairs), form))
    said = [(one.concern, *(getattr(one, name) for name in REVIEWER_COLUMNS)) for one in parsed.decisions]
    assert sorted(said) == sorted(as_said(verdict) for _, verdict in pairs if verdict)
    assert not parsed.refused


@given(standing() | standing(is_settled=True), st.sampled_from([FORM, ASKING]))
@settings(max_examples=400, deadline=None)
def test_a_wide_export_that_comes_back_adds_nothing_and_is_not_refused(pairs, form):
    parsed = come_back(wide_columns(CONCERNS), wide_rows(judged(*pairs), form))
    known = {as_said(verdict) for _, verdict in pairs if verdict}
    assert {(one.concern, *(getattr(one, name) for name in REVIEWER_COLUMNS)) for one in parsed.decisions} <= known
    assert not parsed.refused


@given(st.dictionaries(st.sampled_from(CONCERNS), st.sampled_from([*STANCES, "no", "unsure"]), min_size=1), st.data())
@settings(max_examples=200, deadline=None)
def test_a_wide_file_filled_in_is_exported_again_as_it_was_filled_in(words, data):
    shown = [tag(name) for name in data.draw(st.lists(st.sampled_from(sorted(words)), max_size=3, unique=True))]
    [row] = wide_rows(judged(*((one, None) for one in shown)), FORM)
    filled = row.cells | words | {WHOLE: data.draw(st.sampled_from(["", "yes"])), "note": "n", "reviewer": "ann"}
    parsed = come_back(wide_columns(CONCERNS), [row._replace(cells=filled)])
    names = {one["concern"]: one for one in shown}
    said = [
        verdict(one.decision, one.concern, one.concern_reviewed, one.stance_reviewed, one.note, one.reviewer)
        for one in parsed.decisions
    ]
    pairs = [(names.get(one["concern"]), one) for one in said]
    [again] = wide_rows(judged(*sorted(pairs, key=lambda pair: [*names, ""].index(pair[1]["concern"]))), FORM)
    assert cells([again], *CONCERNS, WHOLE, "note", "reviewer", SHOWN) == cells(
        [row._replace(cells=filled)], *CONCERNS, WHOLE, "note", "reviewer", SHOWN
    )


def test_a_concern_that_is_none_any_more_need_not_be_answered_where_a_passage_was_read_whole():
    [row] = wide_rows(judged((tag("noise"), None)), FORM)
    parsed = come_back(wide_columns(CONCERNS), [row._replace(cells=row.cells | {WHOLE: "yes"})])
    assert [(one.concern, one.decision) for one in parsed.decisions] == [("", "reject")]


# Blind


@given(standing(), st.sampled_from([long_rows, wide_rows]), st.sampled_from(["", "ann", "cy"]))
@settings(max_examples=200, deadline=None)
def test_blind_rows_are_the_same_whatever_was_predicted_and_others_decided(pairs, make, reviewer):
    form = replace(BLIND, reviewer=reviewer, remarks={"p1": "ann: raised, bo: absent"})
    own = [(None, said) for _, said in pairs if said and reviewer == said["reviewer"] and not said["concern"]]
    bare = judged(*(own if reviewer else []))
    full = judged(*pairs, scores={"debt": 0.7}, leads=[("rights", 0.9)])
    assert list(make(full, form)) == list(make(bare, form))


def test_a_blind_file_has_no_column_for_predictions():
    assert not any(name.endswith("_predicted") for name in wide_columns(CONCERNS, is_blind=True))
    assert len(wide_columns(CONCERNS)) - len(wide_columns(CONCERNS, is_blind=True)) == 13


# What else stands in a row


@pytest.mark.parametrize(
    ("spans", "wanted"),
    [
        ([], ()),
        ([[(0, 7)]], ((0, 7),)),
        ([[(8, 13), (0, 7)]], ((0, 7), (8, 13))),
        ([[(0, 7), (7, 13)]], ((0, 13),)),
        ([[(0, 13), (2, 5)]], ((0, 13),)),
        ([[(0, 7)], [(3, 13), (20, 26)]], ((0, 13), (20, 26))),
        ([[(3, 3), (0, 2)]], ((0, 2),)),
    ],
)
def test_evidence_is_in_order_and_joined(spans, wanted):
    tags = [tag(concern, spans=one) for concern, one in zip(CONCERNS, spans, strict=False)]
    [row] = wide_rows(judged(*((one, None) for one in tags)), FORM)
    assert row.evidence == wanted
    [blind] = wide_rows(judged(*((one, None) for one in tags)), BLIND)
    assert blind.evidence == ()


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted), max_size=8))
def test_evidence_covers_the_same_characters_and_nothing_else(spans):
    [row] = long_rows(judged((tag(spans=spans), None)), FORM)
    covered = {n for start, end in row.evidence for n in range(start, end)}
    assert covered == {n for start, end in spans for n in range(start, end)}
    flat = [n for span in row.evidence for n in span]
    assert flat == sorted(set(flat))


def test_in_the_long_form_each_row_has_the_evidence_of_its_own_tag():
    rows = list(long_rows(judged((tag(spans=[(0, 7)]), None), (tag("debt", spans=[(8, 13)]), None)), ASKING))
    assert [row.evidence for row in rows] == [((0, 7),), ((8, 13),), ()]


@pytest.mark.parametrize("length", [0, 1, CONTEXT_CHARACTERS - 1, CONTEXT_CHARACTERS, CONTEXT_CHARACTERS + 1, 5000])
@pytest.mark.parametrize("word", ["ab ", "a", "ก", "\n x"])
def test_the_passages_around_are_cut_at_words_where_they_are_long(length, word):
    text = (word * length)[:length]
    [row] = long_rows(judged(before=text, after=text), FORM)
    before, after = row.cells["before"], row.cells["after"]
    assert max(len(before), len(after)) <= CONTEXT_CHARACTERS + 2
    if length <= CONTEXT_CHARACTERS:
        assert (before, after) == (text, text)
    else:
        assert text.endswith(before.removeprefix("… "))
        assert text.startswith(after.removesuffix(" …"))
        assert before.startswith("… ")
        assert after.endswith(" …")
        assert min(len(before), len(after)) > CONTEXT_CHARACTERS - len(word) - 2


def test_the_quote_is_the_whole_passage():
    [row] = long_rows(judged(text="x" * 40_000), FORM)
    assert len(row.cells["quote"]) == 40_000


def test_a_row_tells_where_its_passage_stands():
    cities = (CityRef("Da Nang", "VN", "passage"), CityRef("Hue", "VN", "title"), CityRef("Cebu", "PH", "title"))
    about = {"places": [[4, "2", None, 0], [5, "3", None, 9], [5, "3", None, 20]], "context": "of 2024"}
    [row] = long_rows(judged((TAG, None), cities=cities, **about), FORM)
    wanted = {
        **{"heading": "Plan > Safety > of 2024", "city": "Da Nang (passage); Hue (title); Cebu (title)"},
        **{"country": "VN; PH", "page": "4 (printed 2), 5 (printed 3)", "url": "https://city.example/plan.pdf#page=4"},
        **{
            "in_window": "yes",
            "appearances": "2",
            "stance": "raised",
            "score": "0.62",
            "sample": "s1",
            "codebook": "k1",
        },
        **{"model_id": "m1", "taxonomy_version": "t1", "run_id": "r1", "passage_id": "p1", "document_id": "d1"},
        **{"kind": "paragraph", "story_id": "t3", "address": "https://city.example/plans"},
        **{"why": "term: cameras “Cameras watch”"},
    }
    assert {name: row.cells[name] for name in wanted} == wanted


@pytest.mark.parametrize("make", [long_rows, wide_rows])
@pytest.mark.parametrize("form", [FORM, BLIND])
def test_a_row_of_a_document_from_a_folder_leads_to_its_file(make, form):
    about = {"url": None, "address": "2024/press release.pdf", "title": "PRESS RELEASE"}
    assert cells(make(judged(**about), form), "url", "address") == [("", "2024/press release.pdf")]
    for columns in (COLUMNS, wide_columns(CONCERNS), wide_columns(CONCERNS, is_blind=True)):
        assert columns[columns.index("url") + 1] == "address"


def test_what_is_not_known_is_empty():
    unknown = dict.fromkeys(("title", "publisher", "genre", "published", "date_basis", "url", "document_country"))
    about = unknown | {"appearances": None, "page": None, "places": []}
    [row] = long_rows(judged(is_tagged=False, **about), FORM)
    names = ("doc_title", "publisher", "genre", "published", "date_basis", "url", "country", "appearances", "page")
    assert cells([row], *names, "model_id", "why", "run_id") == [("",) * 12]
    assert all(isinstance(value, str) for value in row.cells.values())
    assert row.cells["in_window"] == "unknown"


def test_a_row_on_what_was_missed_names_leads_and_what_was_nearly_tagged():
    scores = {"surveillance": 0.9, "privacy": 0.19, "debt": 0.2, "concern_4": 0.4, "concern_5": 0.3, "concern_6": 0.25}
    one = judged((TAG, None), scores=scores, leads=[("rights", 0.456)])
    [_, row] = long_rows(one, replace(ASKING, remarks={"p1": "ann: raised", "p2": "no"}))
    assert row.cells["why"] == (
        "lead: rights 0.46; near: concern_4 0.40; near: concern_5 0.30; near: concern_6 0.25; ann: raised"
    )


def test_a_verdict_that_stands_alone_says_why():
    pairs = [(None, verdict("accept", "debt")), (None, verdict("accept", "", "debt")), (None, verdict("reject"))]
    assert cells(long_rows(judged(*pairs), FORM), "why") == [("no longer predicted",), ("added by a person",), ("",)]


@pytest.mark.parametrize(
    ("url", "page", "wanted"),
    [
        ("https://a.example/x.pdf", 3, "https://a.example/x.pdf#page=3"),
        ("https://a.example/X.PDF?v=1", 3, "https://a.example/X.PDF?v=1#page=3"),
        ("https://a.example/x.html", 3, "https://a.example/x.html"),
        ("https://a.example/x.pdf", None, "https://a.example/x.pdf"),
        ("", 3, ""),
    ],
)
def test_an_address_of_a_pdf_leads_to_the_page(url, page, wanted):
    assert link(url, page) == wanted


def test_doubtful_words_and_reasons_are_told_once():
    assert doubtful_words("in 2562 and\n 2562, 31", [(3, 7), (12, 17), (19, 21), (3, 7)]) == "2562; 31"
    evidence = [
        [0, 1, "loan", "term: foreign loan"],
        [5, 6, "loan", "term: foreign loan"],
        [7, 8, "bank", "model: word adds 0.94"],
        [8, 9, "credit", "model: word adds 1.07"],
        [0, 0, "", "a cue"],
    ]
    assert reasons(evidence) == "term: foreign loan “loan”; model: “bank” 0.94, “credit” 1.07; a cue"
