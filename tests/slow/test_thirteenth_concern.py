"""A concern that a user adds, with thirty passages of her own: the model learns it on top of the shipped encoder."""

import json

import pytest

from ascn_nlp.modelling import packaged_passages, train_model
from ascn_nlp.records import Passage
from ascn_nlp.resources import packaged
from ascn_nlp.tagging import load_tagging
from ascn_nlp.workspace import open_workspace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

HERITAGE = """
[concerns.heritage]
name = "Heritage"
theme = "inclusion"
include = "old houses and quarters"
exclude = "museum hours"
terms = ["shophouse"]
examples = [
  { text = "The shophouses are falling down.", stance = "raised" },
  { text = "Shophouses are now protected.", stance = "addressed" },
  { text = "There are 300 shophouses.", stance = "described" },
]
counterexamples = ["The museum opens at nine.", "The shop is a house."]
"""
EXAMPLES = {
    "raised": (
        "The old theatre was pulled down overnight, and a century of the town's history went into a skip.",
        "Few of the colonial villas are left, and those that are stand empty and rot.",
        "Historians protested when the ancient wall was cut for a ramp.",
        "The carved teak house that tourists used to photograph has made way for a car park.",
        "Nobody repairs the roof of the old palace, and every monsoon takes more of its tiles.",
        "Conservationists warn that the historic quarter may lose its listing.",
        "The brick godowns by the river, built in 1890, are to be demolished for condominiums.",
        "Heritage buildings burn suspiciously often once a developer has bought the plot.",
        "A century-old clan hall was stripped of its carvings by thieves.",
        "New towers block the view of the temple and dwarf the old streets around it.",
    ),
    "addressed": (
        "Craftsmen have restored the carved roof of the historic mosque, which is now a listed monument.",
        "Owners of old houses may apply for a grant to repair facades and shutters.",
        "The law forbids the demolition of buildings that are more than fifty years old without consent.",
        "A trust bought the ruined convent and rebuilt it as a library.",
        "The old railway station has been saved and houses a museum of the city's past.",
        "UNESCO inscribed the historic town, and building heights around it were limited.",
        "Students measured two hundred old shops so that they can be rebuilt after a fire.",
        "The council adopted a conservation plan for the ancient city and its ramparts.",
        "Masons are trained in lime plaster again so that historic walls can be mended.",
        "After years of neglect the colonial post office was renovated and reopened.",
    ),
    "described": (
        "The villa dates from 1890 and is built of brick and teak in the colonial style of its time.",
        "Along the street stand two-storey houses with arcades, most of them a hundred years old.",
        "The oldest temple of the town was founded by merchants from Fujian.",
        "Its ancient citadel, with four gates and a moat, forms the centre of the city.",
        "The historic centre consists of some four hundred timber houses.",
        "A guide explains the architecture of the old mansions on Sunday mornings.",
        "The monument commemorates the founding of the old town in the fifteenth century.",
        "Visitors see carved doors, tiled floors and a courtyard with a well.",
        "The register lists 212 buildings of historical value.",
        "The colonial customs house serves as an art school today.",
    ),
}
UNREAD = (
    "Nobody stopped the developer when the ancient customs house, with its tiled floor, was torn down.",
    "The historic lighthouse has been restored by masons and is listed as a monument.",
)
OTHERS = ("The bus was late again on Monday.", "Traders expect a better harvest after the rains.")


def test_thirty_passages_are_enough_to_find_others(tmp_path):
    taxonomy = tmp_path / "taxonomy.toml"
    taxonomy.write_text(packaged("taxonomy.toml").read_text(encoding="utf-8") + HERITAGE, encoding="utf-8")
    lines = [
        {"id": f"mine-{n}-{stance}", "text": text, "author": "me", "tags": [{"concern": "heritage", "stance": stance}]}
        for stance, examples in EXAMPLES.items()
        for n, text in enumerate(examples)
    ]
    mine = tmp_path / "mine.jsonl"
    mine.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    some = [path for path in packaged_passages() if path.stem in ("plain", "press", "voices", "essays")]
    told = train_model(open_workspace(tmp_path), [*some, mine], tmp_path / "model")
    assert "heritage" not in told["left_to_rules"]
    tagging = load_tagging(taxonomy, packaged("gazetteer.toml"), tmp_path / "model", "model")
    assert tagging.stale == ()
    texts = (*UNREAD, *OTHERS)
    found = tagging.tag_loose([Passage(f"p{n}", "d", n, "paragraph", 0, len(t), t) for n, t in enumerate(texts)])
    assert ["heritage" in {tag.concern for tag in one.tags} for one in found] == [True, True, False, False]
