"""Figures of the report: what they count, and that anything can be drawn, for everybody, the same each time."""

import random
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from functools import cache
from itertools import combinations

import matplotlib
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

from ascn_nlp.errors import OptionError
from ascn_nlp.report.coverage_grid import ALL_YEARS, ANY_COUNTRY
from ascn_nlp.report.drawing import COLUMN, PAGE, TEXT, clean, fitted, house_style, width_of
from ascn_nlp.report.figures import (
    FIGURES,
    NOTHING,
    TABLES,
    ConcernName,
    Frames,
    caption,
    png,
    svg,
    table_of,
    title,
)
from ascn_nlp.report.frames import SPOKEN, TAGGED
from ascn_nlp.report.heat_map import LOOKS, WEAK_EDGES, is_weak
from ascn_nlp.report.matrix import STATES
from ascn_nlp.report.shown import MOST_YEARS
from ascn_nlp.report.states import STATES as STATES_IN_WORDS

CODES = ("BN", "KH", "ID", "LA", "MY", "MM", "PH", "SG", "TH", "VN", "TL")
COUNTRIES = dict.fromkeys(CODES) | {code: f"Land {code}" for code in CODES} | {"VN": "Việt Nam", "TL": "Timor-Leste"}
CONCERNS = {
    "evictions": ConcernName("Evictions and land", "homes"),
    "rents": ConcernName("Rents", "homes"),
    "cameras": ConcernName("Cameras in public places", "watching"),
}
PLACES = {"Đà Nẵng": "VN", "Hà Nội": "VN", "Dili": "TL", "Phuket": "TH"}
CITIES = {f"City number {n} of the network": CODES[n % 11] for n in range(38)}
HOSTILE = {
    "<b>&amp; $x^2$ \x00\x07\u202e \ud800 " + "Bandar " * 30: "ID",
    "ไทย 東京 \n\t x": "XX",
    "$\\frac{": "<script>",
    "]]>--><script>alert(1)</script>": "",
}
HOSTILE_CONCERNS = {
    "a": ConcernName("<script>alert(1)</script> " + "very long name " * 20, "th<eme & " + "long " * 20),
    "b": ConcernName("Unbreakable" * 20, "$$"),
    "c": ConcernName("", ""),
}


def frames_of(spoken, tagged, concerns=CONCERNS, places=PLACES, countries=COUNTRIES, years=()):
    """Frames of (passage, document, story, genre, year, place) and (passage, concern, stance)."""
    rows = [(p, d, s, "src", "pub", g, "other", y, place, places[place]) for p, d, s, g, y, place in spoken]
    years = sorted({*years, *(row[4] for row in spoken)})
    dense = [(concern, place, year) for concern in concerns for place in places for year in years]
    return Frames(
        spoken=pd.DataFrame(rows, columns=list(SPOKEN)),
        tagged=pd.DataFrame([(*tag, 0.9, False, "none") for tag in tagged], columns=list(TAGGED)),
        matrix=pd.DataFrame(dense, columns=["concern", "place", "year"]),
        concerns=concerns,
        countries=countries,
        places=places,
    )


def drawn(documents, years, places, concerns=CONCERNS, seed=1, tags=0.3):
    """Spoken and tagged rows of so many documents, made at random."""
    rng = random.Random(seed)
    spoken, tagged = [], []
    for document in range(documents):
        year, genre = rng.choice(years), rng.choice(("news", "legal", "academic", "other", "blog"))
        for passage in range(rng.randint(1, 3)):
            name = f"p{document}-{passage}"
            story = f"s{document // 2 if document % 3 else document}"
            spoken += [(name, f"d{document}", story, genre, year, place) for place in set(rng.choices(places, k=2))]
            tagged += [
                (name, concern, rng.choice(("raised", "addressed", "described")))
                for concern in concerns
                if rng.random() < tags
            ]
    return spoken, tagged


