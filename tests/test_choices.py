from __future__ import annotations

import pytest

from ascn_nlp.choices import CHOICES, check_sources, choose, make_filters
from ascn_nlp.errors import OptionError
from ascn_nlp.filters import Filters
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.workspace import open_workspace


@pytest.fixture
def place(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "sources.toml").write_text(
        '[mine]\nkind = "folder"\npath = "s"\npublisher = "x"\ngenre = "news"\nwhy = "x"\ncountry = "CN"\n'
    )
    return open_workspace(tmp_path)


@pytest.mark.parametrize("name", [n for n, f in Filters.__dataclass_fields__.items() if f.type == "tuple[str, ...]"])
def test_every_filter_that_names_something_is_checked_but_language(place, name):
    if name == "language":
        assert name not in CHOICES
        return
    known = CHOICES[name](place)
    assert make_filters(place, **{name: list(known)}) == Filters(**{name: tuple(known)})
    with pytest.raises(OptionError) as caught:
        make_filters(place, **{name: [next(iter(known)), "no such thing"]})
    assert caught.value.where == f"--{name}"
    assert all(one in caught.value.remedy for one in known)


def test_no_value_is_no_condition(place):
    assert make_filters(place, city=None, concern=(), since="", min_score=0.0) == Filters()


@pytest.mark.parametrize("city", load_gazetteer().cities, ids=lambda city: city.name)
def test_a_city_goes_by_all_its_names_in_any_case(place, city):
    for name in (city.name, *city.names, city.name.upper(), city.name.lower()):
        assert make_filters(place, city=[name]).city == (city.name,)


def test_one_text_is_one_value(place):
    assert make_filters(place, city="Saigon").city == ("Ho Chi Minh City",)


def test_a_country_goes_by_code_and_name_and_a_source_may_bring_its_own(place):
    assert make_filters(place, country=["vn", "Viet Nam", "Singapore", "CN"]).country == ("VN", "SG", "CN")


@pytest.mark.parametrize("concern", load_taxonomy().concerns, ids=lambda concern: concern.id)
def test_a_concern_goes_by_id_and_name(place, concern):
    assert make_filters(place, concern=[concern.name, concern.id]).concern == (concern.id,)


def test_a_name_of_one_thing_stands_above_another_name_of_something_else():
    assert choose(["b"], {"a": ("b",), "b": ()}, "thing", "--thing") == ("b",)


def test_sources_are_checked_by_the_option_they_came_with(place):
    check_sources(place, ["mine"], "--only")
    with pytest.raises(OptionError) as caught:
        check_sources(place, ["yours"], "--only")
    assert str(caught.value) == "--only: there is no source 'yours' (one of: mine)"
