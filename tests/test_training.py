import importlib.util
import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ascn_nlp.annotate import annotate, build_pipeline
from ascn_nlp.classify.encoder import Encoder
from ascn_nlp.classify.model import ModelTagger
from ascn_nlp.errors import ModelError
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.labelled import read_labelled
from ascn_nlp.modelling import measure, train_model
from ascn_nlp.records import STANCES
from ascn_nlp.resources import resource
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.training import data as training_data
from ascn_nlp.training import mixing, train
from ascn_nlp.training.card import data_digest
from ascn_nlp.training.data import LEAST_EXAMPLES
from ascn_nlp.training.values import Values, left_out_values
from ascn_nlp.weights import DECISIONS, KINDS, load_card, load_encoder_files, load_weights
from ascn_nlp.workspace import open_workspace

ARRAYS = ("idf", "coef", "intercept", "mix", "stance_coef", "stance_extra", "stance_intercept", "stance_mix")
TAXONOMY = load_taxonomy()
KNOWN = ("displacement", "surveillance")


def _load_made(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _load_made("made_passages")
PASSAGES = made.make()


@pytest.fixture(scope="module")
def nlp():
    return build_pipeline(TAXONOMY, load_gazetteer())


@pytest.fixture(scope="module")
def fit(nlp):
    return lambda labelled: train(labelled, TAXONOMY, nlp)


@pytest.fixture(scope="module")
def trained(fit):
    return fit(PASSAGES)


def assert_same(first, second, *names):
    for name in names or ARRAYS:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)


def styled(style_of):
    return [replace(one, style=style_of(number, one)) for number, one in enumerate(PASSAGES)]


def tags_of(weights, passages, nlp, is_with_rules=False):
    tagger = ModelTagger(weights, TAXONOMY, "both" if is_with_rules else "model")
    return [
        {tag.concern: tag.stance for tag in one.tags if tag.concern in weights.concerns}
        for one in tagger.tag(annotate(nlp, passages))
    ]


def test_the_same_passages_give_the_same_weights(fit, trained):
    again = fit(PASSAGES)
    assert_same(again.weights, trained.weights)
    assert again.weights.thresholds == trained.weights.thresholds
    assert again.weights.vocabulary == trained.weights.vocabulary
    assert again.left_out == trained.left_out


def test_what_was_learned_holds_for_passages_it_has_not_read(trained, nlp):
    unread = made.make(80, seed=9)
    found = tags_of(trained.weights, [one.passage for one in unread], nlp)
    right = [set(tags) == {concern for concern, _ in one.tags} for tags, one in zip(found, unread, strict=True)]
    assert np.mean(right) > 0.9
    stances = [
        tags[c] == stance for tags, one in zip(found, unread, strict=True) for c, stance in one.tags if c in tags
    ]
    assert np.mean(stances) > 0.8


def test_weights_know_the_concerns_in_the_taxonomys_order_and_their_definitions(trained):
    weights = trained.weights
    assert weights.concerns == KNOWN
    assert weights.stances == STANCES
    assert weights.definitions == {name: TAXONOMY.concern(name).digest for name in KNOWN}
    assert weights.thresholds.keys() == set(DECISIONS)
    assert all(0 <= threshold < 1 for threshold in weights.thresholds.values())
    assert weights.coef.shape == (len(weights.vocabulary), 2)


def test_scores_are_told_for_every_tagger_on_everyday_and_on_hard_passages(trained):
    everyday = sum(one.style == "everyday" for one in PASSAGES)
    for scores, passages in ((trained.left_out, everyday), (trained.left_out_hard, len(PASSAGES) - everyday)):
        assert set(scores) == {"rules", "light", "model", "both"}
        assert {one.passages for one in scores.values()} == {passages}
        assert all(list(one.concerns) == list(KNOWN) for one in scores.values())


# --------------------------------------------------------------------------------- what is kept out


def test_the_held_out_split_is_never_read(nlp, trained, monkeypatch):
    held_out = [
        replace(one, split="heldout", passage=replace(one.passage, id=f"held-{n}"))
        for n, one in enumerate(made.make(40, seed=3))
    ]
    seen = []

    def spying(nlp, passages, titles=None):
        passages = list(passages)
        seen.extend(passage.id for passage in passages)
        return annotate(nlp, passages, titles)

    monkeypatch.setattr(training_data, "annotate", spying)
    result = train([*held_out, *PASSAGES], TAXONOMY, nlp)
    assert set(seen) == {one.passage.id for one in PASSAGES}
    assert_same(result.weights, trained.weights)
    assert result.left_out == trained.left_out


def test_held_out_passages_alone_are_nothing_to_learn_from(fit):
    with pytest.raises(ModelError):
        fit([replace(one, split="heldout") for one in PASSAGES])


