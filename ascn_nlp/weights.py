"""Weights on disk: arrays as npz, names as JSON, a card as TOML. Nothing here can run code when it is read."""

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

FORMAT = 1
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """A trained linear tagger.

    ``coef`` has shape (n_features, n_concerns), ``stance_coef`` (n_features, n_stances), ``stance_extra``
    (n_cues + n_concerns, n_stances), ``calibration`` (n_concerns, 2): a value v is the probability
    1 / (1 + exp(-(a v + b))).
    """

    concerns: tuple[str, ...]
    stances: tuple[str, ...]
    vocabulary: tuple[str, ...]
    idf: Floats
    coef: Floats
    intercept: Floats
    calibration: Floats
    stance_coef: Floats
    stance_extra: Floats
    stance_intercept: Floats
    thresholds: Mapping[str, float]  # by kind of tagger: model, both
    definitions: Mapping[str, str]  # digest of each concern's definition when this was trained
    digest: str = ""

    @cached_property
    def id(self) -> str:
        """A name for exactly these numbers."""
        return f"linear-{self.digest}"


_ARRAYS = ("idf", "coef", "intercept", "calibration", "stance_coef", "stance_extra", "stance_intercept")
_NAMES = ("concerns", "stances", "vocabulary", "thresholds", "definitions")
_KINDS = ("both", "model")
# raised, addressed, raised_far, addressed_far
_CUES = 4
# What numpy raises for bytes that are no archive of arrays: bad names and headers, bad streams, flags it does not know.
_DAMAGE = (OSError, ValueError, KeyError, EOFError, RuntimeError, BadZipFile, zlib.error)


def save_weights(folder: Path, weights: Weights, card: Mapping[str, Any], card_text: str) -> None:
    """Write weights and cards; large arrays at half precision, which changes scores in the fourth digit."""
    folder.mkdir(parents=True, exist_ok=True)
    halved = {name: _halved(getattr(weights, name)) for name in _ARRAYS}
    np.savez_compressed(folder / "weights.npz", allow_pickle=False, **halved)
    names = {"format": FORMAT, **{name: _plain(getattr(weights, name)) for name in _NAMES}}
    (folder / "names.json").write_text(json.dumps(names, ensure_ascii=False, indent=0), encoding="utf-8")
    (folder / "card.toml").write_text(_toml(card), encoding="utf-8")
    (folder / "card.md").write_text(card_text, encoding="utf-8")


def load_weights(folder: Path) -> Weights:
    """The weights in a folder; ModelError when they are missing, damaged, or of another format."""
    remedy = "train them: ascn-nlp train"
    try:
        raw = (folder / "weights.npz").read_bytes()
        names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        with np.load(BytesIO(raw), allow_pickle=False) as arrays:
            values = {name: arrays[name].astype(np.float32) for name in _ARRAYS}
    except FileNotFoundError as error:
        raise ModelError(f"has no {Path(str(error.filename)).name}", str(folder), remedy) from error
    except _DAMAGE as error:
        raise ModelError(f"cannot be read: {error}", str(folder), remedy) from error
    version = names.get("format") if isinstance(names, dict) else None
    if version != FORMAT:
        raise ModelError(f"is of format {version}, this version reads {FORMAT}", str(folder), remedy)
    if not _fit_together(names, values):
        raise ModelError("has arrays and names that do not fit together", str(folder), remedy)
    return Weights(
        concerns=tuple(names["concerns"]),
        stances=tuple(names["stances"]),
        vocabulary=tuple(names["vocabulary"]),
        thresholds=names["thresholds"],
        definitions=names["definitions"],
        digest=hashlib.sha256(raw + json.dumps(names, sort_keys=True).encode()).hexdigest()[:16],
        **values,
    )


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
    if not all(isinstance(thresholds.get(kind), float) for kind in _KINDS):
        return False
    concerns, stances, features = (len(names[name]) for name in ("concerns", "stances", "vocabulary"))
    shapes = {
        "idf": (features,),
        "coef": (features, concerns),
        "intercept": (concerns,),
        "calibration": (concerns, 2),
        "stance_coef": (features, stances),
        "stance_extra": (_CUES + concerns, stances),
        "stance_intercept": (stances,),
    }
    return all(values[name].shape == shape and np.isfinite(values[name]).all() for name, shape in shapes.items())


def _halved(array: Floats) -> NDArray[Any]:
    return array.astype(np.float16) if array.size > 10_000 else array.astype(np.float32)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else list(value)


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
