import importlib.util
import json
import random
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ascn_nlp import modelling, pipeline
from ascn_nlp.annotate import annotate, build_pipeline
from ascn_nlp.classify.model import ModelTagger
from ascn_nlp.errors import ModelError
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.labelled import join_reviews
from ascn_nlp.modelling import train_model
from ascn_nlp.records import Decision
from ascn_nlp.reviewing import labels
from ascn_nlp.reviewing.labels import is_held_out, reviewed_labels
from ascn_nlp.store.reviews import save_decisions
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.training import data as training_data
from ascn_nlp.training import suspects, train
from ascn_nlp.training.card import card_text, data_digest
from ascn_nlp.training.data import LEAST_EXAMPLES, PERSON_WEIGHT, prepare
from ascn_nlp.training.mixing import mix
from ascn_nlp.training.values import left_out_values
from ascn_nlp.training.words import fit_words
from ascn_nlp.versions import version_of
from ascn_nlp.weights import load_card
from ascn_nlp.workspace import open_workspace

TAXONOMY = load_taxonomy()
CONCERNS = [concern.id for concern in TAXONOMY.concerns]
KNOWN = ("displacement", "surveillance")
SURVEILLANCE, DISPLACEMENT = ("surveillance", "raised"), ("displacement", "raised")


def _load_made(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _load_made("made_passages")
OURS = made.make()


@pytest.fixture(scope="module")
def nlp():
    return build_pipeline(TAXONOMY, load_gazetteer())


@pytest.fixture(scope="module")
def fit(nlp):
    return lambda labelled: train(labelled, TAXONOMY, nlp)


@pytest.fixture(scope="module")
def plain(fit):
    """What is learned from our passages alone."""
    return fit(OURS)


def passage(number, text, tags=(), **changes):
    """A passage of ours that says this."""
    like = OURS[number % 3]
    words = replace(like.passage, id=f"x{number}", document_id=f"x{number}", text=text, end=len(text))
    return replace(like, passage=words, tags=tuple(tags), style="everyday", **changes)


def reviewed(number, text, tags=(), known=CONCERNS, **changes):
    """A passage on which a person decided: all concerns, or only the ``known``."""
    unknown = frozenset(CONCERNS) - set(known)
    choices = {"group": f"document {number // 2}", "is_reviewed": True, "unknown": unknown}
    return passage(number, text, tags, **choices | changes)


def about(word, count, seed=1):
    """Sentences on nothing in particular, with a word that tells something."""
    drawn = random.Random(seed)
    return [f"The {' '.join(drawn.sample(made.OTHER_WORDS, 5))} and the {word}." for _ in range(count)]


def share_tagged(weights, nlp, word, concern="surveillance"):
    """How many of some unread passages with that word the model tags."""
    unread = [passage(number, text).passage for number, text in enumerate(about(word, 30, seed=99))]
    tagged = ModelTagger(weights, TAXONOMY, "both").tag(annotate(nlp, unread))
    return np.mean([concern in {tag.concern for tag in one.tags} for one in tagged])


def assert_same_weights(first, second):
    for name in ("idf", "coef", "intercept", "mix", "stance_coef", "stance_extra", "stance_intercept", "stance_mix"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)
    assert first.thresholds == second.thresholds
    assert first.vocabulary == second.vocabulary


# -------------------------------------------------------------------------------- what is learned


def test_what_people_accepted_and_rejected_turns_what_our_passages_say(fit, nlp):
    """Of kiosks ours say that nobody is watched, of turnstiles that people are; of the same words people differ."""
    ours = [passage(n, text) for n, text in enumerate(about("kiosk", 20))]
    ours += [passage(100 + n, text, [SURVEILLANCE]) for n, text in enumerate(about("turnstile", 20))]
    before = fit([*OURS, *ours]).weights
    assert share_tagged(before, nlp, "kiosk") < 0.2
    assert share_tagged(before, nlp, "turnstile") > 0.8
    judged = [reviewed(200 + n, text, [SURVEILLANCE]) for n, text in enumerate(about("kiosk", 20))]
    judged += [reviewed(300 + n, text) for n, text in enumerate(about("turnstile", 20))]
    after = fit([*OURS, *ours, *judged]).weights
    assert share_tagged(after, nlp, "kiosk") > 0.8
    assert share_tagged(after, nlp, "turnstile") < 0.2


def test_a_concern_that_only_reviews_have_is_learned(fit, nlp, plain):
    ours = [one for one in OURS if "displacement" not in dict(one.tags)]
    assert fit(ours).left_to_rules == tuple(name for name in CONCERNS if name != "surveillance")
    judged = [reviewed(n, text, [DISPLACEMENT]) for n, text in enumerate(about("eviction", LEAST_EXAMPLES))]
    judged += [reviewed(100 + n, text) for n, text in enumerate(about("bench", LEAST_EXAMPLES, seed=2))]
    weights = fit([*ours, *judged]).weights
    assert weights.concerns == KNOWN
    assert share_tagged(weights, nlp, "eviction", "displacement") > 0.8
    assert share_tagged(weights, nlp, "bench", "displacement") < 0.2


def test_where_all_verdicts_are_rejections_there_is_less_of_what_they_reject(fit, nlp, plain):
    judged = [reviewed(n, text) for n, text in enumerate(about("camera", 20))]
    assert share_tagged(plain.weights, nlp, "camera") > 0.8
    assert share_tagged(fit([*OURS, *judged]).weights, nlp, "camera") < 0.2


def test_a_stance_that_a_person_gave_weighs_as_much_as_the_tag(nlp):
    """The same words, twice described by us and once raised by a person, are raised."""
    texts = about("kiosk", 24)
    ours = [
        passage(n, text, [("surveillance", "described")], group=made.AUTHORS[n % 3]) for n, text in enumerate(texts)
    ]
    judged = [reviewed(100 + n, text, [SURVEILLANCE]) for n, text in enumerate(texts)]
    fits = []
    for some in (judged, [replace(one, is_reviewed=False) for one in judged]):
        data = prepare([*ours, *ours, *some, *OURS], TAXONOMY, nlp)
        fits.append(fit_words(data, np.arange(len(data.labels))))
        row = data.features[len(ours)]
    raised = [float((row @ one.stance_coef + one.stance_intercept)[0].argmax()) for one in fits]
    assert raised == [0.0, 2.0]


def test_a_persons_label_weighs_more_and_what_is_unknown_weighs_nothing(nlp):
    judged = [reviewed(1, "A kiosk.", [SURVEILLANCE], known=["surveillance"]), reviewed(2, "A bus.")]
    data = prepare([*OURS, *judged], TAXONOMY, nlp)
    assert data.names == KNOWN
    assert (data.weights[: len(OURS)] == 1).all()
    assert data.weights[len(OURS) :].tolist() == [[0, PERSON_WEIGHT], [PERSON_WEIGHT, PERSON_WEIGHT]]
    assert data.is_known[len(OURS)].tolist() == [False, True]
    assert data.is_reviewed.sum() == 2


# ------------------------------------------------------------------------------ what nobody knows


def test_a_passage_of_which_nothing_is_known_is_as_good_as_not_there(fit, plain):
    """Its words would otherwise be in the vocabulary, and its document among those that are dealt out."""
    unsure = [reviewed(n, text, known=[]) for n, text in enumerate(about("camera kiosk", 30))]
    with_them = fit([*OURS, *unsure])
    assert_same_weights(with_them.weights, plain.weights)
    assert with_them.left_out == plain.left_out
    assert with_them.suspects == plain.suspects


def test_what_is_written_where_nothing_is_known_changes_nothing(nlp):
    """Labels in unknown cells, whichever they are, reach no model, no mix, no threshold and no list of suspects."""
    judged = [
        reviewed(n, text, [SURVEILLANCE] if n % 2 else [], known=["surveillance"])
        for n, text in enumerate(about("camera", 20) + about("evicted", 20))
    ]
    data = prepare([*OURS, *judged], TAXONOMY, nlp)
    assert not data.is_known.all()
    other = replace(data, labels=data.labels ^ ~data.is_known)
    values, others = left_out_values(data, None), left_out_values(other, None)
    np.testing.assert_array_equal(values.words, others.words)
    mixed, otherwise = mix(data, values), mix(other, others)
    np.testing.assert_array_equal(mixed.mix, otherwise.mix)
    np.testing.assert_array_equal(mixed.scores, otherwise.scores)
    assert mixed.thresholds == otherwise.thresholds
    found, elsewhere = suspects.find_suspects(data, mixed), suspects.find_suspects(other, otherwise)
    assert found == elsewhere


def test_a_concern_without_enough_passages_known_not_to_have_it_is_left_to_the_rules(fit, plain):
    """It has passages, and nothing to tell them from: it would be tagged everywhere."""
    ours = [replace(one, unknown=frozenset({"data_protection"})) for one in OURS]
    judged = [reviewed(n, text, [("data_protection", "raised")]) for n, text in enumerate(about("secret", 30))]
    assert "data_protection" in fit([*OURS, *judged]).weights.concerns
    result = fit([*ours, *judged])
    assert "data_protection" in result.left_to_rules


def test_partial_judgements_alone_teach_what_they_speak_of(fit, nlp):
    judged = [
        reviewed(n, text, [SURVEILLANCE] if n % 2 else [], known=["surveillance"], group=f"document {n}")
        for n, pair in enumerate(zip(about("bench", 40), about("kiosk", 40), strict=True))
        for text in [pair[n % 2]]
    ]
    result = fit([*OURS, *judged])
    assert share_tagged(result.weights, nlp, "kiosk") > 0.8
    assert share_tagged(result.weights, nlp, "bench") < 0.2
    assert share_tagged(result.weights, nlp, "kiosk", "displacement") < 0.2


def test_a_wrong_verdict_among_right_ones_is_a_suspect_that_people_gave(fit):
    judged = [reviewed(n, text, [SURVEILLANCE]) for n, text in enumerate(about("camera footage drone watched", 11))]
    wrong = replace(judged[0], tags=())
    found = fit([*OURS, wrong, *judged[1:]]).suspects
    assert (found[0].passage_id, found[0].concern, found[0].label, found[0].is_reviewed) == (
        wrong.passage.id, "surveillance", False, True,
    )  # fmt: skip
    assert all(a.score != b.score or a.passage_id < b.passage_id for a, b in pairwise(found))


# ----------------------------------------------------------------------- ours and theirs together


def joined(ours, theirs):
    return [(one.passage.id, dict(one.tags), sorted(set(CONCERNS) - one.unknown)) for one in
            join_reviews(ours, theirs, CONCERNS)]  # fmt: skip


EVERY = sorted(CONCERNS)
OTHERS = [name for name in EVERY if name != "surveillance"]
OUR = passage(1, "A kiosk.", [SURVEILLANCE, DISPLACEMENT])
UNSAID = [("x1", {"displacement": "raised"}, OTHERS)]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ([OUR], [], [("x1", dict(OUR.tags), EVERY)]),
        ([OUR], [reviewed(2, "A kiosk.")], [("x2", {}, EVERY)]),
        ([OUR], [reviewed(2, "A bus.")], [("x1", dict(OUR.tags), EVERY), ("x2", {}, EVERY)]),
        ([OUR], [reviewed(2, "A kiosk.", known=["surveillance"])], [*UNSAID, ("x2", {}, ["surveillance"])]),
        ([OUR], [reviewed(2, "A kiosk.", known=[])], [("x1", dict(OUR.tags), EVERY)]),
        ([], [reviewed(2, "A kiosk.", known=[])], []),
        ([OUR], [reviewed(2, "A kiosk.", known=["surveillance"], split="heldout")], [("x2", {}, ["surveillance"])]),
        ([replace(OUR, split="heldout")], [reviewed(2, "A kiosk.", known=["surveillance"])],
         [("x2", {}, ["surveillance"])]),
        ([], [reviewed(2, "A kiosk.", split="heldout"), reviewed(3, "A kiosk.")], [("x2", {}, EVERY)]),
    ],
    ids=["no reviews", "the same words", "other words", "the same words in part", "the same words and unsure",
         "unsure", "held out", "held out by us and learned from theirs", "twice, once held out"],
)  # fmt: skip
def test_of_the_same_words_what_a_person_said_counts_and_ours_where_nobody_did(ours, theirs, expected):
    assert joined(ours, theirs) == expected


