import json
import re
from datetime import UTC, datetime, timedelta, timezone

import bibtexparser
import pytest
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.review.citations import KEYS, KIND_BY_GENRE, NO_DATE, bibtex, citation_key, cited, csl_json
from ascn_nlp.review.judged import Judged
from ascn_nlp.sources.table import GENRES

# Types of items in csl-data.json of CSL 1.0.2.
CSL_TYPES = re.findall(
    r"\S+",
    """
    article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection dataset
    document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case legislation
    manuscript map motion_picture musical_score pamphlet paper-conference patent performance periodical
    personal_communication post post-weblog regulation report review review-book software song speech standard thesis
    treaty webpage
    """,
)
# Names of the same schema that our items may use; it allows no others.
CSL_NAMES = re.findall(
    r"\S+",
    "id type title author container-title publisher genre jurisdiction issued accessed URL note annote",
)
# The fields without which BibTeX warns, for the entry types in use ("BibTeXing", 3.1).
REQUIRED = {
    "article": {"title", "journal", "year"},
    "techreport": {"author", "title", "institution", "year"},
    "misc": set(),
}
UNTEX = {"textbraceleft": "{", "textbraceright": "}", "textbackslash": "\\", "textasciitilde": "~"} | {
    **{"textasciicircum": "^", "textless": "<", "textgreater": ">"}
}


def document(**values):
    return {
        **{"document_id": "d0f3c9a1b2c3d4e5f", "title": "Smart lights for the harbour", "publisher": "Harbour Council"},
        **{"genre": "official_report", "document_country": "VN", "published": "2021-03-14", "source_id": "harbour"},
        **{"url": "https://example.org/a", "address": "https://example.org/a", "sha256": "ab" * 32},
        **{"fetched_at": datetime(2025, 1, 31, 23, 30, tzinfo=UTC)},
        **values,
    }


def entries(*documents):
    library = bibtexparser.parse_string("".join(bibtex(documents)))
    assert library.failed_blocks == []
    return library.entries


def fields(**values):
    [entry] = entries(document(**values))
    return {field.key: field.value for field in entry.fields}


def item(**values):
    [found] = json.loads("".join(csl_json([document(**values)])))
    return found


def untexed(value):
    """The text that LaTeX prints for an escaped value."""
    return re.sub(r"\{\\(text[a-z]+)\}|\\([$&%#_])", lambda found: UNTEX.get(found[1]) or found[2], value)


def test_every_genre_is_mapped_and_to_types_that_exist():
    assert set(KIND_BY_GENRE) == set(GENRES)
    assert {kind.csl for kind in KIND_BY_GENRE.values()} <= set(CSL_TYPES)
    assert {kind.bibtex for kind in KIND_BY_GENRE.values()} <= set(REQUIRED)


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_is_cited_in_both_formats(genre):
    [entry] = entries(document(genre=genre))
    assert entry.entry_type == KIND_BY_GENRE[genre].bibtex
    assert REQUIRED[entry.entry_type] <= set(entry.fields_dict)
    found = item(genre=genre)
    assert found["type"] == KIND_BY_GENRE[genre].csl and set(found) <= set(CSL_NAMES)
    assert all(value for value in found.values())


def test_a_genre_that_is_unknown_or_missing_is_cited_as_other():
    assert [entry.entry_type for entry in entries(document(genre=None), document(genre="song", document_id="d2"))] == [
        "misc",
        "misc",
    ]


def test_an_entry_says_what_is_known():
    assert fields() == {
        "title": "{Smart lights for the harbour}",
        "author": "{Harbour Council}",
        "institution": "Harbour Council",
        "year": "2021",
        "month": "mar",
        "date": "2021-03-14",
        "url": "https://example.org/a",
        "urldate": "2025-01-31",
        "annote": r"document d0f3c9a1b2c3d4e5f, source harbour, SHA-256 abababababab",
    }


def test_an_item_says_what_is_known():
    assert item() == {
        "id": "harbourcouncil-2021-smart-0f3c9a1b",
        "type": "report",
        "title": "Smart lights for the harbour",
        "author": [{"literal": "Harbour Council"}],
        "publisher": "Harbour Council",
        "genre": "Report",
        "issued": {"date-parts": [[2021, 3, 14]]},
        "accessed": {"date-parts": [[2025, 1, 31]]},
        "URL": "https://example.org/a",
        "annote": "document d0f3c9a1b2c3d4e5f, source harbour, SHA-256 abababababab",
    }


def test_a_newspaper_is_where_an_article_stands_and_not_who_wrote_it():
    assert "author" not in fields(genre="news") and fields(genre="news")["journal"] == "Harbour Council"
    assert "author" not in item(genre="news") and item(genre="news")["container-title"] == "Harbour Council"


@pytest.mark.parametrize(
    ("published", "texed", "parts"),
    [
        ("2021", {"year": "2021", "date": "2021"}, [2021]),
        ("2021-12", {"year": "2021", "month": "dec", "date": "2021-12"}, [2021, 12]),
        ("2021-01-09", {"year": "2021", "month": "jan", "date": "2021-01-09"}, [2021, 1, 9]),
        (None, {"note": NO_DATE}, None),
    ],
)
def test_a_date_has_the_precision_that_is_known_and_none_is_made_up(published, texed, parts):
    found = fields(published=published)
    assert {name: found[name] for name in ("year", "month", "date", "note") if name in found} == texed
    assert item(published=published).get("issued") == (parts and {"date-parts": [parts]})
    assert item(published=published).get("note") == texed.get("note")


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2025, 1, 31, 23, 30), "2025-01-31"),
        (datetime(2025, 2, 1, 6, 30, tzinfo=timezone(timedelta(hours=7))), "2025-01-31"),
        (None, None),
    ],
)
def test_a_document_was_accessed_on_the_day_of_its_fetch_in_utc(at, day):
    assert fields(fetched_at=at).get("urldate") == day
    assert ("accessed" in item(fetched_at=at)) == (day is not None)


