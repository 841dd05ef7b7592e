import json
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ascn_nlp.records import CityRef
from ascn_nlp.review.exchange import FORMATS
from ascn_nlp.review.judged import Judged
from ascn_nlp.review.label_studio import label_studio_config
from ascn_nlp.review.voices import effects, everybody, people
from ascn_nlp.review.web_annotation import CONTEXT

CONCERNS = ("exclusion", "surveillance", "participation")
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
# The sign before the words lies beyond 16 bits: two units of UTF-16, one character.
TEXT = "🚦 The cameras watch the market square, and nobody was asked."
WORDS = "cameras watch"
MODEL = "model-7f3a"


def tag(concern="surveillance", stance="raised", score=0.83, words=WORDS):
    start = TEXT.index(words)
    evidence = [[start, start + len(words), words, "a term of it"]]
    return {"concern": concern, "stance": stance, "score": score, "is_unsure": False, "evidence": evidence}


def verdict(decision, concern="surveillance", named="", stance="", note="", reviewer="Mei", at=AT):
    said = {"concern": concern, "decision": decision, "concern_reviewed": named, "stance_reviewed": stance}
    return said | {"note": note, "reviewer": reviewer, "at": at}


def judged(*pairs, is_tagged=True, **passage):
    about = {
        **{"id": "p0123456789abcdef", "document_id": "d0123456789abcdef", "text": TEXT, "heading": ["Plan", "Safety"]},
        **{"context": "", "places": [[4, "2", None, 0]], "page": 4, "language": "en", "kind": "paragraph"},
        **{
            "start": 100,
            "end": 100 + len(TEXT),
            "doubts": [],
            "title": "A plan for the square",
            "publisher": "City Hall",
        },
        **{"genre": "official_report", "document_country": "VN", "published": "2024-05", "date_basis": "meta"},
        **{"url": "https://example.org/plan.pdf", "address": "https://example.org/plan.pdf", "source_id": "plans"},
        **{"story": None, "document_seq": 7, "appearances": 1, "fetched_at": AT, "sha256": "ab" * 32},
        **passage,
    }
    tagging = {"tagger_id": MODEL, "taxonomy_version": "t1", "run_id": "r1", "scores": {"surveillance": 0.83}}
    cities = (CityRef("Da Nang", "VN", "passage"),)
    return Judged(
        about, cities, "What stands before it. " * 4, "What follows. " * 4, tagging if is_tagged else None, pairs
    )


def written(name, *items, is_blind=False):
    return "".join(FORMATS[name](items, CONCERNS, is_blind))


def records(name, *items, is_blind=False):
    """What a program that reads the format gets: examples, tasks or annotations."""
    text = written(name, *items, is_blind=is_blind)
    match name:
        case "label-studio":
            return json.loads(text)
        case "web-annotation":
            return json.loads(text)["first"]["items"]
    return [json.loads(one) for one in text.splitlines()]


# --- what a verdict says ----------------------------------------------------------------------------------------------

CASES = {
    "accept": (tag(), verdict("accept"), {"surveillance": "raised"}, (), ()),
    "accept, another stance": (tag(), verdict("accept", stance="addressed"), {"surveillance": "addressed"}, (), ()),
    "accept, the same concern named": (
        tag(),
        verdict("accept", named="surveillance"),
        {"surveillance": "raised"},
        (),
        (),
    ),
    "accept, another concern": (tag(), verdict("accept", named="exclusion"), {"exclusion": ""}, ("surveillance",), ()),
    "accept, another concern and stance": (
        *(tag(), verdict("accept", named="exclusion", stance="described")),
        *({"exclusion": "described"}, ("surveillance",), ()),
    ),
    "accept, no longer predicted": (None, verdict("accept"), {"surveillance": ""}, (), ()),
    "a missed tag": (None, verdict("accept", "", "participation", "raised"), {"participation": "raised"}, (), ()),
    "reject": (tag(), verdict("reject"), {}, ("surveillance",), ()),
    "unsure": (tag(), verdict("unsure"), {}, (), ("surveillance",)),
    "unsure whether one was missed": (None, verdict("unsure", "", "exclusion"), {}, (), ("exclusion",)),
    "nothing else holds": (None, verdict("reject", ""), {}, (), ()),
}
each_case = pytest.mark.parametrize(("mark", "decided", "holds", "rejected", "undecided"), CASES.values(), ids=CASES)


