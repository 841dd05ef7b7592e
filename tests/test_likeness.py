"""Stories: which copies are found whatever was done to them, and which look-alikes are kept apart."""

import os
import subprocess
import sys
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.likeness import (
    ALIKE,
    LEAST_SHARED,
    LEAST_WORDS,
    LONGER,
    PERMUTATIONS,
    Pair,
    PlaceNames,
    Sketch,
    alike,
    sketch,
    stories,
)

_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "wa")
VOCABULARY = [one + two + three for one in _SYLLABLES for two in _SYLLABLES for three in _SYLLABLES[:8]]


def passage(seed, words=60):
    return " ".join(Random(seed).choices(VOCABULARY, k=words)).capitalize() + "."


def article(seed, passages=6, words=60):
    return [passage(f"{seed}/{number}", words) for number in range(passages)]


def share(one, other):
    """Of the pair that two documents are, 0 when they are none; the same whichever comes first."""
    sketches = sketch(one), sketch(other)
    (first,) = [pair.share for pair in alike(dict(enumerate(sketches)))] or [0]
    (second,) = [pair.share for pair in alike(dict(enumerate(reversed(sketches))))] or [0]
    assert first == pytest.approx(second, abs=0.1)
    return min(first, second)


def are_alike(one, other):
    return share(one, other) >= ALIKE


def changed_words(texts, portion):
    draw = Random(5)
    return [
        " ".join(draw.choice(VOCABULARY) if draw.random() < portion else word for word in text.split())
        for text in texts
    ]


def resaved(texts):
    """The same words in short lines, hyphenated where they end, and cut into other passages."""
    words = " ".join(texts).split()
    cut = [words[n : n + 95] for n in range(0, len(words), 95)]
    return [" ".join(w if n % 9 else f"{w[:3]}-\n{w[3:]}" for n, w in enumerate(part)) for part in cut]


ORIGINAL = article("original")
LAST_THIRD = -len(ORIGINAL) // 3
COPIES = {
    "the same": ORIGINAL,
    "another headline": ["Mayor opens a market", *ORIGINAL],
    "the last third cut": ORIGINAL[:LAST_THIRD],
    "one word in twenty changed": changed_words(ORIGINAL, 0.05),
    "one word in ten changed": changed_words(ORIGINAL, 0.1),
    "one word in seven changed": changed_words(ORIGINAL, 0.15),
    "a paragraph added before": [passage("local"), *ORIGINAL],
    "a paragraph added after": [*ORIGINAL, passage("local")],
    "paragraphs reordered": ORIGINAL[3:] + ORIGINAL[:3],
    "sentences dropped": [" ".join(text.split()[: 45 if n % 2 else 60]) for n, text in enumerate(ORIGINAL)],
    "capitals": [text.upper() for text in ORIGINAL],
    "quotation marks and dashes": [f"“{text.replace(' ', ' — ', 1)}”" for text in ORIGINAL],
    "a PDF saved anew": resaved(ORIGINAL),
    "all in one passage": [" ".join(ORIGINAL)],
    "passages joined": [" ".join(ORIGINAL[n : n + 3]) for n in (0, 3)],
}


@pytest.mark.parametrize("edit", COPIES)
def test_an_edited_copy_is_alike(edit):
    assert are_alike(ORIGINAL, COPIES[edit])


def test_the_share_is_of_the_shorter_document():
    own = article("own", 2)
    assert share(ORIGINAL, ORIGINAL[:4]) == 1
    assert share([*ORIGINAL[:4], *own], ORIGINAL) == pytest.approx(4 / 6)


def test_the_same_words_are_alike_however_they_are_cut_into_passages():
    long = article("long", 20)
    assert are_alike(long, [" ".join(long)])


def test_the_same_words_in_another_order_are_other_words():
    assert not are_alike(ORIGINAL, [" ".join(sorted(text.split())) for text in ORIGINAL])


def test_a_formula_in_each_passage_does_not_join_documents():
    formula = passage("formula", 12)
    one, other = article("one"), article("two")
    assert not are_alike([f"{text} {formula}" for text in one], [f"{text} {formula}" for text in other])


