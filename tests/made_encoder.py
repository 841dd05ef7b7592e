"""A very small encoder with random weights, for tests: its arrays, what plain numpy makes of them, its files."""

import math
import string

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from ascn_nlp.labelled import passage_key
from ascn_nlp.training.graph import build_graph, quantise
from ascn_nlp.weights import EncoderFiles

WIDTH, HEADS, LAYERS, INNER, LONGEST = 16, 2, 2, 32, 300
MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
PIECES = [*MARKS, *string.ascii_lowercase, *string.digits, *(f"##{c}" for c in string.ascii_lowercase + string.digits),
          *".,;:!?-", "camera", "footage", "watched", "evicted", "home", "river", "market", "fear", "law"]  # fmt: skip


def make_arrays(seed=0):
    """The weights of a BERT of two layers, named as transformers names them."""
    drawn = np.random.default_rng(seed)

    def numbers(*shape, scale=0.3):
        return drawn.normal(scale=scale, size=shape).astype(np.float32)

    arrays = {
        "embeddings.word_embeddings.weight": numbers(len(PIECES), WIDTH, scale=1.0),
        "embeddings.position_embeddings.weight": numbers(LONGEST, WIDTH),
        "embeddings.token_type_embeddings.weight": numbers(2, WIDTH),
    }
    norms, dense = ["embeddings"], {}
    for n in range(LAYERS):
        at = f"encoder.layer.{n}"
        dense |= {f"{at}.attention.self.{name}": (WIDTH, WIDTH) for name in ("query", "key", "value")}
        dense |= {
            f"{at}.attention.output.dense": (WIDTH, WIDTH),
            f"{at}.intermediate.dense": (INNER, WIDTH),
            f"{at}.output.dense": (WIDTH, INNER),
        }
        norms += [f"{at}.attention.output", f"{at}.output"]
    for name, shape in dense.items():
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = numbers(*shape), numbers(shape[0])
    for name in norms:
        arrays[f"{name}.LayerNorm.weight"], arrays[f"{name}.LayerNorm.bias"] = 1 + numbers(WIDTH), numbers(WIDTH)
    return arrays


def by_numpy(arrays, ids, types):
    """The last layer (n, width), as the BERT paper defines it (Devlin et al. 2019; Vaswani et al. 2017)."""

    def norm(x, at):
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * arrays[f"{at}.LayerNorm.weight"] + arrays[f"{at}.LayerNorm.bias"]

    def dense(x, at):
        return x @ arrays[f"{at}.weight"].T + arrays[f"{at}.bias"]

    def heads(x):
        return x.reshape(len(x), HEADS, -1).swapaxes(0, 1)

    n = len(ids)
    x = arrays["embeddings.word_embeddings.weight"][ids] + arrays["embeddings.token_type_embeddings.weight"][types]
    x = norm(x + arrays["embeddings.position_embeddings.weight"][:n], "embeddings")
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        query, key, value = (heads(dense(x, f"{at}.attention.self.{name}")) for name in ("query", "key", "value"))
        scores = query @ key.swapaxes(1, 2) / math.sqrt(WIDTH / HEADS)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        attended = (shares / shares.sum(-1, keepdims=True) @ value).swapaxes(0, 1).reshape(n, WIDTH)
        x = norm(dense(attended, f"{at}.attention.output.dense") + x, f"{at}.attention.output")
        wide = dense(x, f"{at}.intermediate.dense")
        wide = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        x = norm(dense(wide, f"{at}.output.dense") + x, f"{at}.output")
    return x


def make_tokenizer():
    """A WordPiece tokenizer over single characters and a few words, as JSON."""
    made = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", MARKS.index("[CLS]")), ("[SEP]", MARKS.index("[SEP]"))],
    )  # fmt: skip
    return made.to_str()


def make_files(labelled, concerns, seed=0, strength=4.0):
    """An encoder as it lies in a model's folder; what it "said" of the passages is their labels, with noise."""
    drawn = np.random.default_rng(seed)
    labels = np.array([[concern in dict(one.tags) for concern in concerns] for one in labelled], float)
    values = strength * (labels - 0.5) + drawn.normal(size=labels.shape)
    return EncoderFiles(
        graph=quantise(build_graph(make_arrays(seed), HEADS)),
        tokenizer=make_tokenizer(),
        concerns=tuple(concerns),
        coef=drawn.normal(size=(WIDTH, len(concerns))).astype(np.float32),
        intercept=drawn.normal(size=len(concerns)).astype(np.float32),
        stance_coef=drawn.normal(size=(WIDTH, len(concerns), 3)).astype(np.float32),
        stance_intercept=drawn.normal(size=(len(concerns), 3)).astype(np.float32),
        left_out_keys=np.array([passage_key(one.passage) for one in labelled], np.uint64),
        left_out_values=values.astype(np.float32),
        left_out_stances=drawn.normal(size=(*labels.shape, 3)).astype(np.float32),
    )
