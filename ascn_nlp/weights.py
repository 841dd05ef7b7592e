"""Weights on disk: arrays as npz, a graph as ONNX, names as JSON, a card as TOML. Nothing runs code when read."""

from __future__ import annotations

import hashlib
import json
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.errors import ModelError
from ascn_nlp.records import STANCES

FORMAT = 2
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """A trained tagger: what it makes of the words, of the encoder's vectors, and of both.

    Of the words: ``coef`` has shape (n_features, n_concerns), ``stance_coef`` (n_features, n_stances), ``stance_extra``
    (n_cues + n_concerns, n_stances). Of the mean vector: ``encoder_coef`` (width, n_concerns), ``encoder_stance_coef``
    (width, n_concerns, n_stances); width is 0 where there is no encoder. ``mix`` (n_kinds, n_concerns, 3) makes a
    probability of the value of the words and that of the encoder, for each kind of tagger in KINDS:
    1 / (1 + exp(-(a words + b encoder + c))), with b = 0 for the kind that does not ask the encoder. ``stance_mix``
    (2 n_stances, n_stances) weighs the values of stances by the words, then by the encoder.
    """

    concerns: tuple[str, ...]
    stances: tuple[str, ...]
    vocabulary: tuple[str, ...]
    idf: Floats
    coef: Floats
    intercept: Floats
    stance_coef: Floats
    stance_extra: Floats
    stance_intercept: Floats
    encoder_coef: Floats
    encoder_intercept: Floats
    encoder_stance_coef: Floats
    encoder_stance_intercept: Floats
    mix: Floats
    stance_mix: Floats
    thresholds: Mapping[str, float]  # by kind of tagger, and what else is decided by a number
    definitions: Mapping[str, str]  # digest of each concern's definition when this was trained
    encoder: str = ""  # digest of the encoder these belong to; "" for none
    digest: str = ""

    @cached_property
    def id(self) -> str:
        """A name for exactly these numbers."""
        return f"model-{self.digest}"


@dataclass(frozen=True)
class EncoderFiles:
    """A fine-tuned encoder with its own heads, and what its like said of passages they had not read.

    ``coef`` (width, n_concerns) and ``stance_coef`` (width, n_concerns, n_stances) give values from the mean of a
    passage's vectors. ``left_out_keys`` (n_passages,) name passages by their words, ``left_out_values`` and
    ``left_out_stances`` are values by encoders fitted without the passage's author, of shape (n_passages, n_concerns)
    and (n_passages, n_concerns, n_stances).
    """

    graph: bytes  # ONNX
    tokenizer: str  # JSON
    concerns: tuple[str, ...]
    coef: Floats
    intercept: Floats
    stance_coef: Floats
    stance_intercept: Floats
    left_out_keys: NDArray[np.uint64]
    left_out_values: Floats
    left_out_stances: Floats

    @cached_property
    def digest(self) -> str:
        """A name for this graph and tokenizer."""
        return encoder_digest(self.graph, self.tokenizer)


_ARRAYS = (
    "idf", "coef", "intercept", "stance_coef", "stance_extra", "stance_intercept", "encoder_coef", "encoder_intercept",
    "encoder_stance_coef", "encoder_stance_intercept", "mix", "stance_mix",
)  # fmt: skip
_NAMES = ("concerns", "stances", "vocabulary", "thresholds", "definitions", "encoder")
_ENCODER_ARRAYS = ("coef", "intercept", "stance_coef", "stance_intercept", "left_out_values", "left_out_stances")
_GRAPH, _TOKENIZER, _HEADS = "encoder.onnx", "tokenizer.json", "encoder.npz"
# The kinds of tagger a model serves: rules and model; the same without the encoder; the model without the rules.
KINDS = ("both", "light", "model")
# What a model decides by: the least score of a tag by kind of tagger, the least score of a sure one and of a theme, and
# the score by words and rules alone under which the encoder is not asked.
DECISIONS = (*KINDS, "sure", "theme", "skip")
# raised, addressed, raised_far, addressed_far
_CUES = 4
# What numpy raises for bytes that are no archive of arrays: bad names and headers, bad streams, flags it does not know.
_DAMAGE = (OSError, ValueError, KeyError, EOFError, RuntimeError, BadZipFile, zlib.error)
_REMEDY = "train them: ascn-nlp train"


def encoder_digest(graph: bytes, tokenizer: str) -> str:
    """A name for exactly this encoder."""
    return hashlib.sha256(graph + tokenizer.encode()).hexdigest()[:16]


def save_weights(folder: Path, weights: Weights, card: Mapping[str, Any], card_text: str) -> None:
    """Write weights and cards; large arrays at half precision, which changes scores in the fourth digit."""
    folder.mkdir(parents=True, exist_ok=True)
    halved = {name: _halved(getattr(weights, name)) for name in _ARRAYS}
    np.savez_compressed(folder / "weights.npz", allow_pickle=False, **halved)
    names = {"format": FORMAT, **{name: _plain(getattr(weights, name)) for name in _NAMES}}
    (folder / "names.json").write_text(json.dumps(names, ensure_ascii=False, indent=0), encoding="utf-8")
    (folder / "card.toml").write_text(_toml(card), encoding="utf-8")
    (folder / "card.md").write_text(card_text, encoding="utf-8")


