"""The contract that every tagger keeps, whatever its method: a new line in TAGGERS arrives tested."""

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.classify import TAGGERS
from ascn_nlp.records import STANCES, Passage
from ascn_nlp.resources import packaged, resource
from ascn_nlp.retagging import warnings_of
from ascn_nlp.tagging import LANGUAGES, language_issues, load_tagging
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.weights import load_weights

SHIPPED = resource("models", "default")
TAXONOMY, GAZETTEER = packaged("taxonomy.toml"), packaged("gazetteer.toml")
ODD_TEXTS = ["", "...", "2021", "\n\n", "a", "🏙 🏙", "ตำรวจ", "x" * 5000, "Spyware!", "no no no", "CCTV\u2014CCTV"]
_WORDS = st.sampled_from([*ODD_TEXTS, "evicted", "CCTV", "law", "Hanoi", "no", "market", "river", "opened", "land"])
HERITAGE = """
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
SHOPHOUSES = "Shophouses were demolished, and CCTV cameras now watch the street."


@pytest.fixture(scope="module", params=["shipped", "small", "encoding"])
def model(request, small_model, encoding_model):
    """The weights that are shipped, some that know two concerns only, and such as ask a very small encoder too."""
    return {"shipped": SHIPPED, "small": small_model, "encoding": encoding_model}[request.param]


@pytest.fixture(scope="module", params=sorted(TAGGERS))
def tagger(request, model, taxonomy):
    return TAGGERS[request.param](taxonomy, model)


@pytest.fixture(scope="module")
def texts(taxonomy):
    """Our sentences for and against every concern, three of them a passage; and odd ones."""
    sentences = [one for c in taxonomy.concerns for one in (*(e.text for e in c.examples), *c.counterexamples)]
    random.Random(0).shuffle(sentences)
    return [*(" ".join(sentences[n : n + 3]) for n in range(0, len(sentences), 3)), *ODD_TEXTS]


@pytest.fixture(scope="module")
def docs(docs_of, texts):
    return docs_of(texts)


@pytest.fixture(scope="module")
def results(tagger, docs):
    return list(tagger.tag(docs))


@cache
def tagging_of(kind, model, taxonomy=TAXONOMY):
    return load_tagging(taxonomy, GAZETTEER, model, kind)


def loose(*texts, language="en"):
    return [
        Passage(f"p{n}", f"d{n}", 0, "paragraph", 0, len(text), text, language=language) for n, text in enumerate(texts)
    ]


def concerns_of(result):
    return {tag.concern for tag in result.tags}


def test_there_is_one_result_a_passage_in_order(results, docs):
    assert [one.passage_id for one in results] == [doc._.passage_id for doc in docs]


def test_every_concern_is_scored_in_the_taxonomys_order(results, taxonomy):
    for one in results:
        assert [concern for concern, _ in one.scores] == [concern.id for concern in taxonomy.concerns]
        assert all(0 <= score <= 1 for _, score in one.scores)
        assert all(type(score) is float for _, score in one.scores), "plain numbers, not numpy's"


def test_tags_are_of_known_concerns_each_once_with_a_stance(results, taxonomy):
    known = [concern.id for concern in taxonomy.concerns]
    for one in results:
        found = [tag.concern for tag in one.tags]
        assert found == sorted(set(found), key=known.index)
        assert {tag.stance for tag in one.tags} <= set(STANCES)


def test_a_tags_score_is_the_one_its_concern_has(results):
    for one in results:
        scores = dict(one.scores)
        for tag in one.tags:
            assert tag.score == pytest.approx(scores[tag.concern], abs=1e-4)


def test_untagged_concerns_score_less_than_the_tagged_ones(results, tagger):
    """Where one threshold is for all; concerns left to the rules have their own."""
    left = set(getattr(tagger, "stale", ()))
    pairs = [(s, c in concerns_of(one)) for one in results for c, s in one.scores if c not in left]
    tagged = [score for score, is_tagged in pairs if is_tagged]
    assert tagged
    assert max(score for score, is_tagged in pairs if not is_tagged) <= min(tagged)


def test_every_tag_shows_the_words_it_rests_on(results, docs):
    for doc, one in zip(docs, results, strict=True):
        for tag in one.tags:
            assert tag.evidence, f"{tag.concern} in {doc.text!r}"
            for evidence in tag.evidence:
                assert doc.text[evidence.start : evidence.end] == evidence.text
                assert evidence.text
                assert evidence.why


def test_a_text_without_words_gets_no_tags(tagger, docs_of):
    for one in tagger.tag(docs_of(["", "...", "2021 - 2024", "\n"])):
        assert one.tags == ()


def test_tagging_again_gives_the_same(tagger, docs, results):
    assert list(tagger.tag(docs)) == results


def test_a_tagger_made_anew_gives_the_same(tagger, model, taxonomy, docs, results):
    anew = {one.id: one for one in (make(taxonomy, model) for make in TAGGERS.values())}[tagger.id]
    assert list(anew.tag(docs)) == results


def test_the_order_of_passages_changes_nothing(tagger, docs, results):
    mixed = random.Random(1).sample(range(len(docs)), len(docs))
    assert list(tagger.tag([docs[n] for n in mixed])) == [results[n] for n in mixed]


def test_a_stream_is_tagged_as_it_comes(tagger, docs, results):
    taken = []
    stream = tagger.tag(taken.append(doc) or doc for doc in docs)
    assert next(stream) == results[0]
    assert len(taken) < len(docs), "the whole stream was read before the first result"
    assert list(stream) == results[1:]


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.lists(_WORDS, max_size=9), max_size=3))
def test_any_text_is_tagged_by_the_contract(tagger, docs_of, texts):
    docs = docs_of(" ".join(words) for words in texts)
    for doc, one in zip(docs, tagger.tag(docs), strict=True):
        assert all(0 <= score <= 1 for _, score in one.scores)
        assert all(doc.text[e.start : e.end] == e.text for tag in one.tags for e in tag.evidence)
        assert all(tag.evidence for tag in one.tags)


def test_no_two_taggers_have_the_same_id(taxonomy, small_model):
    ids = {make(taxonomy, model).id for make in TAGGERS.values() for model in (SHIPPED, small_model)}
    assert len(ids) == 2 * len(TAGGERS) - 1, "the rules need no model; all others differ with it"


def test_the_model_alone_names_the_words_that_weighed_most(taxonomy, docs_of, small_model):
    (doc,) = docs_of(["Footage of the market was watched by a drone, and the rain fell on the hill."])
    (one,) = TAGGERS["model"](taxonomy, small_model).tag([doc])
    (tag,) = [tag for tag in one.tags if tag.concern == "surveillance"]
    assert {evidence.text.lower() for evidence in tag.evidence} <= {"footage", "watched", "drone"}
    assert all(evidence.why.startswith("model: ") for evidence in tag.evidence)


@pytest.mark.parametrize("kind", sorted(TAGGERS))
@pytest.mark.parametrize("language", ["id", "th", "vi"])
def test_passages_in_other_languages_get_no_tags_and_are_told(kind, language):
    passages = loose("Spyware and CCTV cameras watch Hanoi.", language=language)
    (one,) = tagging_of(kind, SHIPPED).tag_document(passages)
    assert one.tags == one.scores == ()
    assert [mention.name for mention in one.mentions] == ["Hanoi"]
    (issue,) = language_issues(passages)
    assert f"1 in {language}" in issue.message


@pytest.mark.parametrize("language", LANGUAGES)
def test_english_and_what_is_too_short_to_tell_are_tagged(language):
    (one,) = tagging_of("rules", SHIPPED).tag_document(loose("Spyware!", language=language))
    assert concerns_of(one) == {"surveillance"}
    assert language_issues(loose("Spyware!", language=language)) == ()


# ------------------------------------------------------------------------------ concerns the weights do not know


@pytest.fixture(scope="module")
def taxonomies(tmp_path_factory):
    """Copies of the taxonomy as people edit it: one concern more, one defined anew, one with a term more."""
    text = TAXONOMY.read_text(encoding="utf-8")
    folder = tmp_path_factory.mktemp("taxonomies")
    surveillance = next(concern for concern in load_taxonomy().concerns if concern.id == "surveillance")
    edited = {
        "added": text + HERITAGE,
        "defined_anew": text.replace(surveillance.include, f"{surveillance.include}; and listening in"),
        "term_more": text.replace('"spyware"', '"spyware", "zzyzx device"'),
    }
    assert all(one != text for one in edited.values())
    for name, one in edited.items():
        (folder / f"{name}.toml").write_text(one, encoding="utf-8")
    return {name: folder / f"{name}.toml" for name in edited}


@pytest.mark.parametrize("kind", sorted(TAGGERS))
def test_a_thirteenth_concern_is_tagged_at_once(taxonomies, kind):
    tagging = tagging_of(kind, SHIPPED, taxonomies["added"])
    (one,) = tagging.tag_document(loose(SHOPHOUSES))
    assert {"heritage", "surveillance"} <= concerns_of(one)
    assert len(one.scores) == 13
    (tag,) = [tag for tag in one.tags if tag.concern == "heritage"]
    assert [evidence.why for evidence in tag.evidence] == ["term: shophouse"]


@pytest.mark.parametrize("kind", ["both", "light", "model"])
@pytest.mark.parametrize(("edit", "stale"), [("added", "heritage"), ("defined_anew", "surveillance")])
def test_a_concern_the_weights_do_not_know_is_tagged_by_rules_and_named(taxonomies, kind, edit, stale):
    tagging = tagging_of(kind, SHIPPED, taxonomies[edit])
    assert tagging.stale == (stale,)
    (warning,) = warnings_of(tagging)
    assert stale in warning
    assert "ascn-nlp train" in warning
    texts = loose(SHOPHOUSES, "The museum opens at nine.", "Police watched with a drone.")
    by_rules = tagging_of("rules", SHIPPED, taxonomies[edit]).tag_document(texts)
    for one, ruled in zip(tagging.tag_document(texts), by_rules, strict=True):
        assert dict(one.scores)[stale] == pytest.approx(dict(ruled.scores)[stale], abs=1e-4)
        assert [t for t in one.tags if t.concern == stale] == [t for t in ruled.tags if t.concern == stale]


@pytest.mark.parametrize("kind", ["both", "light", "model"])
def test_a_new_term_leaves_the_weights_in_use(taxonomies, kind):
    tagging = tagging_of(kind, SHIPPED, taxonomies["term_more"])
    assert tagging.stale == ()
    assert warnings_of(tagging) == ()
    assert tagging.id != tagging_of(kind, SHIPPED).id


def test_the_rules_know_every_concern(taxonomies):
    tagging = tagging_of("rules", SHIPPED, taxonomies["added"])
    assert tagging.stale == ()
    assert warnings_of(tagging) == ()


def test_what_the_small_model_does_not_know_is_named(taxonomy, small_model):
    known = set(load_weights(small_model).concerns)
    rest = tuple(concern.id for concern in taxonomy.concerns if concern.id not in known)
    assert tagging_of("both", small_model).stale == rest != ()
