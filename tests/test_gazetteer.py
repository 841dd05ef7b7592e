import pytest

from ascn_nlp.errors import TableError
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.resources import packaged

GAZETTEER = load_gazetteer()
TEXT = packaged("gazetteer.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("year", "count"), [(2017, 0), (2018, 26), (2022, 26), (2023, 29), (2024, 31), (2025, 37), (2026, 38)]
)
def test_the_network_grows_as_it_did(year, count):
    assert len(GAZETTEER.members(year)) == count


def test_a_city_is_a_member_from_the_year_in_which_it_joined():
    assert "Dili" in GAZETTEER.members(2026) and "Dili" not in GAZETTEER.members(2025)
    assert not {"Rayong", "Surabaya"} & {*GAZETTEER.members(2022)}


def test_every_country_of_the_region_has_a_city():
    codes = {named.code for named in GAZETTEER.others if named.kind == "country"}
    assert len(codes) == 11
    assert codes == {city.country for city in GAZETTEER.cities}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"Dili" = { country = "TL"', '"Dili" = { country = "Timor"', "not a country code"),
        ('"Dili" = { country = "TL"', '"Dili" = { country = "XX"', "no country 'XX' .*BN, ID"),
        ("joined = 2026", 'joined = "2026"', "must be a year"),
        ("joined = 2026", "joind = 2026", "unknown key"),
        ('names = ["Díli"]', 'names = ["Ipoh"]', "also stands for cities.Ipoh"),
        ('names = ["Díli"]', 'names = [""]', "list of texts"),
        ("[vendors]", "[sellers]", "unknown key"),
        ('"Huawei" = ["Huawei Technologies"]', '"Huawei" = "Huawei Technologies"', "list of texts"),
        ("elsewhere = [", "elsewere = [", "unknown key"),
        ("version = 1", "version = 1.5", "whole number"),
        ("joined = 2026, is_capital = true", "joined = 2026, is_capital = 1", "true or false"),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_its_place(tmp_path, old, new, complaint):
    assert TEXT.count(old) == 1
    path = tmp_path / "gazetteer.toml"
    path.write_text(TEXT.replace(old, new), "utf-8")
    with pytest.raises(TableError, match=complaint) as caught:
        load_gazetteer(path)
    assert caught.value.where.startswith(f"{path}:")
    assert caught.value.remedy


def test_the_digest_changes_with_any_name(tmp_path):
    path = tmp_path / "gazetteer.toml"
    path.write_text(TEXT.replace("Díli", "Dilly"), "utf-8")
    assert load_gazetteer(path).digest != GAZETTEER.digest == load_gazetteer().digest