@each_case
def test_a_verdict_says_what_holds_what_does_not_and_what_is_open(mark, decided, holds, rejected, undecided):
    by_state = {"holds": {}, "rejected": {}, "undecided": {}}
    for effect in effects(mark, decided):
        by_state[effect.state][effect.concern] = effect.stance
    assert by_state == {
        "holds": holds,
        "rejected": dict.fromkeys(rejected, ""),
        "undecided": dict.fromkeys(undecided, ""),
    }


@each_case
def test_prodigy_is_told_what_a_person_decided_and_no_more(mark, decided, holds, rejected, undecided):
    *_, line = records("prodigy", judged((mark, decided)))
    is_complete = decided["decision"] == "reject" and not decided["concern"]
    options = [option["id"] for option in line["options"]]
    assert line["accept"] == list(holds)
    assert set(options) == (set(CONCERNS) if is_complete else {*holds, *rejected})
    assert line["answer"] == ("accept" if options else "ignore")
    assert line["meta"]["undecided"] == "; ".join(undecided)
    assert line["meta"]["stances"] == "; ".join(f"{concern}: {stance}" for concern, stance in holds.items() if stance)
    assert line["_annotator_id"] == "Mei"


@each_case
def test_doccano_gets_the_labels_of_people_alone_where_somebody_decided(mark, decided, holds, rejected, undecided):
    [line] = records("doccano", judged((mark, decided)))
    assert (line["label"], line["label_by"]) == (list(holds), "people")
    assert [one["decision"] for one in line["verdicts"]] == [decided["decision"]]
    assert [one["concern"] for one in line["predicted"]] == ([mark["concern"]] if mark else [])


@each_case
def test_label_studio_gets_three_lists_of_concerns_and_the_stances(mark, decided, holds, rejected, undecided):
    [task] = records("label-studio", judged((mark, decided)))
    [annotation] = task["annotations"]
    got = {one["from_name"]: one["value"] for one in annotation["result"]}
    is_complete = decided["decision"] == "reject" and not decided["concern"]
    lists = {name: got.get(name, {}).get("choices", []) for name in ("concerns", "rejected", "undecided")}
    wanted = sorted(CONCERNS) if is_complete else list(rejected)
    assert lists == {"concerns": list(holds), "rejected": wanted, "undecided": list(undecided)}
    stances = {
        name.removeprefix("stance_"): value["choices"] for name, value in got.items() if name.startswith("stance_")
    }
    assert stances == {concern: [stance] for concern, stance in holds.items() if stance}
    assert got["reviewer"] == {"text": ["Mei"]}
    assert "completed_by" not in annotation and annotation["ground_truth"] is False


@each_case
def test_in_a_web_annotation_only_what_holds_is_classified(mark, decided, holds, rejected, undecided):
    found = records("web-annotation", judged((mark, decided)))
    [annotation] = [one for one in found if one["creator"]["type"] == "Person"]
    values = {}
    for body in annotation["body"]:
        values.setdefault(body["purpose"], []).append(body["value"])
    assert values["assessing"] == [decided["decision"]]
    assert values.get("classifying", []) == list(holds)
    assert values.get("identifying", []) == [*rejected, *undecided]
    assert values.get("tagging", []) == [stance for stance in holds.values() if stance]


def test_of_two_verdicts_on_a_concern_the_later_counts_for_all_and_each_for_its_own():
    early = verdict("reject", reviewer="Budi", at=AT - timedelta(days=1))
    one = judged((tag(), verdict("accept")), (tag(), early))
    assert everybody(one).holds == {"surveillance": "raised"} and everybody(one).rejected == ()
    assert [(said.reviewer, list(said.holds)) for said in people(one)] == [("Budi", []), ("Mei", ["surveillance"])]


def test_a_verdict_that_was_withdrawn_says_nothing():
    one = judged((tag(), verdict("withdraw")))
    assert people(one) == () and everybody(one) is None
    assert records("doccano", one)[0]["label_by"] == "model"
    assert [found["creator"]["type"] for found in records("web-annotation", one)] == ["Software"]


# --- predictions ------------------------------------------------------------------------------------------------------