def save_encoder(folder: Path, files: EncoderFiles) -> None:
    """Write an encoder beside weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _GRAPH).write_bytes(files.graph)
    (folder / _TOKENIZER).write_text(files.tokenizer, encoding="utf-8")
    arrays = {name: getattr(files, name).astype(np.float16) for name in _ENCODER_ARRAYS}
    named = {"concerns": np.array(files.concerns), "left_out_keys": files.left_out_keys}
    np.savez_compressed(folder / _HEADS, allow_pickle=False, **arrays, **named)


def load_weights(folder: Path) -> Weights:
    """The weights in a folder; ModelError when they are missing, damaged, or of another format."""
    try:
        raw = (folder / "weights.npz").read_bytes()
        names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        version = names.get("format") if isinstance(names, dict) else None
        if version != FORMAT:
            raise ModelError(f"is of format {version}, this version reads {FORMAT}", str(folder), _REMEDY)
        with np.load(BytesIO(raw), allow_pickle=False) as arrays:
            values = {name: arrays[name].astype(np.float32) for name in _ARRAYS}
    except FileNotFoundError as error:
        raise ModelError(f"has no {Path(str(error.filename)).name}", str(folder), _REMEDY) from error
    except _DAMAGE as error:
        raise ModelError(f"cannot be read: {error}", str(folder), _REMEDY) from error
    if not _fit_together(names, values):
        raise ModelError("has arrays and names that do not fit together", str(folder), _REMEDY)
    return Weights(
        concerns=tuple(names["concerns"]),
        stances=tuple(names["stances"]),
        vocabulary=tuple(names["vocabulary"]),
        thresholds=names["thresholds"],
        definitions=names["definitions"],
        encoder=names["encoder"],
        digest=hashlib.sha256(raw + json.dumps(names, sort_keys=True).encode()).hexdigest()[:16],
        **values,
    )


def load_encoder(folder: Path, digest: str) -> tuple[bytes, str]:
    """Graph and tokenizer of the encoder with that digest; ModelError when the folder holds none or another."""
    try:
        graph, tokenizer = (folder / _GRAPH).read_bytes(), (folder / _TOKENIZER).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ModelError(f"has no {Path(str(error.filename)).name}", str(folder), _REMEDY) from error
    except _DAMAGE as error:
        raise ModelError(f"has an encoder that cannot be read: {error}", str(folder), _REMEDY) from error
    if encoder_digest(graph, tokenizer) != digest:
        raise ModelError("has another encoder than its weights were trained for", str(folder), _REMEDY)
    return graph, tokenizer


def load_encoder_files(folder: Path) -> EncoderFiles | None:
    """All of an encoder, for training on top of it; None where the folder has none, ModelError where it is damaged."""
    if not (folder / _GRAPH).is_file():
        return None
    try:
        graph, tokenizer = (folder / _GRAPH).read_bytes(), (folder / _TOKENIZER).read_text(encoding="utf-8")
        with np.load(folder / _HEADS, allow_pickle=False) as arrays:
            values = {name: arrays[name].astype(np.float32) for name in _ENCODER_ARRAYS}
            concerns, keys = tuple(arrays["concerns"].tolist()), arrays["left_out_keys"].astype(np.uint64)
    except _DAMAGE as error:
        remedy = "take the packaged model, or train the encoder anew: ascn-nlp train --encoder"
        raise ModelError(f"has an encoder that cannot be read: {error}", str(folder), remedy) from error
    return EncoderFiles(graph, tokenizer, concerns, left_out_keys=keys, **values)


def load_card(folder: Path) -> dict[str, Any]:
    """The machine-readable card of a model; ModelError when it is missing or no TOML."""
    try:
        return tomllib.loads((folder / "card.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # not UTF-8, or no TOML
        raise ModelError(f"has no card that can be read: {error}", str(folder), "train it: ascn-nlp train") from error


def _fit_together(names: Mapping[str, Any], values: Mapping[str, Floats]) -> bool:
    """Whether the names are all there and of their kinds, and the arrays finite and of the shapes they ask for."""
    lists = [names.get(name) for name in ("concerns", "stances", "vocabulary")]
    thresholds, definitions = names.get("thresholds"), names.get("definitions")
    if not all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in lists):
        return False
    if not isinstance(thresholds, dict) or not isinstance(definitions, dict) or names["stances"] != list(STANCES):
        return False
    if not all(isinstance(thresholds.get(kind), float) for kind in DECISIONS):
        return False
    if not isinstance(names.get("encoder"), str) or values["encoder_coef"].ndim != 2:
        return False
    concerns, stances, features = (len(names[name]) for name in ("concerns", "stances", "vocabulary"))
    width = len(values["encoder_coef"])
    shapes = {
        "idf": (features,),
        "coef": (features, concerns),
        "intercept": (concerns,),
        "stance_coef": (features, stances),
        "stance_extra": (_CUES + concerns, stances),
        "stance_intercept": (stances,),
        "encoder_coef": (width, concerns),
        "encoder_intercept": (concerns,),
        "encoder_stance_coef": (width, concerns, stances),
        "encoder_stance_intercept": (concerns, stances),
        "mix": (len(KINDS), concerns, 3),
        "stance_mix": (2 * stances, stances),
    }
    return (
        bool(width) == bool(names["encoder"])
        and all(values[name].shape == shape and np.isfinite(values[name]).all() for name, shape in shapes.items())
    )  # fmt: skip


def _halved(array: Floats) -> NDArray[Any]:
    return array.astype(np.float16) if array.size > 10_000 else array.astype(np.float32)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value if isinstance(value, str) else list(value)


def _toml(values: Mapping[str, Any]) -> str:
    """TOML of plain values and one level of tables, as cards have them."""
    plain = [f"{key} = {_toml_value(value)}" for key, value in values.items() if not isinstance(value, Mapping)]
    tables = [
        "\n".join([f"\n[{key}]", *(f"{_toml_value(str(k))} = {_toml_value(v)}" for k, v in value.items())])
        for key, value in values.items()
        if isinstance(value, Mapping)
    ]
    return "\n".join([*plain, *tables]) + "\n"


def _toml_value(value: Any) -> str:
    # JSON's strings, numbers, booleans and lists of them are TOML's, but for one character that TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