def test_unrelated_documents_are_not_alike():
    assert alike({number: sketch(article(number)) for number in range(50)}) == []


def test_one_shared_paragraph_does_not_join_long_articles():
    assert not are_alike([*article("one"), ORIGINAL[0]], [ORIGINAL[0], *article("two")])


def test_two_quoted_paragraphs_do_not_join_a_follow_up():
    assert not are_alike(ORIGINAL, [*article("follow-up", 5), *ORIGINAL[:2]])


def test_documents_with_few_words_in_common_are_not_alike():
    few = passage("few", LEAST_SHARED - 1)
    enough = passage("few", LEAST_SHARED)
    assert not are_alike([few], [few])
    assert are_alike([enough], [enough])
    # The shared words count, not those around them.
    assert not are_alike([passage("few", 30), passage("own", 12)], [passage("few", 30), passage("other", 12)])


def test_short_passages_do_not_count():
    short = [passage(f"short {number}", LEAST_WORDS - 1) for number in range(30)]
    assert sketch(short).words == 0
    assert sketch([*short, *ORIGINAL]).signature == sketch(ORIGINAL).signature
    assert not are_alike([*short, passage("one")], [*short, passage("two")])


def test_a_report_that_quotes_a_short_article_whole_is_another_story():
    brief = ORIGINAL[:3]
    own = article("report", 12)
    assert not are_alike(brief, [*own[:6], *brief, *own[6:]])
    assert not are_alike(brief, [*own[:2], *brief, *own[2:4]])