TINY = (
    [
        ("p1", "d1", "s1", "news", 2020, "Đà Nẵng"),
        ("p1", "d1", "s1", "news", 2020, "Phuket"),
        ("p2", "d1", "s1", "news", 2020, "Đà Nẵng"),
        ("p3", "d2", "s1", "news", 2020, "Đà Nẵng"),
        ("p4", "d3", "s2", "legal", 2022, "Đà Nẵng"),
        ("p5", "d4", "s3", "legal", 2022, "Hà Nội"),
    ],
    [
        ("p1", "evictions", "raised"),
        ("p2", "rents", "raised"),
        ("p3", "evictions", "raised"),
        ("p4", "evictions", "addressed"),
        ("p4", "cameras", "raised"),
        ("p5", "cameras", "described"),
        ("p5", "unheard of", "raised"),
    ],
)
SETS = {
    "tiny": lambda: frames_of(*TINY),
    "one year": lambda: frames_of(*drawn(30, (2023,), list(PLACES))),
    "one place": lambda: frames_of(*drawn(3, (2023,), ["Phuket"]), places={"Phuket": "TH"}),
    "one passage, no tag": lambda: frames_of(TINY[0][:1], []),
    "no tag": lambda: frames_of(drawn(60, (2018, 2020, 2021), list(PLACES))[0], []),
    "38 cities, 7 years": lambda: frames_of(*drawn(200, range(2018, 2025), list(CITIES)[:-5]), places=CITIES),
    "29 years": lambda: frames_of(*drawn(120, range(1996, 2025), list(PLACES))),
    "by country": lambda: frames_of(
        *drawn(60, range(2020, 2024), list(CODES)), places={code: code for code in CODES}
    ),
    "hostile": lambda: frames_of(
        *drawn(40, range(2019, 2022), list(HOSTILE), HOSTILE_CONCERNS, tags=0.8),
        HOSTILE_CONCERNS, HOSTILE, {"ID": "Indo&<nesia> " * 9, "TL": "Timor"},
    ),
    "many passages in one place": lambda: frames_of(
        *drawn(1500, (2023, 2024), ["Phuket"], tags=0.7), places={"Phuket": "TH"}
    ),
}  # fmt: skip
EMPTY = {
    "no rows": lambda: frames_of([], [], years=(2020,)),
    "nothing at all": lambda: frames_of([], [], {}, {}, {}),
    "tags of passages that speak of no place": lambda: frames_of([], TINY[1], years=(2020,)),
}


@cache
def frames(name):
    return SETS[name]()


@cache
def figure(name, of):
    return FIGURES[name](frames(of))