def test_the_digest_of_what_was_learned_from_tells_reviews_and_what_they_left_open():
    plain = passage(1, "A kiosk.", [SURVEILLANCE])
    others = [plain, replace(plain, is_reviewed=True), replace(plain, unknown=frozenset({"data_protection"}))]
    assert len({data_digest([one]) for one in others}) == 3


def test_the_card_for_people_speaks_of_reviews_only_where_there_are_any(plain):
    without, text = card_text(plain, OURS), card_text(plain, [*OURS, reviewed(1, "A kiosk.")])
    assert "reviewed" not in without
    assert f"{len(OURS)} passages written for this purpose by 3 authors" in text
    assert "1 passages of real documents" in text or "1 passage of a real document" in text


# ----------------------------------------------------------------------------- models and workspaces


@pytest.fixture
def place(tmp_path):
    """A workspace with a model that knows our passages, without an encoder; no store is ever opened."""
    (tmp_path / "ascn.toml").write_text('[tagger]\nkind = "light"\n[paths]\nmodel = "models/default"\n', "utf-8")
    return open_workspace(tmp_path)


@pytest.fixture(scope="module")
def trainings(fit):
    """The result of fitting by a name, made once: our passages, or the same with surveillance where it is not."""
    wrong = made.with_tags(OURS, lambda _, one: () if "surveillance" in dict(one.tags) else (SURVEILLANCE,))
    return {"good": fit(OURS), "bad": fit(wrong)}


