import tomllib
from pathlib import Path

import pytest

from ascn_nlp.annotate import annotate, build_pipeline
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.records import Passage
from ascn_nlp.taxonomy import load_taxonomy

CASES = tomllib.loads(Path(__file__).with_name("cities.toml").read_text("utf-8"))["cases"]


@pytest.fixture(scope="module")
def nlp():
    return build_pipeline(load_taxonomy(), load_gazetteer())


def document(case):
    heading = (case["heading"],) if "heading" in case else ()
    texts = [(case["text"], heading), *((text, ()) for text in case.get("others", []))]
    return [Passage(f"p{n}", "d", n, "paragraph", 0, len(text), text, above) for n, (text, above) in enumerate(texts)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:50])
def test_a_passage_gets_the_cities_it_speaks_of_and_the_basis(nlp, case):
    doc = next(annotate(nlp, document(case), {"d": case.get("title", "")}))
    assert {ref.city: ref.basis for ref in doc._.cities} == case["cities"]


def test_the_cases_hold_every_member():
    named = {city for case in CASES for city, basis in case["cities"].items() if basis == "passage"}
    assert named == {city.name for city in load_gazetteer().cities}


def test_a_city_comes_with_its_country(nlp):
    doc = next(annotate(nlp, document({"text": "Buses in Yangon take cards."})))
    assert [ref.country for ref in doc._.cities] == ["MM"]


def test_one_document_lends_no_city_to_another(nlp):
    texts = [("d1", "Ipoh is old."), ("d2", "The pumps were replaced.")]
    passages = [Passage(f"p{d}", d, 0, "paragraph", 0, len(text), text) for d, text in texts]
    assert [doc._.cities for doc in annotate(nlp, passages)][1] == ()


def test_the_nearest_heading_that_names_a_city_gives_it(nlp):
    text = "The pumps were replaced."
    passage = Passage("p", "d", 0, "paragraph", 0, len(text), text, ("Cebu City", "Ipoh", "Pumps"), "City | Status")
    assert [ref.city for ref in next(annotate(nlp, [passage]))._.cities] == ["Ipoh"]