def texts_of(drawing):
    """All the texts in a figure with their boxes, in points."""
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    unseen = []  # labels of ticks beyond the end of the scale
    for axis in (axis for axes in drawing.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        unseen += [tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]
    found = [text for text in drawing.findobj(Text) if text.get_text() and text.get_visible() and text not in unseen]
    return [(text, text.get_window_extent(canvas.get_renderer())) for text in found]


every_figure = pytest.mark.parametrize("name", FIGURES)
every_set = pytest.mark.parametrize("of", SETS)


@every_figure
@every_set
def test_every_figure_is_drawn_within_its_paper_in_letters_that_can_be_read_and_none_over_another(name, of):
    drawing = figure(name, of)
    width, height = (72 * inches for inches in drawing.get_size_inches())
    assert COLUMN - 1 <= width <= PAGE + 1
    texts = texts_of(drawing)
    assert texts
    for text, box in texts:
        assert text.get_fontsize() >= TEXT == 7
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text
    for (one, first), (other, second) in combinations(texts, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        down = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across < 1 or down < 2, (one, other)


@every_figure
@every_set
def test_an_svg_can_stand_in_a_page_beside_others_and_brings_nothing_from_outside(name, of):
    text = svg(figure(name, of))
    root = etree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("aria-labelledby") == root[0].get("id") and root[0].text == title(name)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids) and all(each.startswith(f"{name}-") for each in ids)
    tags = {etree.QName(element).localname for element in root.iter()}
    assert not tags & {"script", "style", "metadata", "image", "foreignObject", "a"}
    for element in root.iter():
        for key, value in element.attrib.items():
            assert not key.startswith("on") and "xlink" not in key
            for target in [value[1:] for _ in "x" if key == "href"] + re.findall(r"url\(#?([^)]*)\)", value):
                assert target in ids
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "<!" not in text and "<?" not in text


@every_figure
def test_the_same_frames_give_the_same_bytes(name):
    first, second = (FIGURES[name](SETS["tiny"]()) for _ in range(2))
    assert svg(first) == svg(first) == svg(second)
    assert png(first) == png(second)
    assert png(first).startswith(b"\x89PNG") and b"Software" not in png(first) and b"tIME" not in png(first)


@every_figure
def test_a_png_is_as_large_as_its_resolution_says(name):
    drawing = figure(name, "tiny")
    width = int.from_bytes(png(drawing, 300)[16:20], "big")
    assert abs(width - 300 * drawing.get_size_inches()[0]) < 1


@every_figure
def test_a_figure_has_a_title_a_caption_and_a_table_and_is_called_as_it_is_listed(name):
    head, _, body = FIGURES[name].__doc__.partition("\n\n")
    assert head.strip() and "\n" not in head and body.strip()
    assert FIGURES[name].__name__ == name == figure(name, "tiny").get_label()
    assert title(name) == head.rstrip(".")
    assert set(TABLES) == set(FIGURES)


@every_figure
@pytest.mark.parametrize("of", EMPTY)
def test_where_there_is_nothing_to_draw_there_is_no_figure_but_a_sentence(name, of):
    empty = EMPTY[of]()
    assert FIGURES[name](empty) is None
    assert table_of(name, empty).empty
    assert caption(name, empty) == NOTHING


@every_figure
def test_a_caption_says_of_how_much_and_of_when(name):
    said = caption(name, frames("tiny"))
    assert "Window: 2020–2022; 4 documents, 5 passages and 3 stories that speak of a place." in said
    assert "\n" not in said
    assert "Window: 2020; 1 document, 1 passage and 1 story that" in caption(name, frames("one passage, no tag"))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("all dates", "Window: all dates (2020–2022); "),
        ("2020 and later", "Window: 2020 and later (2020–2022); "),
        ("2020 to 2022", "Window: 2020 to 2022; "),
    ],
)
@every_figure
def test_a_caption_tells_the_dates_that_were_asked_for_and_the_years_found(name, asked, told):
    assert told in caption(name, replace(frames("tiny"), window=asked))


@every_figure
def test_a_caption_tells_what_else_was_asked_for_drawn_or_not(name):
    assert " place. Only: city Hanoi; genre news." in caption(
        name, replace(frames("tiny"), filters="city Hanoi; genre news")
    )
    assert "Only:" not in caption(name, frames("tiny"))
    empty = replace(EMPTY["no rows"](), filters="genre legal")
    assert caption(name, empty) == f"{NOTHING} Only: genre legal."


def test_a_theme_is_of_the_concerns_that_were_asked_for():
    assert "any of the concerns of the theme that were asked for" in caption("over_years", frames("tiny"))


def test_a_state_is_called_in_the_heat_map_as_on_the_page():
    drawing = figure("heat_map", "tiny")
    words = [text.get_text() for text, _ in texts_of(drawing)]
    for state in set(table_of("heat_map", frames("tiny"))["state"]):
        assert [word for word in words if word.startswith(STATES_IN_WORDS[state].name)], state


def test_a_figure_that_is_not_listed_is_refused_with_those_that_are():
    for ask in (title, lambda name: caption(name, frames("tiny")), lambda name: table_of(name, frames("tiny"))):
        with pytest.raises(OptionError, match="heat_map, over_years"):
            ask("pie")