def test_a_cut_copy_is_alike_up_to_a_third_of_the_length():
    long = article("long", 12)
    assert are_alike(long, long[: 12 // LONGER])
    assert not are_alike(long, long[: 12 // LONGER - 1])


def test_a_round_up_does_not_make_two_articles_one_story():
    one, other = article("one", 4), article("other", 4)
    documents = [one, other, [*article("opening", 2), *one, *other]]
    sketches = {number: sketch(texts) for number, texts in enumerate(documents)}
    found = stories(sketches, alike(sketches))
    assert found[0] != found[1]


def test_a_form_with_other_figures_is_another_text():
    form = [text.replace(" ", " {} ", 4) for text in ORIGINAL]
    january = [text.format(*range(n * 410 + 1013, n * 410 + 1413, 100)) for n, text in enumerate(form)]
    february = [text.format(*range(n * 730 + 51_119, n * 730 + 52_319, 300)) for n, text in enumerate(form)]
    assert not are_alike(january, february)
    assert are_alike(january, changed_words(january, 0.05))
    with_points = [text.replace(" 1", " 1,") for text in january]
    assert are_alike(january, with_points)


def test_a_box_in_many_documents_joins_none_of_them():
    box = passage("About the network", 120)
    sketches = {number: sketch([passage(f"own {number}"), box]) for number in range(40)}
    few = {number: sketches[number] for number in range(3)}
    assert len(alike(few)) == 3  # that it is a box cannot be seen yet
    assert alike({number: sketches[number] for number in range(4)}) == []
    assert alike(sketches) == []


def test_a_box_does_not_hide_the_copies_that_carry_it():
    box = passage("About the network", 120)
    sketches = {number: sketch([*article(number, 3), box]) for number in range(40)}
    sketches[40] = sketch([*changed_words(article(7, 3), 0.05), box])
    assert [(pair.one, pair.other) for pair in alike(sketches)] == [(7, 40)]


PLACES = PlaceNames(
    [("Da Nang", "Danang"), ("Phuket",), ("Jakarta",), ("Hanoi", "Hà Nội"), ("Singapore",)],
    [("Vietnam", "Vietnamese"), ("Thailand", "Thai"), ("Indonesia",), ("Singapore",)],
)
MARKET = (
    "The market hall of {} opens at six in the morning and closes at nine in the evening, and those who come by bus "
    "find the stop behind the fish stalls, where the city keeps a desk for lost things and a map of all lines."
)
RAISED = (
    "Stallholders say that cameras over their tables follow who buys from whom, that nobody told them who looks at the "
    "pictures, and that two families have given up their places since the rainy season because they feel watched."
)
DESCRIBED = (
    "The council has put forty cameras on poles along the river road since January, each with a sign, and an office of "
    "three people looks after them, answers letters and shows the rules of their use to anybody who asks there."
)
BUSES = "Buses run every ten minutes from the pier to the hill, and every twenty minutes at night and on holidays."


def grouped(*documents):
    """The stories of documents that are given as lists of passages, as sets of their places."""
    sketches = {number: sketch(texts, PLACES) for number, texts in enumerate(documents)}
    words = {number: one.words for number, one in sketches.items()}
    found = stories(sketches, alike(sketches), words=words)
    return sorted({tuple(n for n in found if found[n] == name) for name in found.values()})


def test_a_paragraph_that_is_printed_of_each_city_does_not_make_their_texts_one_story():
    da_nang, phuket = MARKET.format("Da Nang"), MARKET.format("Phuket")
    assert grouped([RAISED, da_nang], [DESCRIBED, da_nang], [phuket], [phuket, BUSES]) == [(0,), (1,), (2, 3)]
    assert grouped([da_nang], [phuket]) == [(0,), (1,)]
    assert grouped([MARKET.format("Da Nang's port")], [MARKET.format("PHUKET’S port")]) == [(0,), (1,)]
    assert grouped([MARKET.format("the Thai port")], [MARKET.format("the Vietnamese port")]) == [(0,), (1,)]


def test_another_name_of_the_same_city_is_no_other_city():
    assert grouped([MARKET.format("Danang")], [MARKET.format("Da Nang")]) == [(0, 1)]
    assert grouped([MARKET.format("Hà Nội")], [MARKET.format("HANOI")]) == [(0, 1)]


def test_a_shared_paragraph_alone_joins_no_two_texts_that_hold_it():
    here = MARKET.format("Da Nang")
    assert grouped([RAISED, here], [here], [DESCRIBED, here]) == [(0, 1), (2,)]
    assert grouped([here], [RAISED, here], [DESCRIBED, here], [here]) == [(0, 1, 3), (2,)]


def test_a_box_that_four_short_documents_hold_does_not_join_them():
    box = passage("About the network", 57)
    assert grouped(*([passage(f"own {number}", 21), box] for number in range(4))) == [(0,), (1,), (2,), (3,)]
    assert grouped(*([f"{passage(f'own {number}', 21)}\n\n{box}"] for number in range(4))) == [(0,), (1,), (2,), (3,)]


def test_short_lines_of_a_passage_count_with_the_next_ones():
    lines = "\n\n".join(passage(f"line {number}", 5) for number in range(30))
    assert sketch([lines]).words == 150
    assert sketch([f"{lines}\n\n{ORIGINAL[0]}\n\nThe end"]).words == 212
    assert are_alike([lines], [lines.replace("\n\n", " ")])


WIRE = [
    f"The ministry of {place} said on Monday that {number} more buses would reach the harbour before the end of the "
    f"rains, after residents of {place} had waited through three summers for a line that was promised to them."
    for number, place in enumerate(["Hanoi", "Vietnam", "the delta", "Jakarta"], 12)
]
WIRE_COPIES = {
    "a dateline": [f"JAKARTA (Agency) - {WIRE[0]}", *WIRE[1:]],
    "a dateline with the day": [f"Singapore, 3 March — {WIRE[0]}", *WIRE[1:]],
    "a dateline with a colon": [f"PHUKET: {WIRE[0]}", *WIRE[1:]],
    "a headline of another city": ["What the buses of Hanoi mean for the people who live in Phuket and Da Nang", *WIRE],
    "a paragraph of another city before": [MARKET.format("Phuket"), *WIRE],
    "a paragraph of another city after": [*WIRE, MARKET.format("Singapore")],
    "a sentence of another city added": [WIRE[0], f"{WIRE[1]} Phuket and Thailand have none.", *WIRE[2:]],
    "the end cut": WIRE[:2],
    "a city left out": [text.replace("Hanoi", "the capital") for text in WIRE],
    "a city added by the country": [text.replace("Hanoi", "Hanoi, Vietnam,") for text in WIRE],
    "paragraphs joined": [" ".join(WIRE[:2]), " ".join(WIRE[2:])],
    "all in capitals": [text.upper() for text in WIRE],
    "saved anew": resaved(WIRE),
}


@pytest.mark.parametrize("edit", WIRE_COPIES)
def test_an_edited_copy_of_a_wire_story_is_the_same_story_whatever_places_it_adds(edit):
    assert grouped(WIRE, WIRE_COPIES[edit]) == [(0, 1)]
    others = [copy for name, copy in WIRE_COPIES.items() if name != "the end cut"]
    assert grouped(WIRE_COPIES[edit], *others) == [tuple(range(len(others) + 1))]


@pytest.mark.parametrize("place", ["JAKARTA (Agency) - ", "HANOI: ", "Phuket, 3 March — "])
def test_a_short_wire_story_under_two_datelines_is_one_story(place):
    assert grouped([f"SINGAPORE (Agency) - {WIRE[0]} {WIRE[2]}"], [f"{place}{WIRE[0]} {WIRE[2]}"]) == [(0, 1)]


def test_a_wire_story_of_one_paragraph_under_each_paper_s_own_headline_is_one_story():
    text = f"{WIRE[0]} {WIRE[2]}"
    assert grouped(*([passage(f"headline {number}", 13), text] for number in range(6))) == [tuple(range(6))]
    with_local = [[text, passage(f"local {number}", 30)] for number in range(4)]
    assert grouped([text], *with_local) == [tuple(range(5))]


@pytest.mark.parametrize("papers", [4, 30, 80])
def test_a_wire_story_that_very_many_papers_print_is_one_story(papers):
    wire = article("wire", 5)
    prints = [[passage(f"local {n}", 40), *changed_words(wire[: 5 - n % 2], 0.02)] for n in range(papers)]
    sketches = {number: sketch(texts) for number, texts in enumerate([*prints, *(article(n) for n in range(30))])}
    found = stories(sketches, alike(sketches))
    assert [found[number] for number in range(papers)] == [0] * papers
    assert len(set(found.values())) == 31


def test_a_full_bucket_does_not_make_all_pairs():
    sketches = dict.fromkeys(range(400), sketch(ORIGINAL))
    pairs = alike(sketches)
    assert len(pairs) < 400 * 20
    assert set(stories(sketches, pairs).values()) == {0}


THAI = "เทศบาลนครเชียงใหม่ประกาศแผนพัฒนาระบบขนส่งสาธารณะอัจฉริยะเพื่อลดปัญหาการจราจรและมลพิษทางอากาศในเขตเมืองเก่า"
THAI_REST = "โดยจะเริ่มทดลองให้บริการรถโดยสารไฟฟ้าในเส้นทางรอบคูเมืองตั้งแต่เดือนหน้าและเก็บข้อมูลจากผู้โดยสารตลอดทั้งปีงบประมาณ"
OTHER_THAI = "กระทรวงสาธารณสุขเตือนประชาชนให้ระวังโรคไข้เลือดออกในช่วงฤดูฝนหลังพบผู้ป่วยเพิ่มขึ้นอย่างต่อเนื่องในหลายจังหวัดภาคใต้"
CHINESE = "新加坡政府周一宣布将在未来三年内投资建设智慧城市基础设施包括公共交通系统和环境监测网络以提高居民生活质量"
OTHER_CHINESE = (
    "越南岘港市人民委员会通过决议要求各部门加快行政手续数字化改革为企业和市民提供更加便利的在线公共服务并保护个人数据"
)


@pytest.mark.parametrize(
    ("text", "rest", "other"),
    [(THAI, THAI_REST, OTHER_THAI), (CHINESE, "他补充说有关计划将分阶段实施并听取各界意见" * 2, OTHER_CHINESE)],
)
def test_scripts_without_blanks_are_compared_by_signs(text, rest, other):
    document = [text + rest, text[::-1] + rest[::-1]]
    copy = [text[:20] + " " + text[20:] + rest[:-8], text[::-1] + rest[::-1]]
    assert are_alike(document, copy)
    assert not are_alike(document, [other * 2, other[::-1] * 2])
    assert sketch([text + rest]).text_key == sketch([f"{text[:20]}\n{text[20:40]} {text[40:]}", rest]).text_key


def test_a_blank_document_is_like_no_other():
    blank = sketch([])
    assert blank == sketch(["", " \n", "—"]) == Sketch(0, b"", "")
    assert alike({1: blank, 2: blank}) == []
    assert alike({}) == []
    assert stories([1, 2], []) == {1: 1, 2: 2}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_text_can_be_sketched_and_its_key_does_not_see_how_it_is_cut_or_spaced(texts):
    whole = sketch(texts)
    assert len(whole.signature) % (4 * PERMUTATIONS + 28) == 0
    assert bool(whole.text_key) == bool(sketch([" ".join(texts)]).text_key)
    words = [word for text in ORIGINAL for word in text.split()]
    cuts = sorted({0, *(len(text) * 9 % len(words) for text in texts), len(words)})
    parts = [" \n ".join(words[a:b]) for a, b in pairwise(cuts)]
    assert sketch(parts).text_key == sketch(ORIGINAL).text_key


def test_the_key_does_not_see_hyphens_quotes_and_capitals_but_each_word():
    key = sketch(["The city's smart-card co-operation, 2019-2020."]).text_key
    assert key == sketch(["THE CITY’S smart-", "card", "“cooper-\nation” 2019–2020"]).text_key
    assert key != sketch(["The city's smart-card cooperation, 2019-2021."]).text_key


def test_a_sketch_is_its_bytes():
    one = sketch(ORIGINAL)
    kept = Sketch(one.words, bytes(bytearray(one.signature)), one.text_key)
    assert kept == one
    assert len(one.signature) == len(ORIGINAL) * (4 * PERMUTATIONS + 28)
    assert [(pair.one, pair.other, pair.share) for pair in alike({1: one, 2: kept})] == [(1, 2, 1.0)]


def test_a_sketch_is_the_same_in_every_process():
    code = "import sys; from ascn_nlp.likeness import sketch; print(sketch(sys.argv[1:]).signature.hex())"
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code, *ORIGINAL[:2]], env=environment, capture_output=True)
        assert done.stdout.decode().strip() == sketch(ORIGINAL[:2]).signature.hex()


def small_corpus():
    documents = [list(texts) for texts in COPIES.values()] + [article(number) for number in range(20)]
    documents += [changed_words(article(number), 0.1) for number in range(0, 20, 3)]
    return {number * 3: sketch(texts) for number, texts in enumerate(documents)}


SMALL = small_corpus()
ALL_PAIRS = alike(SMALL)


@settings(max_examples=20, deadline=None)
@given(st.permutations(sorted(SMALL)))
def test_the_order_of_the_documents_changes_nothing(order):
    assert alike({number: SMALL[number] for number in order}) == ALL_PAIRS


@settings(max_examples=30, deadline=None)
@given(st.sets(st.sampled_from(sorted(SMALL))))
def test_what_changed_is_paired_as_if_all_were(changed):
    assert len(ALL_PAIRS) > 20
    expected = [pair for pair in ALL_PAIRS if pair.one in changed or pair.other in changed]
    assert alike(SMALL, changed) == expected


def test_what_changed_is_paired_as_if_all_were_in_full_buckets_too():
    sketches = {number: sketch(changed_words(ORIGINAL, number / 2000)) for number in range(80)}
    every = alike(sketches)
    assert alike(sketches, changed={3, 40}) == [pair for pair in every if {pair.one, pair.other} & {3, 40}]


def test_a_short_document_joins_no_two_longer_ones_unless_a_person_says_so():
    pairs, words = [Pair(1, 2, 1.0), Pair(2, 3, 1.0)], {1: 100, 2: 50, 3: 90}
    assert stories(words, pairs, words=words) == {1: 1, 2: 1, 3: 3}
    assert stories(words, pairs, same=[(2, 3)], words=words) == {1: 1, 2: 2, 3: 2}
    assert stories(words, pairs, same=[(1, 2), (2, 3)], words=words) == {1: 1, 2: 1, 3: 1}
    assert stories(words, [*pairs, Pair(1, 3, 0.7)], words=words) == {1: 1, 2: 1, 3: 1}


def test_an_edited_or_slightly_cut_copy_may_join_two_longer_ones():
    pairs = [Pair(1, 2, 1.0), Pair(2, 3, 0.8)]
    assert set(stories([1, 2, 3], pairs, words={1: 100, 2: 50, 3: 90}).values()) == {1}
    whole = [Pair(1, 2, 1.0), Pair(2, 3, 1.0)]
    assert set(stories([1, 2, 3], whole, words={1: 100, 2: 70, 3: 100}).values()) == {1}


def test_places_of_other_names_have_another_key():
    assert PLACES.key != PlaceNames([("Da Nang",)]).key != PlaceNames([], [("Da Nang",)]).key
    assert PlaceNames([("Hue", "Hanoi")]).key != PlaceNames([("Hue",), ("Hanoi",)]).key


def test_stories_are_named_by_their_smallest_member():
    assert stories([5, 3, 9, 7], [Pair(5, 9, 0.9), Pair(3, 9, 0.7)]) == {3: 3, 5: 3, 9: 3, 7: 7}


def test_pairs_of_documents_that_are_gone_are_left_out():
    assert stories([1, 2], [Pair(1, 3, 0.9), Pair(2, 3, 0.9)], same=[(2, 3)], different=[(1, 3)]) == {1: 1, 2: 2}


def test_different_documents_are_not_joined_through_a_third_and_the_surer_pair_wins():
    pairs = [Pair(1, 2, 0.8), Pair(2, 3, 0.9)]
    assert stories([1, 2, 3], pairs, different=[(3, 1)]) == {1: 1, 2: 2, 3: 2}
    assert stories([1, 2, 3, 4], [*pairs, Pair(3, 4, 0.7)], different=[(4, 2)]) == {1: 1, 2: 1, 3: 1, 4: 4}


def test_a_persons_same_comes_before_every_pair():
    assert stories([1, 2, 3], [Pair(1, 2, 1.0)], same=[(3, 2)], different=[(1, 3)]) == {1: 1, 2: 2, 3: 2}
    assert stories([1, 2], [], same=[(2, 1)]) == {1: 1, 2: 1}


def test_different_stands_where_verdicts_contradict_each_other():
    found = stories([1, 2, 3], [], same=[(1, 2), (2, 3)], different=[(1, 3)])
    assert found == {1: 1, 2: 1, 3: 3}
    assert stories([1, 2], [Pair(1, 2, 1.0)], same=[(1, 2)], different=[(2, 1)]) == {1: 1, 2: 2}


_TWO = st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda two: two[0] != two[1])


@given(
    st.sets(st.integers(0, 12)),
    st.lists(st.tuples(_TWO, st.sampled_from([0.6, 0.7, 1.0]))),
    st.lists(_TWO, max_size=5),
    st.lists(_TWO, max_size=5),
    st.randoms(use_true_random=False),
)
def test_verdicts_hold_in_whatever_order_they_come(members, drawn, same, different, random):
    pairs = [Pair(min(two), max(two), value) for two, value in drawn]
    found = stories(members, pairs, same, different)
    assert found.keys() == members
    assert all(found[name] == name <= member for member, name in found.items())
    for one, other in different:
        assert not {one, other} <= members or found[one] != found[other]
    if not different:
        assert all(found[one] == found[other] for one, other in same if {one, other} <= members)
    for shuffled in (pairs, same, different):
        random.shuffle(shuffled)
    assert stories(members, pairs, [two[::-1] for two in same], different) == found
