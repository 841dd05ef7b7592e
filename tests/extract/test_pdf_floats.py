"""Boxes read at the end of a page belong to what they stand beside."""

from ascn_nlp.extract.pdf.floats import Piece, find_floats


def body(top, bottom, left=72, right=280, page=1):
    return Piece([(page, (left, top, right, bottom))], True, False)


def heading(top, left=72, page=1):
    return Piece([(page, (left, top, left + 100, top + 12))], False, True)


def box(top, bottom, left=16, right=200, page=1):
    return Piece([(page, (left, top, right, bottom))], False, False)


COLUMN = [heading(50), body(70, 200), heading(300), body(320, 500)]
OTHER_COLUMN = [body(50, 500, 320, 520)]


def test_a_box_belongs_to_the_last_text_that_begins_above_it_in_its_column():
    assert find_floats([*COLUMN, *OTHER_COLUMN, box(210, 290)]) == {5: 1}
    assert find_floats([*COLUMN, *OTHER_COLUMN, box(340, 400, right=150), box(600, 640)]) == {}  # nothing below either


def test_a_box_that_text_runs_round_belongs_to_that_text():
    assert find_floats([*COLUMN, body(520, 600), box(340, 480, right=150)]) == {5: 3}


def test_what_stands_close_to_a_box_is_of_the_same_box():
    title, text, beside = box(205, 215), box(218, 280), box(220, 270, 210, 300)
    assert find_floats([*COLUMN, title, text, beside]) == {4: 1, 5: 1, 6: 1}
    assert find_floats([*COLUMN, box(205, 215, 2, 40), text]) == {4: 1, 5: 1}  # the first is told by the second


def test_text_set_as_the_body_is_never_a_box_whatever_the_stream_says():
    assert find_floats([body(400, 500), body(70, 200)]) == {}


def test_boxes_are_looked_for_on_their_own_page_only():
    assert find_floats([*COLUMN, box(210, 290, page=2)]) == {}


def test_a_box_above_all_text_stands_beside_nothing():
    assert find_floats([*COLUMN, box(10, 40)]) == {}