def counted(of, is_of, stance, concerns):
    """Stories, counted one by one: those of rows that ``is_of`` takes and that meet any of the concerns so."""
    met = {tag.passage_id for tag in of.tagged.itertuples() if tag.stance == stance and tag.concern in concerns}
    return len({row.story_id for row in of.spoken.itertuples() if is_of(row) and row.passage_id in met})


@every_set
def test_the_numbers_of_the_heat_map_are_those_of_a_hand_count(of):
    shown = frames(of)
    table = table_of("heat_map", shown)
    assert len(table) == len(shown.concerns) * len(shown.places)
    for row in table.sample(min(40, len(table)), random_state=1).itertuples():
        here = [each for each in shown.spoken.itertuples() if each.place == row.place]
        assert row.stories == len({each.story_id for each in here})
        counts = {
            stance: counted(shown, lambda each, row=row: each.place == row.place, stance, {row.concern})
            for stance in ("raised", "addressed", "described")
        }
        assert (row.raised, row.addressed, row.described) == tuple(counts.values())


def test_the_states_of_the_heat_map_are_those_that_were_decided_beforehand():
    table = table_of("heat_map", frames("tiny"))
    states = {(row.place, row.concern): row.state for row in table.itertuples()}
    assert states["Đà Nẵng", "evictions"] == "answered"
    assert states["Đà Nẵng", "rents"] == "unanswered"
    assert states["Phuket", "evictions"] == "unanswered"
    assert states["Phuket", "cameras"] == "too little"
    assert states["Hà Nội", "cameras"] == "described"
    assert {states["Dili", concern] for concern in CONCERNS} == {"no data"}
    assert set(table_of("heat_map", frames("no tag"))["state"]) == {"silent"}


def test_the_heat_map_writes_the_stories_of_a_state_into_its_cells():
    words = [text.get_text() for text, _ in texts_of(figure("heat_map", "tiny"))]
    assert words.count("1 + 1") == 1  # evictions in Đà Nẵng
    assert {"Đà Nẵng", "Hà Nội", "Việt Nam", "Timor-Leste", "Homes", "Watching"} <= set(words)


def outlined(drawing):
    """How many cells of a heat map are outlined, its legend aside."""
    boxes = [patch for patch in drawing.axes[0].patches if not patch.get_fill()]
    edges = [to_hex(box.get_edgecolor()) for box in boxes]
    return {state: edges.count(edge.lower()) for state, edge in WEAK_EDGES.items()}


def test_cells_of_the_heat_map_whose_gap_may_be_chance_are_outlined_and_the_caption_counts_the_others():
    spoken = [(f"p{n}", f"d{n}", f"s{n}", "news", 2020, "Phuket") for n in range(9)]
    spoken += [(f"q{n}", f"e{n}", f"t{n}", "news", 2020, "Dili") for n in range(3)]
    tags = [(f"p{n}", "evictions", "raised") for n in range(4)] + [(f"p{n}", "rents", "addressed") for n in range(4)]
    tags += [(f"q{n}", "evictions", "raised") for n in range(3)] + [(f"q{n}", "rents", "addressed") for n in range(3)]
    tags += [("q0", "cameras", "raised"), ("q1", "cameras", "addressed")]
    shown = frames_of(spoken, tags)
    table = table_of("heat_map", shown).assign(weak=lambda of: is_weak(of)).set_index(["place", "concern"])
    assert set(table.index[table["weak"]]) == {("Dili", "evictions"), ("Dili", "rents")}
    drawing = FIGURES["heat_map"](shown)
    assert outlined(drawing) == {"unanswered": 1, "addressed": 1}
    told = "The interval lies above 0 for 1 of 2 cells that are raised and by nobody addressed."
    assert told in caption("heat_map", shown)
    words = [text.get_text() for text, _ in texts_of(drawing)]
    assert [word for word in words if word.startswith("outlined: in so few stories that the 95 % interval")]


