"""The labelled passages in corpus/training are whole, our own, and enough to learn from."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from ascn_nlp.labelled import SPLITS, STYLES, read_json_lines, read_labelled
from ascn_nlp.records import STANCES
from ascn_nlp.taxonomy import load_taxonomy

FILES = sorted((Path(__file__).parents[1] / "corpus" / "training").glob("*.jsonl"))
CONCERNS = [concern.id for concern in load_taxonomy().concerns]
LEAST, MOST = 12, 210  # words of a passage
LEAST_PASSAGES, LEAST_OF_A_STANCE = 100, 15
# Most passages of a real report have no concern; a corpus of nothing else would teach little of the concerns.
WITHOUT_TAG = (0.37, 0.55)
# So many words in a row are no chance: one file was copied from another.
RUN = 12


def words_of(text):
    return re.findall(r"\w+", text.lower())


@pytest.fixture(scope="module")
def labelled():
    return read_labelled(FILES, CONCERNS)


def test_there_are_passages():
    assert len(FILES) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_line_is_valid_and_says_its_author_split_and_style(path):
    assert read_labelled([path], CONCERNS)
    faults = [
        f"{path.name}:{number}"
        for number, one in read_json_lines(path)
        if one.get("split") not in SPLITS or one.get("style") not in STYLES or one.get("author") != path.stem
    ]
    assert not faults, f"{len(faults)} lines without a valid split, style or author, the first: {faults[:5]}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_ids_begin_with_the_authors_name(path):
    assert [one["id"] for _, one in read_json_lines(path) if not re.fullmatch(rf"{path.stem}-\d+", one["id"])] == []


def test_ids_are_unique_over_all_files(labelled):
    assert len(labelled) == sum(1 for path in FILES for _ in read_json_lines(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_passages_are_as_long_as_those_of_documents(path):
    counts = {one["id"]: len(one["text"].split()) for _, one in read_json_lines(path)}
    assert {id_: count for id_, count in counts.items() if not LEAST <= count <= MOST} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_are_plain_utf_8_without_stray_characters(path):
    text = path.read_bytes().decode("utf-8")
    assert "\r" not in text
    assert "\ufeff" not in text
    for number, line in enumerate(text.splitlines(), 1):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\ufffd]", json.loads(line)["text"]), f"{path.name}:{number}"


def test_no_passage_stands_there_twice(labelled):
    seen = defaultdict(list)
    for one in labelled:
        seen[" ".join(words_of(one.passage.text))].append(one.passage.id)
    assert [ids for ids in seen.values() if len(ids) > 1] == []


def test_no_two_files_share_a_run_of_words(labelled):
    owners, shared = {}, {}
    for one in labelled:
        words = words_of(one.passage.text)
        for n in range(len(words) - RUN + 1):
            run = " ".join(words[n : n + RUN])
            first = owners.setdefault(run, one)
            if first.group != one.group:
                shared.setdefault((first.passage.id, one.passage.id), run)
    assert shared == {}


def test_no_passage_of_the_held_out_split_is_nearly_one_that_is_learned_from(labelled):
    """Half of its runs of five words in one training passage: it would measure memory."""
    owners = defaultdict(set)
    for one in labelled:
        if one.split == "train":
            for run in runs_of_five(one):
                owners[run].add(one.passage.id)
    near = []
    for one in labelled:
        if one.split == "heldout":
            runs = runs_of_five(one)
            counts = Counter(id_ for run in runs for id_ in owners.get(run, ()))
            near += [(one.passage.id, id_) for id_, count in counts.most_common(1) if count > len(runs) / 2]
    assert near == []


def runs_of_five(one):
    words = words_of(one.passage.text)
    return {tuple(words[n : n + 5]) for n in range(len(words) - 4)}


@pytest.mark.parametrize("concern", CONCERNS)
def test_every_concern_is_shown_often_and_in_every_stance(labelled, concern):
    counts = Counter(dict(one.tags)[concern] for one in labelled if concern in dict(one.tags))
    assert counts.total() >= LEAST_PASSAGES
    assert {stance: counts[stance] for stance in STANCES if counts[stance] < LEAST_OF_A_STANCE} == {}


@pytest.mark.parametrize("split", SPLITS)
def test_every_concern_stands_in_both_splits(labelled, split):
    found = {concern for one in labelled if one.split == split for concern, _ in one.tags}
    assert found == set(CONCERNS)


def test_about_half_of_the_passages_have_no_concern(labelled):
    share = sum(not one.tags for one in labelled) / len(labelled)
    assert WITHOUT_TAG[0] <= share <= WITHOUT_TAG[1]
