import pytest

from ascn_nlp.annotate import annotate, build_pipeline
from ascn_nlp.classify.rules import RulesTagger
from ascn_nlp.classify.stance import CueCounts
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.records import Passage
from ascn_nlp.taxonomy import load_taxonomy

CASES = [
    ("surveillance", "raised", "Critics say the CCTV network has no legal basis."),
    ("surveillance", "raised", "There are no safeguards against abuse of the CCTV network."),
    ("surveillance", "addressed", "An ordinance protects passers-by from abuse of CCTV."),
    ("surveillance", "described", "The city hung 400 CCTV cameras along the river."),
    ("data_protection", "raised", "Personal data were sold without consent."),
    ("data_protection", "addressed", "The law requires consent before personal data are shared, and sets penalties."),
    ("data_protection", "described", "Riders enter personal data in the app."),
    ("participation", "raised", "There was no public consultation."),
    ("participation", "addressed", "In response to the public consultation the plan was revised."),
    ("displacement", "raised", "Two hundred families were evicted from the riverbank."),
    ("displacement", "addressed", "To prevent evictions the council adopted a moratorium."),
    ("external_funding", "described", "JICA signed a loan of USD 90 million for the depot."),
    ("external_funding", "raised", "Opponents say the Chinese loans are a burden and a risk."),
    ("cybersecurity", "raised", "Ransomware paralysed the hospital and patients suffered."),
    ("cybersecurity", "addressed", "To prevent ransomware, the Cybersecurity Act obliges hospitals to back up data."),
    ("civil_liberties", "raised", "A journalist was jailed for sedition."),
    ("accountability", "addressed", "To curb corruption, contracts must be published on an open tender portal."),
    ("public_services", "raised", "There is a severe water shortage, and families struggle."),
    ("public_services", "addressed", "The programme will extend piped water to 4,000 households."),
    ("technology_dependence", "raised", "Vendor lock-in threatens the city's budget."),
    ("digital_divide", "addressed", "The initiative promotes digital literacy among older residents."),
    ("exclusion", "raised", "Persons with disabilities complain that they are ignored."),
]


@pytest.fixture(scope="module")
def stance():
    taxonomy = load_taxonomy()
    nlp, tagger = build_pipeline(taxonomy, load_gazetteer()), RulesTagger(taxonomy)

    def stance_of(concern, text):
        passage = Passage("p", "d", 0, "paragraph", 0, len(text), text)
        (result,) = tagger.tag(annotate(nlp, [passage]))
        return {tag.concern: tag.stance for tag in result.tags}.get(concern)

    return stance_of


@pytest.mark.parametrize(("concern", "expected", "text"), CASES)
def test_the_cues_near_the_evidence_decide(stance, concern, expected, text):
    assert stance(concern, text) == expected


def test_the_evidences_own_sentence_weighs_more_than_the_others(stance):
    text = "Personal data are protected by law. The weather was a problem."
    assert stance("data_protection", text) == "addressed"


def test_a_tie_is_raised():
    assert CueCounts(1.0, 1.0, 0.0, 0.0).stance() == "raised"


def test_without_cues_it_is_described_or_as_usual():
    nothing = CueCounts(0.0, 0.0, 0.0, 0.0)
    assert nothing.stance() == "described"
    assert CueCounts(0.5, 0.0, 0.0, 0.0).stance("raised") == "raised"