def test_where_no_cell_of_the_heat_map_may_be_chance_nothing_is_said_of_outlines():
    drawing = figure("heat_map", "no tag")
    assert not any(outlined(drawing).values())
    assert not [text for text, _ in texts_of(drawing) if text.get_text().startswith("outlined")]
    assert "by nobody addressed." not in caption("heat_map", frames("no tag"))


@every_figure
def test_no_caption_calls_a_story_independent(name):
    assert "independent" not in caption(name, frames("tiny"))


def test_a_heat_map_of_many_cities_names_those_without_data_below():
    shown = frames("38 cities, 7 years")
    missing = sorted(set(CITIES) - set(shown.spoken["place"]))
    assert len(missing) == 5
    words = [text.get_text() for text, _ in texts_of(figure("heat_map", "38 cities, 7 years"))]
    [note] = [word.replace("\n", " ") for word in words if word.startswith("Nothing speaks of")]
    for city in missing:
        assert city in note and city in caption("heat_map", shown)
        assert city not in words
    assert set(CITIES) - set(missing) <= set(words)
    one, two, three, *rest = [city for city in shown.places if city in missing]
    apart = replace(shown, uncounted={one: ("language",), two: ("language",), three: ("undated", "kind")})
    said = caption("heat_map", apart)
    assert "Nothing that can be counted speaks of: " in said and "Nothing at all speaks of: " in said
    by_words = {words: set(names.split(", ")) for names, words in re.findall(r"([^:;]+) \(only ([^)]+)\)", said)}
    assert {words: {name.strip() for name in names} for words, names in by_words.items()} == {
        "in another language than English": {one, two},
        "without a date or headings, contents and the like": {three},
    }
    assert set(said.partition("Nothing at all speaks of: ")[2].rstrip(".").split(", ")) == set(rest)


@every_set
def test_the_numbers_over_the_years_are_those_of_a_hand_count(of):
    shown = frames(of)
    table = table_of("over_years", shown)
    last = max(shown.spoken["year"])
    assert set(table["year"]) == set(range(max(min(shown.spoken["year"]), last - MOST_YEARS + 1), last + 1))
    for row in table.itertuples():
        concerns = {concern for concern, (_, theme) in shown.concerns.items() if theme == row.theme}
        stories = {each.story_id for each in shown.spoken.itertuples() if each.year == row.year}
        assert row.stories == len(stories)
        for stance in ("raised", "addressed"):
            count = counted(shown, lambda each, row=row: each.year == row.year, stance, concerns)
            share, low, high = (getattr(row, f"{stance}_{end}") for end in ("share", "low", "high"))
            assert getattr(row, stance) == count
            if stories:
                assert share == pytest.approx(count / len(stories)) and 0 <= low <= share <= high <= 1
            else:
                assert share != share


@every_set
def test_the_numbers_of_raised_against_addressed_are_those_of_a_hand_count(of):
    shown = frames(of)
    table = table_of("raised_against_addressed", shown)
    assert sorted(table["concern"]) == sorted(shown.concerns)
    for row in table.itertuples():
        assert row.stories == shown.spoken["story_id"].nunique()
        for stance in ("raised", "addressed"):
            count = counted(shown, lambda _: True, stance, {row.concern})
            assert getattr(row, stance) == count
            assert getattr(row, f"{stance}_share") == pytest.approx(count / row.stories)


@every_set
def test_the_numbers_of_coverage_and_sources_are_those_of_a_hand_count(of):
    shown = frames(of)
    documents = {(row.document_id, row.year, row.country, row.genre) for row in shown.spoken.itertuples()}
    for name, place, everything in (("coverage", 2, ANY_COUNTRY), ("sources", 3, "all genres")):
        table = table_of(name, shown)
        years = [int(column) for column in table.columns if column.isdigit()]
        assert table.iloc[-1]["name"] == everything
        for _, row in table.iterrows():
            takes = [each for each in documents if row["name"] == everything or each[place] == row.iloc[0]]
            for year in years:
                assert row[str(year)] == len({each[0] for each in takes if each[1] == year})
            assert row[ALL_YEARS] == len({each[0] for each in takes if each[1] in years})
    assert list(table_of("coverage", shown)["code"][: len(shown.countries)]) == list(shown.countries)


