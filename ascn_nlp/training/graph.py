"""The arrays of a BERT encoder -> an ONNX graph of onnxruntime's fused operators, its matrices as 8-bit integers.

Written by hand since it is short: an exporter would trace the training code, and its graph would have to be fused
afterwards. Operators: onnx.ai (LayerNormalization, Gather, MatMul) and com.microsoft (Attention, BiasGelu,
SkipLayerNormalization), as in onnxruntime's ContribOperators.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_EPSILON = 1e-12  # of BERT's layer norms
_FUSED = "com.microsoft"


def build_graph(arrays: Mapping[str, Floats], heads: int) -> bytes:
    """The encoder as an ONNX model with 32-bit numbers.

    ``arrays`` are named as in the state of transformers' BertModel. Inputs: ids and types (1, n), positions (n,);
    output: tokens (1, n, width), the last layer.
    """
    import onnx

    graph = _Graph(onnx, arrays)
    last = graph.embed()
    layers = 1 + max(int(name.split(".")[2]) for name in arrays if name.startswith("encoder.layer."))
    for layer in range(layers):
        last = graph.layer(last, layer, heads, is_last=layer == layers - 1)
    model: bytes = graph.model().SerializeToString()
    return model


def quantise(graph: bytes) -> bytes:
    """The same graph with matrices and embeddings in 8 bits, a scale for each column; a quarter of the size.

    The range is reduced to 7 bits: without VNNI, processors add pairs of 8-bit products in 16 bits, which overflow.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with TemporaryDirectory() as folder:
        made = Path(folder) / "quantised.onnx"
        quantize_dynamic(
            onnx.load_from_string(graph),
            made,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        return made.read_bytes()


def read_graph(graph: bytes) -> dict[str, Floats]:
    """The arrays that a graph of this module was built of, named as ``build_graph`` takes them, back in 32 bits."""
    import onnx

    stored = {one.name: onnx.numpy_helper.to_array(one) for one in onnx.load_from_string(graph).graph.initializer}
    arrays: dict[str, Floats] = {}
    for name, array in stored.items():
        plain = name.removesuffix("_quantized")
        if plain != name:
            zero, scale = stored[f"{plain}_zero_point"], stored[f"{plain}_scale"]
            array = (array.astype(np.float32) - zero.astype(np.float32)) * scale
        if not name.endswith(("_scale", "_zero_point")):
            arrays |= _named(plain, array.astype(np.float32))
    return arrays


def _named(name: str, array: Floats) -> dict[str, Floats]:
    """A constant of the graph under the names, and in the shapes, that it had before."""
    if name.endswith(".turned"):
        return {f"{name.removesuffix('.turned')}.weight": array.T}
    if ".qkv" not in name:
        return {name: array}
    at, is_bias = name.partition(".qkv")[0], name.endswith(".bias")
    parts = np.split(array, 3, -1)
    names = [f"{at}.attention.self.{part}.{'bias' if is_bias else 'weight'}" for part in ("query", "key", "value")]
    return {one: part if is_bias else part.T for one, part in zip(names, parts, strict=True)}


class _Graph:
    """Nodes and constants as they are added."""

    def __init__(self, onnx: Any, arrays: Mapping[str, Floats]) -> None:
        self._onnx, self._arrays = onnx, arrays
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._vocabulary, self._width = arrays["embeddings.word_embeddings.weight"].shape

    def embed(self) -> str:
        """The sum of word, position and type, normalised; the name of the result."""
        parts = (("word", "ids"), ("position", "positions"), ("token_type", "types"))
        looked = [self._node("Gather", [self._own(f"embeddings.{n}_embeddings.weight"), i]) for n, i in parts]
        both = self._node("Add", looked[:2])
        norm = [self._own(f"embeddings.LayerNorm.{name}") for name in ("weight", "bias")]
        return self._node(
            "LayerNormalization", [self._node("Add", [both, looked[2]]), *norm], axis=-1, epsilon=_EPSILON
        )

    def layer(self, before: str, number: int, heads: int, is_last: bool) -> str:
        """One layer: attention, then the two-layer network, each with its skip."""
        at = f"encoder.layer.{number}"
        query_key_value = [f"{at}.attention.self.{name}" for name in ("query", "key", "value")]
        matrix = np.concatenate([self._arrays[f"{name}.weight"].T for name in query_key_value], 1)
        bias = np.concatenate([self._arrays[f"{name}.bias"] for name in query_key_value])
        inputs = [before, self._constant(f"{at}.qkv", matrix), self._constant(f"{at}.qkv.bias", bias)]
        attended = self._node("Attention", inputs, domain=_FUSED, num_heads=heads)
        mixed = self._node("MatMul", [attended, self._turned(f"{at}.attention.output.dense")])
        middle = self._skip(mixed, before, f"{at}.attention.output")
        wide = self._node("MatMul", [middle, self._turned(f"{at}.intermediate.dense")])
        wide = self._node("BiasGelu", [wide, self._own(f"{at}.intermediate.dense.bias")], domain=_FUSED)
        narrow = self._node("MatMul", [wide, self._turned(f"{at}.output.dense")])
        return self._skip(narrow, middle, f"{at}.output", out="tokens" if is_last else "")

    def model(self) -> Any:
        """All of it as a model."""
        helper, kinds = self._onnx.helper, self._onnx.TensorProto
        inputs = [helper.make_tensor_value_info(name, kinds.INT64, [1, "n"]) for name in ("ids", "types")]
        inputs.append(helper.make_tensor_value_info("positions", kinds.INT64, ["n"]))
        output = helper.make_tensor_value_info("tokens", kinds.FLOAT, [1, "n", self._width])
        graph = helper.make_graph(self._nodes, "encoder", inputs, [output], self._constants)
        versions = [helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=8)

    def _skip(self, made: str, before: str, at: str, out: str = "") -> str:
        norm = [self._own(f"{at}.LayerNorm.{name}") for name in ("weight", "bias")]
        inputs = [made, before, *norm, self._own(f"{at}.dense.bias")]
        return self._node("SkipLayerNormalization", inputs, out, domain=_FUSED, epsilon=_EPSILON)

    def _own(self, name: str) -> str:
        return self._constant(name, self._arrays[name])

    def _turned(self, name: str) -> str:
        return self._constant(f"{name}.turned", self._arrays[f"{name}.weight"].T)

    def _constant(self, name: str, array: Floats) -> str:
        made = np.ascontiguousarray(array, dtype=np.float32)
        self._constants.append(self._onnx.numpy_helper.from_array(made, name))
        return name

    def _node(self, kind: str, inputs: Sequence[str], out: str = "", domain: str = "", **attributes: Any) -> str:
        out = out or f"{kind}_{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(kind, list(inputs), [out], domain=domain, **attributes))
        return out