def test_scores_come_from_models_that_have_not_read_the_author(fit):
    """Each author has his own words, with the concern and without: who had read him would know all his tags."""
    own = dict(zip(made.AUTHORS, (("qwertz", "mnbvc"), ("asdfg", "poiuz"), ("yxcvb", "lkjhg")), strict=True))

    def passage(one, number):
        is_tagged = number // 3 % 2 == 0
        text = f"The {own[one.group][is_tagged]} thing {number} stood there."
        tags = (("surveillance", "raised"),) if is_tagged else ()
        return replace(one, passage=replace(one.passage, text=text, end=len(text)), tags=tags, style="everyday")

    scores = fit([passage(one, number) for number, one in enumerate(PASSAGES)]).left_out["model"]
    assert scores.micro.precision < 0.6


# ----------------------------------------------------------------------------------- calibration


def test_calibration_uses_everyday_passages(fit, trained):
    """What is hard teaches the model as much; what its values mean is told by the others."""
    all_everyday = fit(styled(lambda number, one: "everyday"))
    assert_same(all_everyday.weights, trained.weights, "coef", "intercept", "stance_coef", "idf")
    assert (all_everyday.weights.mix != trained.weights.mix).any()


def test_hard_passages_labels_do_not_move_the_mix_of_the_same_values(nlp):
    """With the values held fixed, the labels of hard passages are of no account to the mix."""
    drawn = np.random.default_rng(0)
    words = drawn.normal(size=(len(PASSAGES), 2)).astype(np.float32)
    stances = np.zeros((len(PASSAGES), 2, 3), np.float32)
    values = Values(words, stances, np.zeros_like(words), stances, False)

    def swapped(one):
        names = {"surveillance": "displacement", "displacement": "surveillance"}
        return replace(one, tags=tuple((names[concern], stance) for concern, stance in one.tags))

    other_hard = [swapped(one) if one.style == "hard" else one for one in PASSAGES]
    other_everyday = [swapped(one) if one.style == "everyday" else one for one in PASSAGES]
    plain, hard, everyday = (
        mixing.mix(training_data.prepare(some, TAXONOMY, nlp), values).mix[KINDS.index("model"), :, 0]
        for some in (PASSAGES, other_hard, other_everyday)
    )
    np.testing.assert_array_equal(hard, plain)
    assert (everyday != plain).all()


def test_where_one_author_alone_wrote_everyday_passages_all_are_used(fit):
    by_one = fit(styled(lambda number, one: "everyday" if one.group == "anh" else "hard"))
    by_all = fit(styled(lambda number, one: "everyday"))
    assert_same(by_one.weights, by_all.weights)


def test_calibrated_scores_are_frequencies(trained, nlp):
    """Over everyday passages the left-out scores add up to about as many tags as there are."""
    usual = [one for one in PASSAGES if one.style == "everyday"]
    tagger = ModelTagger(trained.weights, TAXONOMY, "model")
    found = list(tagger.tag(annotate(nlp, [one.passage for one in usual])))
    for concern in KNOWN:
        expected = np.mean([concern in dict(one.tags) for one in usual])
        assert np.mean([dict(one.scores)[concern] for one in found]) == pytest.approx(expected, abs=0.1)


# -------------------------------------------------------------------------------- too little, or lopsided

REMEDY = "label more passages, and name their authors"


@pytest.mark.parametrize(
    "labelled",
    [
        [],
        PASSAGES[:10],
        made.with_tags(PASSAGES, lambda number, one: ()),
        [replace(one, group="one author") for one in PASSAGES],
        made.with_tags(
            PASSAGES, lambda number, one: [("surveillance", "raised")] if number < LEAST_EXAMPLES - 1 else []
        ),
        made.with_tags(PASSAGES, lambda number, one: [("surveillance", "raised")]),
    ],
    ids=["none", "few", "no tags", "one author", "one too few", "a tag on every passage"],
)
def test_too_little_to_learn_from_is_told_with_its_remedy(fit, labelled):
    with pytest.raises(ModelError, match="cannot be trained") as caught:
        fit(labelled)
    assert caught.value.remedy == REMEDY


@pytest.mark.parametrize(("count", "is_learned"), [(LEAST_EXAMPLES, True), (LEAST_EXAMPLES - 1, False)])
def test_a_concern_with_too_few_passages_is_left_to_the_rules_and_named(fit, nlp, count, is_learned):
    kept = [number for number, one in enumerate(PASSAGES) if "displacement" in dict(one.tags)][:count]
    some = made.with_tags(
        PASSAGES, lambda number, one: [tag for tag in one.tags if tag[0] == "surveillance" or number in kept]
    )
    result = fit(some)
    assert ("displacement" in result.weights.concerns) == is_learned
    assert ("displacement" in result.left_to_rules) != is_learned
    tagger = ModelTagger(result.weights, TAXONOMY, "both")
    assert tagger.stale == result.left_to_rules
    assert set(result.weights.concerns) | set(result.left_to_rules) == {concern.id for concern in TAXONOMY.concerns}