def test_years_that_have_no_room_are_said_to_be_left_out():
    shown = frames("29 years")
    older = shown.spoken[shown.spoken["year"] <= 2024 - MOST_YEARS]["document_id"].nunique()
    assert older > 1
    for name in ("over_years", "coverage", "sources"):
        assert f"Not shown: {older} documents from before {2025 - MOST_YEARS}." in caption(name, shown)


def luminance(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_each_state_has_a_look_of_its_own_without_its_colour_and_letters_that_stand_out():
    assert set(LOOKS) == set(STATES)
    signs = [(look.sign.get("marker"), look.sign.get("fillstyle"), look.hatch) for look in LOOKS.values()]
    assert len(set(signs)) == len(signs)
    shades = [
        luminance(LOOKS[state].facecolor) for state in ("unanswered", "answered", "addressed", "described", "silent")
    ]
    assert shades == sorted(shades)
    for state, look in LOOKS.items():
        assert state in ("too little", "no data") or contrast(look.facecolor, look.ink) >= 4.5


def test_figures_in_shaded_cells_of_the_coverage_stand_out():
    axes = figure("coverage", "38 cities, 7 years").axes[0]
    boxes = [patch for patch in axes.patches if not patch.get_hatch()]
    checked = 0
    for box in boxes:
        x, y = box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2
        for text in axes.texts:
            if text.get_position() == (x, y):
                checked += 1
                assert contrast(box.get_facecolor(), text.get_color()) >= 4.5
    assert checked == len(boxes) > 20


def test_drawing_leaves_the_settings_of_matplotlib_alone_and_does_not_heed_them():
    expected = svg(FIGURES["heat_map"](frames("tiny")))
    with matplotlib.rc_context({"font.size": 31, "text.usetex": True, "axes.grid": True}):
        before = dict(matplotlib.rcParams)
        assert svg(FIGURES["heat_map"](frames("tiny"))) == expected
        assert dict(matplotlib.rcParams) == before


def test_figures_are_listed_without_loading_matplotlib_and_drawn_without_pyplot():
    code = "import sys, ascn_nlp.report.figures as f; assert f.title('sources'); sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    code = (
        "import sys; from ascn_nlp.report.drawing import house_style, paper\n"
        "from ascn_nlp.report.rendering import png_bytes, svg_text\n"
        "with house_style(): figure = paper('x', 99, 99)\n"
        "png_bytes(figure, 72), svg_text(figure, 'x'); sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["Đà Nẵng", "Thành phố Hồ Chí Minh", "Huế", "Quy Nhơn", "Buôn Ma Thuột", "Díli"])
def test_vietnamese_names_are_drawn_as_they_are_written_in_either_way_of_writing_them(name):
    assert clean(name) == clean(unicodedata.normalize("NFD", name)) == name


@given(st.text(st.characters(), max_size=60))
@settings(deadline=None, max_examples=100)
def test_any_text_becomes_one_line_that_the_font_can_draw(text):
    line = clean(text)
    assert clean(line) == line == line.strip()
    assert not set(line) & set("\n\r\t\x00\u202e")
    with house_style():
        assert width_of(line) >= 0  # a letter without a picture would warn


@given(st.text("abcdefgh  ỆMi", max_size=80), st.floats(20, 200), st.integers(1, 4))
@settings(deadline=None, max_examples=100)
def test_what_is_fitted_fits_and_is_whole_unless_it_says_that_it_was_cut(text, width, lines):
    done = fitted(text, width, lines)
    assert len(done.split("\n")) <= lines
    assert all(width_of(line) <= width for line in done.split("\n"))
    kept = done.replace("\n", "").replace(" ", "")
    whole = clean(text).replace(" ", "")
    assert kept == whole or (kept.endswith("…") and whole.startswith(kept[:-1]))