def test_prodigy_shows_what_the_model_chose_and_takes_it_for_nobody_s_answer():
    line, *rest = records("prodigy", judged((tag(), None)))
    assert rest == [] and line["answer"] == "ignore" and line["accept"] == ["surveillance"]
    assert [option["id"] for option in line["options"]] == list(CONCERNS)
    assert [option.get("meta") for option in line["options"]] == [None, "0.83", None]
    assert [line["text"][span["start"] : span["end"]] for span in line["spans"]] == [WORDS]


def test_a_concern_that_the_taxonomy_has_lost_is_an_option_all_the_same():
    line, _ = records("prodigy", judged((tag("gone"), verdict("accept", "gone"))))
    assert {*line["accept"]} <= {option["id"] for option in line["options"]}


def test_doccano_gets_the_model_s_labels_where_nobody_decided():
    [line] = records("doccano", judged((tag(), None), (tag("exclusion"), None)))
    assert (line["label"], line["label_by"]) == (["surveillance", "exclusion"], "model")
    [evidence] = line["predicted"][0]["evidence"]
    assert line["text"][evidence["start"] : evidence["end"]] == evidence["words"] == WORDS
    assert written("doccano", judged()).isascii()


def test_label_studio_gets_predictions_with_evidence_where_its_editor_counts_characters():
    [task] = records("label-studio", judged((tag(), None), (tag("exclusion", score=0.6, words="nobody"), None)))
    [prediction] = task["predictions"]
    assert task["annotations"] == [] and prediction["model_version"] == MODEL and prediction["score"] == 0.83
    regions = [one["value"] for one in prediction["result"] if one["type"] == "labels"]
    assert [(one["text"], one["labels"]) for one in regions] == [(WORDS, ["surveillance"]), ("nobody", ["exclusion"])]
    assert all(TEXT[one["start"] : one["end"]] == one["text"] for one in regions)


def test_label_studio_gets_no_prediction_of_a_passage_that_is_not_tagged_and_an_empty_one_of_no_tags():
    untagged, without = records("label-studio", judged(is_tagged=False), judged())
    assert untagged["predictions"] == []
    assert without["predictions"] == [{"model_version": MODEL, "result": []}]


def test_the_results_of_label_studio_have_ids_of_their_own():
    items = [judged((tag(), verdict("accept", note="yes")), id=f"p{n}") for n in range(3)]
    both = [entry for task in records("label-studio", *items) for entry in task["predictions"] + task["annotations"]]
    ids = [one["id"] for entry in both for one in entry["result"]]
    assert len(ids) == len(set(ids)) and len(ids) > 9


def test_every_result_fits_the_labelling_configuration():
    root = etree.fromstring(label_studio_config(CONCERNS))
    choices = {node.get("name"): {one.get("value") for one in node} for node in root.iter("Choices", "Labels")}
    fields = {node.get("name") for node in root.iter("TextArea")}
    pairs = [(mark, decided) for mark, decided, *_ in CASES.values()]
    old = (tag("gone"), verdict("accept", "gone", reviewer="Budi"))
    [task] = records("label-studio", judged(*pairs, old))
    results = [one for entry in task["predictions"] + task["annotations"] for one in entry["result"]]
    assert task["data"]["unlisted"] == "gone"
    assert {one["type"] for one in results} == {"choices", "labels", "textarea"}
    for one in results:
        assert one["to_name"] == root.find("Text").get("name")
        if one["type"] == "textarea":
            assert one["from_name"] in fields
        else:
            assert set(one["value"][one["type"]]) <= choices[one["from_name"]]


def test_the_labelling_configuration_holds_names_with_any_sign():
    root = etree.fromstring(label_studio_config(['a<b>&"c"']))
    assert root.find("Choices/Choice").get("value") == 'a<b>&"c"'


# --- web annotations --------------------------------------------------------------------------------------------------


def chain(selector):
    """A selector and those that refine it, a list of them as its members."""
    found = []
    while selector:
        several = selector if isinstance(selector, list) else [selector]
        found += several
        selector = several[-1].get("refinedBy")
    return found


def test_a_collection_has_what_the_recommendation_demands_of_it():
    text = written("web-annotation", judged((tag(), verdict("accept"))), judged((tag(), None), id="p2"))
    collection = json.loads(text)
    page = collection["first"]
    assert (collection["@context"], collection["type"]) == (CONTEXT, "AnnotationCollection")
    assert (page["type"], page["partOf"]) == ("AnnotationPage", collection["id"])
    assert collection["total"] == len(page["items"]) == 3
    assert sum('"type": "Annotation"' in line for line in text.splitlines()) == 3
    for annotation in page["items"]:
        assert annotation["type"] == "Annotation" and annotation["target"]
        assert annotation["motivation"] in ("classifying", "assessing")
    assert json.loads(written("web-annotation"))["total"] == 0