@pytest.fixture
def fitted(monkeypatch, tmp_path, trainings):
    """``fitted(name)`` trains a model of that kind into models/default, or ``out``."""
    held_out = [replace(one, split="heldout") for one in made.make(80, seed=7)]
    lines = [json.dumps(made.as_json(replace(one, passage=replace(one.passage, id=f"h{n}"))))
             for n, one in enumerate(held_out)]  # fmt: skip
    data = tmp_path / "data.jsonl"
    data.write_text("\n".join([*lines, *(json.dumps(made.as_json(one)) for one in OURS)]), encoding="utf-8")

    def fitted(place, name, out="models/default", **choices):
        monkeypatch.setattr(modelling, "train", lambda *_: trainings[name])
        return train_model(place, [data], place.root / out, **choices)

    return fitted


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_model_that_does_worse_is_refused_and_the_one_there_is_stays(place, fitted):
    first = fitted(place, "good")
    assert (first["worse"], first["refused"], first["compared"]) == ([], False, {})
    old = content(place.model)
    done = fitted(place, "bad")
    assert done["refused"] and "surveillance" in done["worse"] and "" in done["worse"]
    assert content(place.model) == old
    assert done["model"] == str(place.root / "models" / "default.refused")
    card = load_card(Path(done["model"]))
    assert card["worse"] == [name or "micro" for name in done["worse"]] and card["forced"] is False
    assert card["replaces"] == card["compared_with"] == version_of(place.model)
    assert sorted(path.name for path in place.model.parent.iterdir()) == ["default", "default.refused"]