@pytest.mark.parametrize("stances", [("raised",), ("raised", "described"), ("addressed", "described")], ids=str)
def test_passages_that_show_not_every_stance_teach_those_they_show(fit, nlp, stances):
    """Two classes have one row of coefficients in scikit-learn, which are not those of the first two stances."""
    labelled = [one for one in made.make(240, seed=2) if {stance for _, stance in one.tags} <= set(stances)]
    result = fit(labelled)
    assert result.weights.stance_coef.shape[1] == len(STANCES)
    unread = [one for one in made.make(100, seed=8) if one.tags and {stance for _, stance in one.tags} <= set(stances)]
    found = tags_of(result.weights, [one.passage for one in unread], nlp)
    pairs = [(tags[c], stance) for tags, one in zip(found, unread, strict=True) for c, stance in one.tags if c in tags]
    assert {stance for stance, _ in pairs} == set(stances)
    assert np.mean([a == b for a, b in pairs]) > 0.8


def test_a_concern_known_from_one_author_is_learned(fit, nlp):
    """The passages without that author have none of it."""
    result = fit([one for one in made.make(240) if one.group == "anh" or "displacement" not in dict(one.tags)])
    assert result.weights.concerns == KNOWN
    unread = [one for one in made.make(100, seed=8) if "displacement" in dict(one.tags)]
    found = tags_of(result.weights, [one.passage for one in unread], nlp, is_with_rules=True)
    assert sum("displacement" in tags for tags in found) > len(unread) / 2


def test_a_concern_that_no_everyday_passage_has_is_calibrated_on_the_hard_ones(fit, nlp):
    labelled = styled(lambda number, one: "hard" if "displacement" in dict(one.tags) else "everyday")
    result = fit(labelled)
    found = tags_of(result.weights, [one.passage for one in PASSAGES], nlp)
    right = [
        ("displacement" in tags) == ("displacement" in dict(one.tags))
        for tags, one in zip(found, PASSAGES, strict=True)
    ]
    assert np.mean(right) > 0.9


# ------------------------------------------------------------------------------- on top of an encoder


made_encoder = _load_made("made_encoder")


@pytest.fixture(scope="module")
def files():
    return made_encoder.make_files(PASSAGES, KNOWN)


@pytest.fixture(scope="module")
def on_top(files, nlp):
    return train(PASSAGES, TAXONOMY, nlp, files)


def test_what_encoders_said_of_unread_authors_is_believed_as_far_as_it_was_right(on_top, nlp):
    kinds = dict(zip(KINDS, on_top.weights.mix, strict=True))
    assert (kinds["both"][:, 1] > 0.3).all()
    assert not kinds["light"][:, 1].any()
    by_chance = made_encoder.make_files(PASSAGES, KNOWN, strength=0.0)
    useless = dict(zip(KINDS, train(PASSAGES, TAXONOMY, nlp, by_chance).weights.mix, strict=True))
    assert (abs(useless["both"][:, 1]) < kinds["both"][:, 1]).all()


def test_the_weights_have_the_encoders_own_heads_and_name_it(on_top, files):
    weights = on_top.weights
    assert weights.encoder == files.digest
    np.testing.assert_array_equal(weights.encoder_coef, files.coef)
    np.testing.assert_array_equal(weights.encoder_stance_coef, files.stance_coef)


def test_a_passage_the_encoder_never_saw_is_read_by_it(files, nlp):
    """Of passages it was not fitted to nothing is stored: what it says of them now is what counts."""
    new = [replace(one, passage=replace(one.passage, id=f"new-{n}"), group="dara")
           for n, one in enumerate(made.make(40, seed=5))]  # fmt: skip
    data = training_data.prepare([*PASSAGES, *new], TAXONOMY, nlp)
    values = left_out_values(data, files)
    np.testing.assert_allclose(values.encoder[: len(PASSAGES)], files.left_out_values)
    encoder = Encoder(files.graph, files.tokenizer)
    for n in (0, 17, 39):
        vector = encoder.encode(new[n].passage.text).vectors.mean(0)
        np.testing.assert_allclose(
            values.encoder[len(PASSAGES) + n], vector @ files.coef + files.intercept, rtol=1e-4, atol=1e-4
        )