def test_annotations_have_names_that_differ_and_stay():
    pairs = [(mark, decided) for mark, decided, *_ in CASES.values()]
    items = [judged(pair) for pair in pairs[:1]] + [
        judged(*pairs[6:8], id="p2"),
        judged((tag("exclusion"), None), id="p2x"),
    ]
    ids = [one["id"] for one in records("web-annotation", *items)]
    assert len(set(ids)) == len(ids) and all(uuid.UUID(one).urn == one for one in ids)
    assert ids == [one["id"] for item in items for one in records("web-annotation", item)]


def test_two_tags_that_one_person_missed_are_two_annotations():
    missed = [(None, verdict("accept", "", concern)) for concern in ("exclusion", "participation")]
    one, other = records("web-annotation", judged(*missed))
    assert one["id"] != other["id"]


def test_a_target_leads_to_the_page_and_the_words_of_the_passage():
    [annotation] = records("web-annotation", judged((None, verdict("accept"))))
    target = annotation["target"]
    page, quote = chain(target["selector"])
    assert target["source"] == "https://example.org/plan.pdf"
    assert (page["type"], page["value"]) == ("FragmentSelector", "page=4")
    assert page["conformsTo"] == "http://tools.ietf.org/rfc/rfc3778"
    assert (quote["type"], quote["exact"]) == ("TextQuoteSelector", TEXT)
    assert len(quote["prefix"]) == len(quote["suffix"]) == 32
    assert ("What stands before it. " * 4).endswith(quote["prefix"])


def test_evidence_is_targeted_within_the_passage_in_characters():
    [annotation] = records("web-annotation", judged((tag(), None)))
    _, evidence = annotation["target"]
    *_, passage, position, quote = chain(evidence["selector"])
    assert passage["exact"][position["start"] : position["end"]] == quote["exact"] == WORDS
    assert TEXT.startswith(quote["prefix"] + quote["exact"] + quote["suffix"])
    assert evidence["label"] == "a term of it"


@pytest.mark.parametrize(
    ("url", "address", "page", "kinds"),
    [
        ("https://example.org/a.PDF?x=1", "", 3, ["FragmentSelector", "TextQuoteSelector"]),
        ("https://example.org/a.html", "", 1, ["TextQuoteSelector"]),
        ("https://example.org/a.pdf", "", None, ["TextQuoteSelector"]),
        (None, "reports/a.pdf", 2, ["FragmentSelector", "TextQuoteSelector"]),
    ],
)
def test_a_page_is_selected_only_where_the_document_is_a_pdf(url, address, page, kinds):
    [one] = records(
        "web-annotation", judged((tag(words="nobody") | {"evidence": []}, None), url=url, address=address, page=page)
    )
    assert [selector["type"] for selector in chain(one["target"]["selector"])] == kinds
    source = one["target"]["source"]
    assert source == url if url else uuid.UUID(source).urn == source


@pytest.mark.parametrize("at", [AT, AT.replace(tzinfo=None), AT.astimezone(timezone(timedelta(hours=7)))])
def test_times_are_of_utc(at):
    [annotation] = records("web-annotation", judged((None, verdict("accept", at=at))))
    assert annotation["created"] == "2026-03-04T05:06:07Z"


