"""Word documents: order, structure, and what Word keeps but does not print."""

import importlib.util
import io
from pathlib import Path

import docx
import pytest

from ascn_nlp.extract.docx import read_docx
from ascn_nlp.extract.draft import Limits

SAMPLES = Path(__file__).parent / "samples" / "docx"


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_docx_samples", SAMPLES / "make_samples.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def draft(maker):
    return read_docx(maker.build(), Limits())


def test_the_committed_sample_is_what_the_script_draws(draft):
    assert read_docx((SAMPLES / "field-notes.docx").read_bytes(), Limits()) == draft


def test_blocks_come_in_the_order_of_the_body(draft):
    assert [block.kind for block in draft.blocks] == [
        "heading", "paragraph", "heading", "paragraph", "list_item", "list_item", "paragraph", "footnote", "paragraph",
        "heading", "table_row", "table_row", "table_row", "paragraph", "caption",
    ]  # fmt: skip


def test_deleted_words_are_out_and_inserted_ones_in(draft):
    assert "Fares rose by fourteen per cent." in [block.text for block in draft.blocks]


def test_title_and_dates_are_the_documents_own(draft):
    assert draft.title == "Bus notes"
    assert [(clue.value, clue.basis) for clue in draft.clues] == [
        ("2022-06-03", "metadata"),
        ("2024-01-09", "metadata"),
    ]
    assert draft.clues[0].confidence > draft.clues[1].confidence


def test_a_title_nobody_gave_is_replaced_by_the_printed_one():
    made = docx.Document()
    made.core_properties.title = "Microsoft Word - Document1"
    made.add_heading("Notes on lamps", 0)
    stream = io.BytesIO()
    made.save(stream)
    assert read_docx(stream.getvalue(), Limits()).title == "Notes on lamps"


def test_a_document_over_the_limit_says_so(maker):
    draft = read_docx(maker.build(), Limits(max_characters=40))
    assert draft.issues and len(draft.blocks) < 5