def test_a_model_that_does_worse_is_taken_when_forced_and_its_card_says_so(place, fitted):
    fitted(place, "good")
    old, name = content(place.model), version_of(place.model)
    done = fitted(place, "bad", is_forced=True)
    assert not done["refused"] and done["worse"]
    card = load_card(place.model)
    assert card["forced"] is True and "surveillance" in card["worse"] and card["replaces"] == name
    assert content(place.model.parent / "versions" / name) == old
    assert not (place.model.parent / "default.refused").exists()


def test_a_model_that_does_better_or_the_same_is_taken_and_its_card_tells_by_how_much(place, fitted):
    fitted(place, "bad")
    done = fitted(place, "good")
    assert not done["refused"] and not done["worse"]
    old, new, (low, high), support = done["compared"]["surveillance"]
    assert old < new and low > 0 and support > 20
    assert load_card(place.model)["compared"]["surveillance"] == [round(x, 4) for x in (old, new, low, high)]
    again = fitted(place, "good")
    assert {interval for _, _, interval, support in again["compared"].values() if support} == {(0.0, 0.0)}
    assert load_card(place.model)["forced"] is False


def test_where_no_model_is_replaced_none_is_refused(place, fitted):
    """A folder of its own takes nobody's place; how it compares is told all the same."""
    fitted(place, "good")
    done = fitted(place, "bad", out="models/mine")
    assert "surveillance" in done["worse"] and not done["refused"]
    assert done["model"] == str(place.root / "models" / "mine")
    assert load_card(place.root / "models" / "mine")["replaces"] == ""


