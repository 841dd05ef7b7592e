"""What each witness of the tagger is worth: words, encoder and rules alone and together, on authors left out."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from benchmarks.table import Sizes, Table

_WITNESSES = ("words", "encoder", "rules")


def run(sizes: Sizes) -> Table:
    """F1 of concerns, stance accuracy, and F1 with both right; the commonest stance per concern beside."""
    import numpy as np

    from ascn_nlp.annotate import build_pipeline
    from ascn_nlp.gazetteer import load_gazetteer
    from ascn_nlp.labelled import read_labelled
    from ascn_nlp.resources import resource
    from ascn_nlp.taxonomy import load_taxonomy
    from ascn_nlp.training.data import Data, prepare
    from ascn_nlp.training.mixing import best_threshold, mix_of, mix_stances
    from ascn_nlp.training.values import left_out_values
    from ascn_nlp.weights import load_encoder_files
    from ascn_nlp.workspace import open_workspace

    taxonomy = load_taxonomy()
    paths = sorted(resource("corpus", "training").glob("*.jsonl"))
    labelled = [one for one in read_labelled(paths, [c.id for c in taxonomy.concerns]) if one.split == "train"]
    # Of fewer passages, as in the tests, some of every author.
    labelled = labelled[:: max(1, len(labelled) // max(sizes.labelled, 1))]
    data: Data = prepare(labelled, taxonomy, build_pipeline(taxonomy, load_gazetteer()))
    values = left_out_values(data, load_encoder_files(open_workspace().model))
    said = np.stack([values.words, values.encoder, data.rules], -1)
    gold = np.full(data.labels.shape, -1)
    gold[data.pairs[:, 0], data.pairs[:, 1]] = data.pairs[:, 2]
    stances = {
        "words": values.word_stances.argmax(-1),
        "encoder": values.encoder_stances.argmax(-1),
        "all": mix_stances(data, values)[1],
    }
    commonest = [Counter(column[column >= 0].tolist()).most_common(1)[0][0] for column in gold.T]
    rows = []
    for size in (1, 2, 3):
        for asked in combinations(range(len(_WITNESSES)), size):
            _, scores = mix_of(data, said, asked)
            usual = data.is_everyday
            found = scores >= best_threshold(scores[usual], data.labels[usual])
            by = stances["words" if 1 not in asked else "encoder" if asked == (1,) else "all"]
            told = [_scores(found[of], gold[of], by[of], commonest) for of in (usual, ~usual)]
            name = " + ".join(_WITNESSES[k] for k in asked)
            rows.append((name, *told[0], *told[1][:1], *told[1][2:3]))
    return Table(
        title="What each part is worth",
        columns=(
            "parts", "micro F1", "macro F1", "stance", "commonest stance", "with stance", "hard: micro F1",
            "hard: stance",
        ),
        rows=tuple(rows),
        notes=(
            f"{len(labelled):,} passages, each scored by models that have not read its author; everyday ones unless "
            "hard ones are named.",
            "Stance: of the tags found rightly, the share whose stance is right too; beside it, what the commonest "
            "stance of each concern would reach. With stance: a tag counts only with both right.",
            "Words: TF-IDF and logistic regression. Encoder: fine-tuned MiniLM. Rules: terms, pairs and cues, their "
            "score believed as far as it was right.",
        ),
    )  # fmt: skip


def _scores(found, gold, stances, commonest) -> tuple[str, ...]:  # noqa: ANN001 -- arrays (n_passages, n_concerns)
    import numpy as np

    labels = gold >= 0
    right = found & labels
    with_stance = (right & (stances == gold)).sum()
    wanted = found.sum(0) + labels.sum(0)
    each = 2 * right.sum(0) / np.maximum(wanted, 1)
    usual = (right & (np.array(commonest) == gold)).sum()
    told = (2 * right.sum() / wanted.sum(), each.mean(), with_stance / max(right.sum(), 1), usual / max(right.sum(), 1),
            2 * with_stance / wanted.sum())  # fmt: skip
    return tuple(f"{one:.3f}" for one in told)