@pytest.mark.parametrize(
    ("title", "texed"),
    [
        ("Cost: $5 & 10% of #1_a", r"Cost: \$5 \& 10\% of \#1\_a"),
        ("{a} } {", r"{\textbraceleft}a{\textbraceright} {\textbraceright} {\textbraceleft}"),
        ("~ ^ \\", r"{\textasciitilde} {\textasciicircum} {\textbackslash}"),
        ("Thành phố, ชุมชน\nและ  \x00 thành phố", "Thành phố, ชุมชน และ thành phố"),
        ('"Quoted", = @misc{x}', r'"Quoted", = @misc{\textbraceleft}x{\textbraceright}'),
    ],
)
def test_signs_with_a_meaning_are_escaped_and_letters_are_kept(title, texed):
    assert fields(title=title)["title"] == f"{{{texed}}}"


def test_another_decoder_of_latex_reads_the_same_signs():
    text = "".join(bibtex([document(title="$5 & 10% #1 a_b x\\y")]))
    [entry] = bibtexparser.parse_string(text, append_middleware=[LatexDecodingMiddleware()]).entries
    assert entry["title"] == "$5 & 10% #1 a_b x\\y"


def balance(text):
    """The depth of braces after each character, as BibTeX counts them: whatever stands before."""
    depth = 0
    for sign in text:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        yield depth


@settings(deadline=None)
@given(title=st.text(st.characters(codec="utf-8")), publisher=st.text(st.characters(codec="utf-8")))
def test_any_title_and_publisher_come_back(title, publisher):
    text = "".join(bibtex([document(title=title, publisher=publisher, genre="news"), document(document_id="d2")]))
    first, second = bibtexparser.parse_string(text).entries
    depths = list(balance(text))
    assert min(depths) == 0 and depths[-1] == 0
    assert second["title"] == "{Smart lights for the harbour}"
    wanted = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", title).split())
    assert untexed(first["title"][1:-1]) == (wanted if title else "[untitled]")
    [found] = json.loads("".join(csl_json([document(title=title, publisher=publisher)])))
    assert found.get("title", "") == (wanted if title else "[untitled]")
    assert citation_key(document(title=title, publisher=publisher)).isascii()


def test_a_publisher_with_and_in_its_name_is_one_author():
    assert fields(publisher="Ministry of Health and Sport, Bureau of Maps")["author"].startswith(
        "{Ministry of Health and"
    )


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "harbourcouncil-2021-smart-0f3c9a1b"),
        ({"published": None}, "harbourcouncil-nd-smart-0f3c9a1b"),
        ({"title": "The Đà Nẵng plan"}, "harbourcouncil-2021-nang-0f3c9a1b"),
        ({"title": "แผนเมือง", "publisher": "เทศบาล"}, "harbour-2021-0f3c9a1b"),
        ({"title": None, "publisher": None, "source_id": ""}, "2021-0f3c9a1b"),
        ({"publisher": "The Association of Very Long Names of Bodies"}, "associationveryl-2021-smart-0f3c9a1b"),
    ],
)
def test_a_key_is_of_publisher_year_word_and_digits_of_the_id(values, key):
    assert citation_key(document(**values)) == key
    [entry] = entries(document(**values))
    assert entry.key == item(**values)["id"] == key


def test_a_key_is_the_same_whatever_else_is_exported():
    alike = [document(document_id=f"d{number}{'0' * 15}") for number in range(3)]
    alone = [entry.key for one in alike for entry in entries(one)]
    assert [entry.key for entry in entries(*alike)] == alone
    assert [entry.key for entry in entries(*reversed(alike))] == alone[::-1]
    assert len(set(alone)) == 3


@pytest.mark.parametrize(
    ("url", "address", "shown"),
    [
        ("https://example.org/a_b?x=1%20&y#z", "", "https://example.org/a_b?x=1%20&y#z"),
        ("https://example.org/{a} b\\ü", "", "https://example.org/%7Ba%7D%20b%5C%C3%BC"),
        (None, "https://example.org/a", "https://example.org/a"),
        (None, "folder/a.pdf", None),
    ],
)
def test_an_address_is_one_that_a_reader_can_open_and_latex_takes_as_it_stands(url, address, shown):
    assert fields(url=url, address=address).get("url") == shown
    assert item(url=url, address=address).get("URL") == shown


def test_the_documents_of_passages_are_cited_once_in_the_order_in_which_they_were_met():
    def passage(document_id):
        values = document(document_id=document_id) | {"id": "p1", "text": "Words.", "page": 1}
        return Judged(values, (), "", "", None, ())

    found = list(cited(map(passage, ["d2", "d1", "d2", "d3", "d1"])))
    assert [one["document_id"] for one in found] == ["d2", "d1", "d3"]
    assert all(tuple(one) == KEYS for one in found)


def test_no_documents_make_an_empty_file_and_an_empty_array():
    assert list(bibtex([])) == [] and json.loads("".join(csl_json([]))) == []


def test_an_array_is_written_an_item_a_line():
    lines = list(csl_json([document(), document(document_id="d2")]))
    assert len(lines) == 4 and all(line.count("\n") == 1 for line in lines)