def test_a_models_first_of_its_own_has_to_be_as_good_as_the_one_in_use(place, fitted, tmp_path):
    """Where models/default appears, it is used instead of the packaged one."""
    fitted(place, "good", out="elsewhere")
    (tmp_path / "ascn.toml").write_text('[tagger]\nkind = "light"\n[paths]\nmodel = "elsewhere"\n', "utf-8")
    done = fitted(open_workspace(tmp_path), "bad")
    assert done["refused"] and not (tmp_path / "models" / "default").exists()


def test_a_damaged_model_is_replaced_by_training_and_why_it_was_not_compared_is_told(place, fitted):
    fitted(place, "good")
    (place.model / "names.json").write_text("{", encoding="utf-8")
    done = fitted(place, "bad")
    assert (done["refused"], done["compared"]) == (False, {})
    assert "cannot be read" in done["uncompared"] and str(place.model) in done["uncompared"]


def test_a_file_where_the_model_should_go_is_told_before_training(place, fitted):
    (place.root / "models").mkdir()
    (place.root / "models" / "default").write_text("a file", encoding="utf-8")
    with pytest.raises(ModelError, match="is no folder") as caught:
        fitted(place, "good")
    assert "--out" in caught.value.remedy


def test_a_training_that_breaks_off_leaves_the_model_as_it_was(place, fitted, monkeypatch):
    fitted(place, "good")
    old = content(place.model)
    for step in ("save_weights", "_compared", "save_suspects"):
        with monkeypatch.context() as patch:
            patch.setattr(modelling, step, lambda *_: (_ for _ in ()).throw(OSError("no space left")))
            with pytest.raises(OSError, match="no space left"):
                fitted(place, "bad")
        assert content(place.model) == old
    assert fitted(place, "good")["refused"] is False


def test_each_step_of_a_training_is_told_with_its_counts(place, fitted, nlp, monkeypatch):
    fitted(place, "good")
    monkeypatch.undo()
    told = []
    train_model(place, [place.root / "data.jsonl"], place.root / "models" / "other", tell=told.append)
    assert [step.split()[0].rstrip(":") for step in told] == [
        *("reading", "annotating", "cross-validating", "fitting", "fitting", "scoring", "comparing")
    ]
    assert f" {len(OURS)} passages" in told[1]
    assert "80 passages held out" in told[-1]


def test_where_nothing_was_ever_stored_there_are_no_reviews_to_learn_from(place):
    assert reviewed_labels(place) == ()
    assert not place.data.exists()


def test_without_reviews_no_store_is_opened(place, fitted, monkeypatch):
    monkeypatch.setattr(modelling, "reviewed_labels", lambda _: pytest.fail("asked"))
    assert fitted(place, "good")["reviewed"] == 0
    assert not place.data.exists()


class Stopped(Exception):
    """What there is to learn from is known: no need to learn it."""


@pytest.fixture
def learned_from(place, fitted, monkeypatch):
    """``learned_from(reviews)`` are the ids of the reviewed passages that training is given."""

    def learned_from(reviews):
        seen = []

        def stop(used, *_):
            seen.extend(used)
            raise Stopped

        monkeypatch.setattr(modelling, "reviewed_labels", lambda _: tuple(reviews))
        fitted(place, "good")
        monkeypatch.setattr(modelling, "train", stop)
        with pytest.raises(Stopped):
            train_model(place, [place.root / "data.jsonl"], place.model, with_reviews=True)
        return [one.passage.id for one in seen if one.is_reviewed]

    return learned_from