def test_a_concern_that_is_new_to_the_encoder_gets_a_head_of_its_own(nlp):
    files = made_encoder.make_files(PASSAGES, ("surveillance",))
    weights = train(PASSAGES, TAXONOMY, nlp, files).weights
    assert weights.concerns == KNOWN
    assert weights.encoder_coef.shape == (made_encoder.WIDTH, 2)
    assert weights.encoder_coef[:, 0].any()
    np.testing.assert_array_equal(weights.encoder_coef[:, 1], files.coef[:, 0])
    encoder = Encoder(files.graph, files.tokenizer)
    vectors = np.array([encoder.encode(one.passage.text).vectors.mean(0) for one in PASSAGES])
    values = vectors @ weights.encoder_coef[:, 0] + weights.encoder_intercept[0]
    labels = np.array(["displacement" in dict(one.tags) for one in PASSAGES])
    assert values[labels].mean() > values[~labels].mean()


# ------------------------------------------------------------------------------------- as files


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Two files of passages, a part of them held out."""
    folder = tmp_path_factory.mktemp("data")
    some = [replace(one, split="heldout" if number % 10 == 9 else "train") for number, one in enumerate(PASSAGES)]
    for name, part in (("a", some[:70]), ("b", some[70:])):
        text = "\n".join(json.dumps(made.as_json(one)) for one in part)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.jsonl"))


@pytest.fixture(scope="module")
def result(data, tmp_path_factory):
    """What train_model returns, and the folder it wrote."""
    out = tmp_path_factory.mktemp("out") / "model"
    return train_model(open_workspace(out.parent), data, out), out


def test_the_written_model_is_the_trained_one(result, data, nlp):
    _, out = result
    used = [one for one in read_labelled(data, KNOWN) if one.split == "train"]
    encoder = load_encoder_files(resource("models", "default"))
    weights, expected = load_weights(out), train(used, TAXONOMY, nlp, encoder).weights
    assert weights.vocabulary == expected.vocabulary
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(weights, name), getattr(expected, name), rtol=2**-11, atol=1e-6)


def test_the_card_tells_what_it_was_trained_on(result, data):
    told, out = result
    used = [one for one in read_labelled(data, KNOWN) if one.split == "train"]
    card = load_card(out)
    assert card["passages"] == told["passages"] == len(used) == 108
    assert card["data"] == data_digest(used)
    assert card["authors"] == list(made.AUTHORS)
    assert card["definitions"] == {name: TAXONOMY.concern(name).digest for name in KNOWN}
    assert told["left_to_rules"] == [concern.id for concern in TAXONOMY.concerns if concern.id not in KNOWN]


def test_the_cards_for_people_and_programs_agree(result):
    told, out = result
    card, text = load_card(out), (out / "card.md").read_text(encoding="utf-8")
    for kind, (micro, macro, stance) in told["scores"].items():
        (row,) = [line for line in text.splitlines() if line.startswith(f"| {kind}, everyday ")]
        cells = [cell.split()[0] for cell in row.strip("| ").split(" | ")]
        shown = [float(cell) for cell in (*cells[3:5], cells[5])]
        assert shown == pytest.approx([micro, macro, stance], abs=5.1e-4)
        scores = card[f"everyday_{kind}"]
        assert [scores[name] for name in ("micro_f1", "macro_f1", "stance_accuracy")] == pytest.approx(shown, abs=6e-4)
    assert f"{card['passages']} passages written" in text
    assert "{" not in text


def test_the_order_of_files_changes_no_digest(data, result, tmp_path):
    train_model(open_workspace(tmp_path), data[::-1], tmp_path / "model")
    assert load_card(tmp_path / "model")["data"] == load_card(result[1])["data"]


def test_a_model_is_measured_on_a_gold_file(result, data, tmp_path):
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(json.dumps(made.as_json(one)) for one in made.make(50, seed=4)), encoding="utf-8")
    scores = measure(open_workspace(tmp_path, tagger="model", model=result[1]), gold)
    assert scores.passages == 50
    assert scores.concerns["surveillance"].f1 > 0.9
    assert list(scores.concerns) == [concern.id for concern in TAXONOMY.concerns]


def test_a_card_with_strange_authors_is_still_toml(tmp_path, nlp):
    strange = dict(zip(made.AUTHORS, ('a "b"', "c\\d\x7f", "e\u2028\n"), strict=True))
    path = tmp_path / "x.jsonl"
    lines = [made.as_json(replace(one, group=strange[one.group])) for one in PASSAGES]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    train_model(open_workspace(tmp_path), [path], tmp_path / "model")
    card = tomllib.loads((tmp_path / "model" / "card.toml").read_text(encoding="utf-8"))
    assert card["authors"] == sorted(strange.values())