def test_the_model_and_a_person_are_told_apart_and_a_verdict_names_the_tag_it_is_on():
    machine, person = records("web-annotation", judged((tag(), verdict("accept", note="see page 3"))))
    assert (machine["creator"]["type"], machine["creator"]["name"]) == ("Software", MODEL)
    assert person["creator"] == {"type": "Person", "name": "Mei"}
    assert person["dcterms:references"]["id"] == machine["id"]
    assert {"type": "TextualBody", "purpose": "commenting", "value": "see page 3", "format": "text/plain"} in person[
        "body"
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_a_sign_that_some_take_for_the_end_of_a_line_ends_none(name):
    text = written(name, judged(text="One\u2028two\x85three\u2029four\r\nfive"))
    assert len(text.splitlines()) == text.count("\n")


# --- all formats ------------------------------------------------------------------------------------------------------


def test_what_was_found_in_the_heading_marks_no_words_in_any_format():
    heading = [0, 0, "", "heading: cameras"]
    mark = tag()
    one = judged((mark | {"evidence": [heading, *mark["evidence"]]}, None))
    only = judged((mark | {"evidence": [heading]}, None))
    at = TEXT.index(WORDS)

    [line], [bare] = records("prodigy", one), records("prodigy", only)
    assert [(span["start"], span["end"]) for span in line["spans"]] == [(at, at + len(WORDS))]
    assert bare["spans"] == [] and bare["accept"] == ["surveillance"]
    [line], [bare] = records("doccano", one), records("doccano", only)
    assert [found["words"] for found in line["predicted"][0]["evidence"]] == [WORDS]
    assert bare["predicted"][0]["evidence"] == [] and bare["label"] == ["surveillance"]
    regions = [
        [region["value"]["text"] for region in task["predictions"][0]["result"] if region["type"] == "labels"]
        for task in records("label-studio", one, only)
    ]
    assert regions == [[WORDS], []]
    annotation, bare = records("web-annotation", one, only)
    assert [list(chain(target["selector"]))[-1]["exact"] for target in annotation["target"]] == [TEXT, WORDS]
    assert bare["target"] == annotation["target"][0]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_written_a_record_a_line_while_passages_are_read(name):
    def endless():
        while True:
            yield judged((tag(), verdict("accept")))

    lines = FORMATS[name](endless(), CONCERNS, False)
    for line, _ in zip(lines, range(9), strict=False):
        assert line.endswith("\n") and line.count("\n") == 1


@pytest.mark.parametrize("name", FORMATS)
def test_where_a_passage_comes_from_goes_along(name):
    text = json.dumps(json.loads(written(name, judged((tag(), None)))), ensure_ascii=False)
    told = ("p0123456789abcdef", "d0123456789abcdef", "Plan > Safety", "Da Nang", "A plan for the square", MODEL)
    assert [one for one in (*told, "https://example.org/plan.pdf") if one not in text] == []
    assert '"page": 4' in text or '"schema:pagination": "4"' in text


tags = st.builds(tag, st.sampled_from(CONCERNS), st.sampled_from(["raised", "addressed"]), st.floats(0, 1))
verdicts = st.builds(
    verdict,
    st.sampled_from(["accept", "reject", "unsure"]),
    st.sampled_from(["", *CONCERNS]),
    st.sampled_from(["", *CONCERNS]),
    st.sampled_from(["", "described"]),
    st.text(max_size=5),
)
pairs = st.lists(st.tuples(st.none() | tags, st.none() | verdicts), max_size=5)


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None, max_examples=60)
@given(pairs=pairs, is_tagged=st.booleans())
def test_a_blind_file_tells_nothing_of_tags_or_verdicts(name, pairs, is_tagged):
    told = written(name, judged(*pairs, is_tagged=is_tagged), is_blind=True)
    assert told == written(name, judged(is_tagged=False), is_blind=True)
    assert MODEL not in told and records(name, judged(*pairs), is_blind=True)[0]


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None, max_examples=60)
@given(pairs=pairs, is_tagged=st.booleans())
def test_any_tags_and_verdicts_make_a_file_that_can_be_read(name, pairs, is_tagged):
    assert records(name, judged(*pairs, is_tagged=is_tagged)) is not None


@settings(deadline=None, max_examples=60)
@given(pairs=pairs)
def test_prodigy_accepts_only_options_and_never_more_than_a_person_said(pairs):
    machine, *persons = records("prodigy", judged(*pairs))
    assert set(machine["accept"]) == {mark["concern"] for mark, _ in pairs if mark}
    for line in persons:
        assert set(line["accept"]) <= {option["id"] for option in line["options"]}
        assert "spans" not in line


@pytest.mark.parametrize("name", ["doccano", "label-studio", "web-annotation"])
def test_each_of_two_people_who_decided_on_one_tag_is_in_the_file(name):
    before, later = verdict("accept", reviewer="Ann"), verdict("reject", reviewer="Bob", at=AT + timedelta(days=1))
    both = judged((tag(), later))._replace(others=((tag(), before),))
    text = json.dumps(records(name, both), ensure_ascii=False)
    assert text.count('"Ann"') == text.count('"Bob"') == 1
    assert [said.reviewer for said in people(both)] == ["Ann", "Bob"]
    assert everybody(both).rejected == ("surveillance",)