def test_of_reviews_those_are_learned_from_that_are_not_held_out_in_a_language_that_is_tagged(learned_from):
    indonesian = reviewed(4, "Sebuah kios.")
    indonesian = replace(indonesian, passage=replace(indonesian.passage, language="id"))
    held_out = reviewed(3, "A bench.", split="heldout")
    assert learned_from([reviewed(2, "A kiosk."), held_out, indonesian, reviewed(5, "Hm.", known=[])]) == ["x2"]


@pytest.mark.parametrize("fit", ["anew", "further"])
def test_fine_tuning_takes_only_passages_of_which_all_is_known(place, monkeypatch, fit):
    """An encoder is fitted to yes and no; what is neither would be a no."""
    seen = []

    def spy(*arguments, **_):
        seen.extend(next(one for one in arguments if isinstance(one, list) and one and hasattr(one[0], "passage")))

    fake = SimpleNamespace(base_folder=Path, continue_encoder=spy, fit_encoder=spy)
    monkeypatch.setitem(sys.modules, "ascn_nlp.training.encoder", fake)
    monkeypatch.setattr(modelling, "load_encoder_files", lambda _: object())
    used = [*OURS[:2], reviewed(1, "A kiosk."), reviewed(2, "A bus.", known=["surveillance"])]
    modelling._encoder(place, used, TAXONOMY, fit, lambda _: None)
    assert [one.passage.id for one in seen] == [OURS[0].passage.id, OURS[1].passage.id, "x1"]


# --------------------------------------------------------------------------- from verdicts to labels


@pytest.fixture
def decided(workplace):
    """``decided((concern, decision, ...), ...)`` are the labels of a passage with three tags."""
    workplace.put("a.txt")
    workplace.refresh()

    def decided(*decisions):
        [(passage, document)] = workplace.rows(
            "SELECT p.id, d.id FROM passages p JOIN documents d ON d.seq = p.document_seq WHERE p.text LIKE '%cameras%'"
        )
        given = [
            Decision(passage, document, concern, verdict, *(*said, "", "")[:2], note="", reviewer="mai")
            for concern, verdict, *said in decisions
        ]
        with pipeline.store_of(workplace.workspace).writing() as connection:
            save_decisions(connection, given, "f" * 64)
        return reviewed_labels(workplace.workspace)

    return decided


def test_without_a_decision_there_is_no_label(decided):
    assert decided() == ()


def test_an_accepted_tag_is_there_a_rejected_one_is_not_and_of_the_rest_nothing_is_known(decided):
    [one] = decided(("surveillance", "accept"), ("displacement", "reject"))
    assert [concern for concern, _ in one.tags] == ["surveillance"]
    assert one.unknown == frozenset(CONCERNS) - {"surveillance", "displacement"}
    assert one.is_reviewed and one.style == "everyday" and one.group == one.passage.document_id
    assert one.split == ("heldout" if is_held_out(one.passage.document_id) else "train")


def test_who_says_that_nothing_else_holds_speaks_of_every_concern_not_on_show(decided):
    [one] = decided(("surveillance", "accept"), ("displacement", "accept"), ("", "reject"))
    assert {concern for concern, _ in one.tags} == {"surveillance", "displacement"}
    assert one.unknown == {"participation"}  # it was on show


def test_a_corrected_stance_and_a_missed_concern_are_learned(decided):
    [one] = decided(
        ("surveillance", "accept", "surveillance", "described"), ("", "accept", "data_protection", "raised")
    )
    assert dict(one.tags) == {"surveillance": "described", "data_protection": "raised"}


def test_who_is_unsure_teaches_nothing(decided):
    assert all(one.unknown == frozenset(CONCERNS) and not one.tags for one in decided(("surveillance", "unsure")))


def test_about_a_fifth_of_the_documents_is_held_out_the_same_ones_each_time():
    held_out = [is_held_out(f"d{n}") for n in range(2000)]
    assert np.mean(held_out) == pytest.approx(1 / labels._HELD_OUT, abs=0.03)
    assert held_out == [is_held_out(f"d{n}") for n in range(2000)]


def test_a_persons_weight_is_what_the_docs_say():
    assert training_data.PERSON_WEIGHT == 3
