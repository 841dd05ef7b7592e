"""Passages: what goes together, what is cut, and that no word is lost."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_nlp.records import BLOCK_KINDS, Block, Document, Place
from ascn_nlp.segment import FEW_WORDS, LEAST_WORDS, LIST_WORDS, MANY_WORDS, count_words, segment

SENTENCE = "The town clerk read out eleven letters on the price of water and answered two of them. "


def words(count, start="Word"):
    return " ".join([start, *(f"word{number}" for number in range(count - 1))])


def document(*parts, language="en"):
    """Parts are (kind, text) or (kind, text, options of Block); joined by one blank line each."""
    blocks, text = [], ""
    for kind, content, *options in parts:
        text += "\n\n" if text else ""
        blocks.append(Block(kind, content, len(text), len(text) + len(content), **(options[0] if options else {})))
        text += content
    return Document(
        "d1", "s", "a", "0" * 64, "text/plain", "", "", "", "", language, None, "", "read", text, tuple(blocks), ()
    )


def texts(*parts):
    return [passage.text for passage in segment(document(*parts))]


def test_a_paragraph_of_usual_length_is_a_passage_as_printed():
    text = (SENTENCE * 3).strip()
    (passage,) = segment(document(("paragraph", text)))
    assert (passage.text, passage.kind, passage.ordinal, passage.language) == (text, "paragraph", 0, "en")


def test_headings_are_the_path_not_the_text():
    passages = segment(
        document(
            ("heading", "Report", {"level": 1}),
            ("heading", "Water", {"level": 2}),
            ("paragraph", words(30)),
            ("heading", "Pipes", {"level": 3}),
            ("paragraph", words(30)),
            ("heading", "Roads", {"level": 2}),
            ("paragraph", words(30)),
        )
    )
    assert [each.heading for each in passages] == [
        ("Report", "Water"),
        ("Report", "Water", "Pipes"),
        ("Report", "Roads"),
    ]


def test_a_box_read_at_the_end_of_a_page_has_the_headings_it_stands_beside():
    passages = segment(
        document(
            ("heading", "Siem Reap", {"level": 2}),
            ("paragraph", words(30, "Siem")),
            ("heading", "Kuala Lumpur", {"level": 2}),
            ("paragraph", words(30, "Kuala")),
            ("paragraph", words(30, "Box"), {"beside": 1}),
            ("list_item", words(30, "More"), {"beside": 1}),
            ("paragraph", words(30, "Overleaf")),
        )
    )
    assert [(each.heading[0], each.text.split()[0]) for each in passages] == [
        ("Siem Reap", "Siem"),
        ("Kuala Lumpur", "Kuala"),
        ("Siem Reap", "Box"),
        ("Siem Reap", "More"),
        ("Kuala Lumpur", "Overleaf"),
    ]


def test_headings_with_nothing_under_them_as_on_slides_are_passages_of_their_own():
    made = document(
        ("heading", "Our city", {"level": 1}),
        ("heading", "Sensors on every street lamp by next year", {"level": 2}),
        ("heading", "A command centre that never sleeps or blinks", {"level": 2}),
        ("heading", "Costs", {"level": 2}),
        ("paragraph", "The lamps are paid for by the ministry, and the centre by a lender from abroad.", {}),
    )
    bare, paragraph = segment(made)
    assert (bare.kind, bare.heading) == ("heading", ())
    assert bare.text.splitlines()[0] == "Sensors on every street lamp by next year" and "blinks" in bare.text
    assert paragraph.heading == ("Our city", "Costs")


def test_short_paragraphs_join_their_neighbours_but_not_over_a_heading():
    short, long = words(10, "Short"), words(40, "Long")
    assert texts(("paragraph", short), ("paragraph", long)) == [f"{short}\n\n{long}"]
    assert texts(("paragraph", long), ("paragraph", short)) == [f"{long}\n\n{short}"]
    assert texts(("paragraph", short), ("heading", "Next", {"level": 1}), ("paragraph", long)) == [short, long]


@pytest.mark.parametrize(("count", "kind"), [(LEAST_WORDS, "paragraph"), (LEAST_WORDS - 1, "stub"), (1, "stub")])
def test_a_short_paragraph_alone_is_a_passage_and_a_shorter_one_a_stub(count, kind):
    (passage,) = segment(document(("heading", "Alone"), ("paragraph", words(count)), ("heading", "Next")))[:1]
    assert (passage.text, passage.kind) == (words(count), kind)


def test_a_table_of_contents_is_a_passage_of_its_own_kind():
    entries = [("list_item", f"{n} The chapter on lamps ... {n}2") for n in range(1, 4)]
    found = segment(document(("heading", "Contents"), *entries, ("paragraph", words(30))))
    assert [(passage.kind, passage.text.count("...")) for passage in found] == [("contents", 3), ("paragraph", 0)]


def test_a_long_paragraph_is_cut_at_ends_of_sentences_into_like_parts():
    parts = texts(("paragraph", (SENTENCE * 25).strip()))
    assert len(parts) == 3
    assert all(part.startswith("The town") and part.endswith("of them.") for part in parts)
    assert max(map(count_words, parts)) - min(map(count_words, parts)) <= 2 * count_words(SENTENCE)


@pytest.mark.parametrize("abbreviation", ["Dr.", "No.", "Prof.", "e.g.", "J.", "Fig.", "U.S."])
def test_no_cut_falls_behind_an_abbreviation(abbreviation):
    sentence = f"The letter of the market women was handed by {abbreviation} Tan to the clerk. "
    assert all(part.endswith("clerk.") for part in texts(("paragraph", (sentence * 40).strip())))


@pytest.mark.parametrize(
    "text",
    [
        words(900),
        "word, " * 500,
        "ประชาชนร้องเรียนเรื่องน้ำประปา" * 120,
        "居民投诉水价上涨。" * 150,
        "សាលាក្រុងបានប្រកាស។" * 150,
    ],
)
def test_text_without_sentences_is_cut_all_the_same(text):
    passages = segment(document(("paragraph", text.strip())))
    assert all(count_words(passage.text) <= MANY_WORDS for passage in passages)
    assert "".join("".join(passage.text.split()) for passage in passages) == "".join(text.split())


def test_scripts_without_blanks_are_counted_by_their_signs():
    assert 4 <= count_words("ประชาชนร้องเรียนเรื่องน้ำประปา") <= 8
    assert count_words("ASEAN 居民投诉水价") == 1 + 3


def test_list_items_gather_under_their_lead_in():
    items = [("list_item", words(8, f"Item{number}"), {"level": 1}) for number in range(4)]
    (passage,) = segment(document(("paragraph", "The council promises the following:"), *items))
    assert passage.kind == "list"
    assert passage.text.startswith("The council promises") and "Item3" in passage.text


def test_a_long_list_is_parted_and_its_lead_in_is_the_context_of_what_follows():
    items = [("list_item", words(20, f"Item{number}"), {"level": 1}) for number in range(12)]
    first, *rest = segment(document(("paragraph", "The council promises the following:"), *items))
    assert rest and all(each.context == "The council promises the following:" for each in rest)
    assert first.context == ""
    assert all(count_words(each.text) <= LIST_WORDS for each in (first, *rest))


def test_a_long_list_item_stands_for_itself():
    items = [("list_item", words(40, f"Item{number}"), {"level": 1}) for number in range(3)]
    assert len(segment(document(*items))) == 3


def test_table_rows_gather_with_their_header_and_carry_it_as_context():
    header = "City | Project | Status"
    rows = [("table_row", f"Ipoh | {words(9)} | open", {"context": header}) for _ in range(6)]
    passages = segment(document(("table_row", header), *rows))
    assert passages[0].text.startswith(header)
    assert all(each.kind == "table" and each.context == header for each in passages)
    assert all(count_words(each.text) >= FEW_WORDS for each in passages)


def test_rows_of_two_tables_do_not_mix():
    rows = [("table_row", f"{name} | 1 | 2 | 3", {"context": name}) for name in ("Cities", "Towns")]
    assert [each.context for each in segment(document(*rows))] == ["Cities", "Towns"]


def test_a_caption_goes_with_its_table_and_not_with_prose():
    rows = [("table_row", f"Ipoh | {words(9)}", {"context": "City | Project"}) for _ in range(3)]
    caption, prose = "Table 2: Projects of 2021 by city", words(40)
    first, second = segment(document(("paragraph", prose), ("caption", caption), *rows))
    assert first.text == prose
    assert second.text.startswith(caption)


def test_footnotes_are_passages_of_their_own():
    passages = segment(document(("paragraph", words(30)), ("footnote", words(12)), ("paragraph", words(30))))
    assert [each.kind for each in passages] == ["paragraph", "footnote", "paragraph"]


def test_the_same_words_twice_get_two_ids():
    one, two = segment(document(("paragraph", words(30)), ("paragraph", words(30))))
    assert one.id != two.id


def test_ids_do_not_change_when_text_is_added_elsewhere():
    before = segment(document(("paragraph", words(30))))
    after = segment(document(("paragraph", words(40, "New")), ("paragraph", words(30))))
    assert after[1].id == before[0].id


def test_a_passage_over_a_page_break_has_both_places():
    text = words(40)
    places = (Place(1, "i", (0, 700, 100, 750)), Place(2, "ii", (0, 50, 100, 80), start=120))
    lead = ("paragraph", words(10), {"places": (Place(1, "i", (0, 650, 90, 690)),)})
    (passage,) = segment(document(lead, ("paragraph", text, {"places": places})))
    assert [(each.page, each.label) for each in passage.places] == [(1, "i"), (2, "ii")]
    assert passage.places[0].bbox == (0, 650, 100, 750)
    assert passage.text[passage.places[1].start :] == text[120:]


def test_a_part_of_a_long_paragraph_stands_only_where_its_words_are():
    text = (SENTENCE * 25).strip()
    places = (Place(1, bbox=(0, 0, 9, 9)), Place(2, bbox=(0, 0, 9, 9), start=len(text) - 10))
    passages = segment(document(("paragraph", text, {"places": places})))
    assert [[place.page for place in each.places] for each in passages] == [[1], [1], [1, 2]]


def test_columns_on_one_page_are_two_places():
    places = (Place(1, bbox=(0, 600, 200, 700)), Place(1, bbox=(220, 50, 400, 90), start=20))
    (passage,) = segment(document(("paragraph", words(30), {"places": places})))
    assert len(passage.places) == 2


def test_a_passage_in_another_language_is_marked():
    malay = (
        "Majlis bandaraya berkata bahawa penduduk boleh membuat aduan melalui aplikasi kerana pejabat ditutup pada "
        "hari Ahad, manakala syarikat itu ialah pembekal tunggal perkhidmatan maklumat di negeri ini."
    )
    passages = segment(document(("paragraph", (SENTENCE * 3).strip()), ("paragraph", malay)))
    assert [each.language for each in passages] == ["en", "ms"]


prose = st.lists(
    st.text(alphabet="abcdefgh .,:;!?กขあ\n", min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=60
).map(lambda parts: " ".join(parts).strip())
blocks = st.lists(st.tuples(st.sampled_from(BLOCK_KINDS), prose.filter(bool), st.integers(1, 3)), max_size=25)


@given(blocks, st.sets(st.integers(1, 24)))
def test_no_word_is_lost_or_doubled_and_all_offsets_hold(parts, boxes):
    options = [{"level": level if kind == "heading" else 0} for kind, _, level in parts]
    for number in boxes.intersection(range(1, len(parts))):
        if parts[number][0] != "heading":
            options[number]["beside"] = number // 2
    made = document(*((kind, text, option) for (kind, text, _), option in zip(parts, options, strict=True)))
    passages = segment(made)
    assert all(made.text[each.start : each.end] == each.text == each.text.strip() for each in passages)
    assert all(first.end <= second.start for first, second in itertools.pairwise(passages))
    assert [each.ordinal for each in passages] == list(range(len(passages)))
    assert len({each.id for each in passages}) == len(passages)
    assert max((count_words(each.text) for each in passages), default=0) < MANY_WORDS + 2 * LEAST_WORDS
    assert all(count_words(each.text) < LEAST_WORDS for each in passages if each.kind == "stub")
    covered = {offset for each in passages for offset in range(each.start, each.end)}
    for block in made.blocks:
        if block.kind != "heading":
            missing = [made.text[at] for at in range(block.start, block.end) if at not in covered]
            assert not "".join(missing).strip()
        else:
            is_path = any(" ".join(block.text.split()) in each.heading for each in passages)
            assert is_path or covered.issuperset(range(block.start, block.end))


def test_doubtful_characters_stay_marked_in_the_passage_that_holds_them():
    text = words(30) + " in 2562. " + words(190, "Then") + " in 2563."
    doubts = tuple((text.index(year), text.index(year) + 4) for year in ("2562", "2563"))
    found = segment(document(("list_item", "one short item"), ("paragraph", text, {"doubts": doubts})))
    marked = [(passage.text[a:b], number) for number, passage in enumerate(found) for a, b in passage.doubts]
    assert marked == [("2562", 0), ("2563", 1)]
