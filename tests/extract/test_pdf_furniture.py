import pytest

from ascn_nlp.extract.pdf.furniture import find_furniture, printed_labels
from ascn_nlp.extract.pdf.lines import Line
from ascn_nlp.records import Page

BODY = "An ordinary line of the body, as wide as the page."


def line(page: int, text: str, top: float, size: float = 10) -> Line:
    return Line(page, int(top), text, (72, top, 500, top + size), top + size, size, "Serif", (), 20, 95)


def furniture(count: int, *margin: tuple[str, float]) -> list[str]:
    """What is found in a file of ``count`` pages, ``{n}`` in the margin's texts standing for the page number."""
    lines = [line(n, text.format(n=n, m=7 * n), top) for n in range(1, count + 1) for text, top in margin]
    lines += [line(n, f"{BODY} {chr(96 + n)}{k}", 300 + 12 * k) for n in range(1, count + 1) for k in range(5)]
    pages = [Page(n, width=595, height=842) for n in range(1, count + 1)]
    return [lines[i].text for i in sorted(find_furniture(lines, pages))]


@pytest.mark.parametrize(
    "text", ["Annual Review", "Annual Review {n}", "{n} Annual Review", "Page {n} of 12", "- {n} -", "{n}"]
)
def test_margin_lines_that_repeat_or_count_with_the_pages_are_furniture(text):
    assert furniture(12, (text, 30)) == [text.format(n=n) for n in range(1, 13)]


def test_footnotes_that_differ_in_their_numbers_only_are_text():
    assert furniture(12, ("{m} See section {m} of the Act.", 780)) == []


def test_numbers_and_headings_in_the_body_are_text():
    assert furniture(12, ("{n}", 250), ("{m} boats", 270)) == []


def test_a_watermark_at_the_same_place_of_most_pages_is_furniture():
    assert furniture(12, ("Draft", 420)) == ["Draft"] * 12


def test_two_pages_are_enough_in_a_short_file_and_not_in_a_long_one():
    lines = [line(n, "Left-hand header" if n in (2, 4) else f"Heading {n * n}", 30) for n in range(1, 21)]
    pages = [Page(n, width=595, height=842) for n in range(1, 21)]
    assert find_furniture(lines, pages) == set()
    short = [each for each in lines if each.page <= 5]
    assert [short[i].page for i in find_furniture(short, pages[:5])] == [2, 4]


def test_a_larger_line_in_the_margin_is_a_title_that_may_repeat():
    lines = [line(n, "Our Programme", 40, size=24) for n in range(1, 6)]
    lines += [line(n, f"{BODY} {chr(96 + n)}", 300) for n in range(1, 6)]
    assert find_furniture(lines, [Page(n, width=595, height=842) for n in range(1, 6)]) == set()


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Office for Places {n}", {1: "1", 2: "2", 3: "3"}),
        ("Volume 7 (2021), page {n}", {1: "1", 2: "2", 3: "3"}),
        ("Office for Places", {}),
    ],
)
def test_the_printed_page_number_is_the_one_that_counts_with_the_pages(text, labels):
    lines = [line(n, text.format(n=n), 800) for n in range(1, 4)]
    assert printed_labels(lines, range(3)) == labels


def test_roman_page_numbers_are_labels_as_printed():
    lines = [line(n, roman, 800) for n, roman in enumerate(["i", "ii", "iii"], 1)]
    assert printed_labels(lines, range(3)) == {1: "i", 2: "ii", 3: "iii"}
