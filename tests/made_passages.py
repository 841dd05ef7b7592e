"""Labelled passages for tests of training: words drawn at random, of which some tell concerns and stances."""

import random
from dataclasses import replace

from ascn_nlp.labelled import Labelled
from ascn_nlp.records import Passage

CONCERN_WORDS = {
    "surveillance": ("camera", "footage", "watched", "drone", "fingerprint"),
    "displacement": ("evicted", "home", "demolished", "resettled", "land"),
}
STANCE_WORDS = {"raised": ("fear", "harm"), "addressed": ("law", "remedy"), "described": ("opened", "count")}
OTHER_WORDS = ("river", "market", "bridge", "morning", "vendor", "paper", "train", "rain", "cup", "hill", "song")
AUTHORS = ("anh", "bima", "chan")
# Of ten passages these have the concern.
CONCERN_TENTHS = {"surveillance": (0, 1, 2, 3), "displacement": (3, 4, 5)}


def make(count=120, seed=0):
    """Passages by three authors, 40 % surveillance and 30 % displacement; of every author a third is hard."""
    drawn = random.Random(seed)
    return [one_passage(drawn, number) for number in range(count)]


def one_passage(drawn, number):
    words, tags = drawn.sample(OTHER_WORDS, 6), {}
    for concern, tenths in CONCERN_TENTHS.items():
        if number % 10 in tenths:
            tags[concern] = drawn.choice(tuple(STANCE_WORDS))
            words += [*drawn.sample(CONCERN_WORDS[concern], 2), drawn.choice(STANCE_WORDS[tags[concern]])]
    drawn.shuffle(words)
    text, author = " ".join(words).capitalize() + ".", AUTHORS[number % 3]
    passage = Passage(f"{author}-{number}", f"{author}-{number}", 0, "paragraph", 0, len(text), text, language="en")
    style = "hard" if number // 3 % 3 == 0 else "everyday"
    return Labelled(passage, tuple(tags.items()), "train", style, author, "")


def as_json(one):
    """A passage as a line of corpus/training has it."""
    tags = [{"concern": concern, "stance": stance} for concern, stance in one.tags]
    return {"id": one.passage.id, "text": one.passage.text, "heading": list(one.passage.heading), "tags": tags,
            "author": one.group, "split": one.split, "style": one.style}  # fmt: skip


def with_tags(labelled, choose):
    """The same passages with the tags that ``choose(number, passage)`` gives."""
    return [replace(one, tags=tuple(choose(number, one))) for number, one in enumerate(labelled)]
