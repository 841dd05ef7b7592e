"""What words and encoder say of each passage, each by a model that has not read the passage's author."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.classify.encoder import Encoder
from ascn_nlp.labelled import passage_key
from ascn_nlp.records import STANCES, Passage
from ascn_nlp.training.data import Data
from ascn_nlp.training.words import fit_words, logistic
from ascn_nlp.weights import EncoderFiles

Floats = NDArray[np.float32]

# Inverse strength of regularisation of a head for a concern that the encoder was not fine-tuned on. Not tuned.
_HEAD_STRENGTH = 1.0


@dataclass(frozen=True, slots=True)
class Values:
    """Values of concerns (n_passages, n_concerns) and of stances (n_passages, n_concerns, n_stances) by both."""

    words: Floats
    word_stances: Floats
    encoder: Floats
    encoder_stances: Floats
    has_encoder: bool


@dataclass(frozen=True, slots=True)
class Heads:
    """Heads on the encoder's mean vector for the concerns of the weights; shapes as in Weights."""

    coef: Floats
    intercept: Floats
    stance_coef: Floats
    stance_intercept: Floats


def left_out_values(data: Data, files: EncoderFiles | None) -> Values:
    """What each passage gets from models without its author; of the encoder 0 where there is none."""
    shape = data.labels.shape
    words, word_stances = np.zeros(shape, np.float32), np.zeros((*shape, len(STANCES)), np.float32)
    for rows, rest in data.parts:
        fit = fit_words(data, rest)
        words[rows] = data.features[rows] @ fit.coef + fit.intercept
        by_words = data.features[rows] @ fit.stance_coef + fit.stance_intercept
        for k in range(shape[1]):
            extra = np.array([data.extra(n, k) for n in rows])
            word_stances[rows, k] = by_words + extra @ fit.stance_extra
    if files is None:
        return Values(words, word_stances, np.zeros_like(words), np.zeros_like(word_stances), False)
    encoder, encoder_stances = _encoder_values(data, files)
    return Values(words, word_stances, encoder, encoder_stances, True)


def fit_encoder_heads(data: Data, files: EncoderFiles | None) -> Heads:
    """The encoder's own heads; for a concern that it was not fine-tuned on, one fitted to all passages."""
    concerns, stances = len(data.names), len(STANCES)
    if files is None:
        empty = np.zeros((0, concerns), np.float32), np.zeros(concerns, np.float32)
        return Heads(*empty, np.zeros((0, concerns, stances), np.float32), np.zeros((concerns, stances), np.float32))
    width, own = len(files.coef), {name: k for k, name in enumerate(files.concerns)}
    heads = Heads(
        np.zeros((width, concerns), np.float32),
        np.zeros(concerns, np.float32),
        # The stance of a concern that is new to the encoder: what its heads say on average.
        np.repeat(files.stance_coef.mean(1, keepdims=True), concerns, 1),
        np.repeat(files.stance_intercept.mean(0, keepdims=True), concerns, 0),
    )
    vectors = _mean_vectors(data.passages, files) if set(data.names) - set(own) else None
    for k, name in enumerate(data.names):
        if name in own:
            heads.coef[:, k], heads.intercept[k] = files.coef[:, own[name]], files.intercept[own[name]]
            heads.stance_coef[:, k] = files.stance_coef[:, own[name]]
            heads.stance_intercept[k] = files.stance_intercept[own[name]]
        elif vectors is not None:
            heads.coef[:, k], heads.intercept[k] = _head(vectors, data.labels[:, k], data.weights[:, k])
    return heads


def _encoder_values(data: Data, files: EncoderFiles) -> tuple[Floats, Floats]:
    """Values of concerns and stances: stored ones for passages the encoder was fine-tuned on, its own for others."""
    values = np.zeros(data.labels.shape, np.float32)
    stances = np.zeros((*values.shape, len(STANCES)), np.float32)
    own = {name: k for k, name in enumerate(files.concerns)}
    stored = {int(key): n for n, key in enumerate(files.left_out_keys)}
    rows = np.array([stored.get(passage_key(passage), -1) for passage in data.passages])
    is_new, names = rows < 0, set(data.names) - set(own)
    asked = np.flatnonzero(is_new) if not names else np.arange(len(rows))
    vectors = np.zeros((len(rows), len(files.coef)), np.float32)
    if len(asked):
        vectors[asked] = _mean_vectors([data.passages[n] for n in asked], files)
    for k, name in enumerate(data.names):
        if name in own:
            column = own[name]
            values[~is_new, k] = files.left_out_values[rows[~is_new], column]
            stances[~is_new, k] = files.left_out_stances[rows[~is_new], column]
            values[is_new, k] = vectors[is_new] @ files.coef[:, column] + files.intercept[column]
            by_own = vectors[is_new] @ files.stance_coef[:, column] + files.stance_intercept[column]
            stances[is_new, k] = by_own
            continue
        for left_out, rest in data.parts:
            coef, intercept = _head(vectors[rest], data.labels[rest, k], data.weights[rest, k])
            values[left_out, k] = vectors[left_out] @ coef + intercept
        stances[:, k] = vectors @ files.stance_coef.mean(1) + files.stance_intercept.mean(0)
    return values, stances


def _head(vectors: Floats, labels: NDArray[np.bool_], weights: Floats) -> tuple[Floats, float]:
    coef, intercept = logistic(
        vectors, labels, (False, True), weights, C=_HEAD_STRENGTH, class_weight="balanced", max_iter=500
    )
    return (coef[1] - coef[0]).astype(np.float32), float(intercept[1] - intercept[0])


def _mean_vectors(passages: list[Passage] | tuple[Passage, ...], files: EncoderFiles) -> Floats:
    """The mean vector of each passage, (n_passages, width); onnxruntime works beside itself in threads."""
    encoder = Encoder(files.graph, files.tokenizer)

    def mean(passage: Passage) -> Floats:
        vector: Floats = encoder.encode(passage.text, passage.heading_line).vectors.mean(0)
        return vector

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        return np.array(list(threads.map(mean, passages)), np.float32).reshape(len(passages), -1)
