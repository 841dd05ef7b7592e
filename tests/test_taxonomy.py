import dataclasses
import re

import pytest

from ascn_nlp.errors import TableError
from ascn_nlp.records import STANCES
from ascn_nlp.resources import packaged
from ascn_nlp.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
TEXT = packaged("taxonomy.toml").read_text("utf-8")
CODEBOOK = (
    "exclusion", "digital_divide", "displacement", "surveillance", "data_protection", "cybersecurity", "participation",
    "civil_liberties", "accountability", "public_services", "external_funding", "technology_dependence",
)  # fmt: skip
THIRTEENTH = """
[concerns.heritage]
name = "Heritage"
theme = "inclusion"
include = "old houses and quarters"
exclude = "museum hours"
terms = ["shophouse", "old quarter"]
examples = [
  { text = "The old quarter is falling down.", stance = "raised" },
  { text = "Shophouses are now protected.", stance = "addressed" },
  { text = "There are 300 shophouses.", stance = "described" },
]
counterexamples = ["The museum opens at nine.", "The shop is a house."]
"""


def load(tmp_path, text):
    path = tmp_path / "taxonomy.toml"
    path.write_text(text, "utf-8")
    return load_taxonomy(path)


def test_the_packaged_taxonomy_holds_the_codebooks_concerns_in_its_order():
    assert tuple(concern.id for concern in TAXONOMY.concerns) == CODEBOOK


@pytest.mark.parametrize("concern", TAXONOMY.concerns, ids=lambda concern: concern.id)
def test_every_concern_is_defined_and_shown(concern):
    assert concern.theme in TAXONOMY.themes
    assert len(concern.terms) + len(concern.weak_terms) >= 40
    assert {example.stance for example in concern.examples} == set(STANCES)
    assert len(concern.counterexamples) >= 2


def test_a_thirteenth_concern_is_one_more_block(tmp_path):
    taxonomy = load(tmp_path, TEXT + THIRTEENTH)
    assert taxonomy.concern("heritage").terms == ("shophouse", "old quarter")
    assert taxonomy.digest != TAXONOMY.digest


def test_a_new_term_leaves_the_definition_as_it_was(tmp_path):
    before = load(tmp_path, TEXT + THIRTEENTH)
    after = load(tmp_path, TEXT + THIRTEENTH.replace('"shophouse"', '"shophouse", "five-foot way"'))
    assert before.concern("heritage").digest == after.concern("heritage").digest
    assert before.digest != after.digest


def test_a_new_definition_is_another_concern_to_a_model(tmp_path):
    before = load(tmp_path, TEXT + THIRTEENTH)
    after = load(tmp_path, TEXT + THIRTEENTH.replace("museum hours", "museums"))
    assert before.concern("heritage").digest != after.concern("heritage").digest


def test_an_unknown_concern_is_told_the_valid_ones():
    with pytest.raises(KeyError, match="surveillance"):
        TAXONOMY.concern("weather")


def test_the_taxonomy_cannot_be_changed_by_accident():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TAXONOMY.concerns[0].name = "x"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('exclude = "museum hours"', "", "'exclude' is missing"),
        ("exclude = ", "exlude = ", "exlude: unknown key"),
        ('theme = "inclusion"', 'theme = "culture"', "no theme 'culture' .*inclusion, security"),
        ('"old quarter"]', '"old quarters", "old-quarter"]', "match the same words"),
        ('"old quarter"]', '"old quart*"]', "cannot match"),
        ('"old quarter"]', "3]", "must be a list of texts"),
        ("terms = [", "weak_terms = [", "has no terms"),
        ('stance = "raised"', 'stance = "lifted"', "no stance 'lifted' .*raised, addressed"),
        ('stance = "raised"', 'stanze = "raised"', "unknown key"),
        ('"The museum opens at nine.", ', "", "needs 2 counterexamples"),
        ('  { text = "There are 300 shophouses.", stance = "described" },\n', "", "needs 3 examples"),
        ('name = "Heritage"', 'name = ""', "not empty"),
        ('name = "Heritage"', 'name = "Heritage"\nusual_stance = "odd"', "no stance 'odd'"),
        ('name = "Heritage"', 'name = "Heritage"\npairs = [{ any = ["x"] }]', "needs both sides"),
        ('name = "Heritage"', 'name = "Heritage"\npairs = ["x"]', "list of tables"),
        ("[concerns.heritage]", "[concerns.Heritage-]", "small letters"),
    ],
)
def test_a_fault_is_refused_with_file_line_and_key(tmp_path, old, new, complaint):
    assert THIRTEENTH.count(old) == 1
    with pytest.raises(TableError, match=complaint) as caught:
        load(tmp_path, TEXT + THIRTEENTH.replace(old, new))
    place = re.fullmatch(r".*taxonomy\.toml:(\d+): concerns\.[Hh]eritage.*", caught.value.where)
    assert place
    assert int(place[1]) > TEXT.count("\n")
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("version = 1", 'version = "1"', "whole number"),
        ("version = 1", "version = 1\nauthor = 2", "author: unknown key"),
        ("[stances.raised]", "[stances.lifted]", "unknown key"),
        ("[cues]", "[clues]", "unknown key"),
        ("hedging = [", "hedges = [", "unknown key"),
    ],
)
def test_a_fault_outside_the_concerns_is_refused(tmp_path, old, new, complaint):
    assert old in TEXT
    with pytest.raises(TableError, match=complaint):
        load(tmp_path, TEXT.replace(f"\n{old}", f"\n{new}", 1))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TableError, match="no such file"):
        load_taxonomy(tmp_path / "nowhere.toml")
