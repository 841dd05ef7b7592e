"""The sentence encoder: a small transformer run by onnxruntime, a passage at a time on one thread.

One passage at a time costs no more than a batch on one core, needs no padding, and makes every answer independent of
what else is tagged beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.errors import ModelError

Floats = NDArray[np.float32]

# Word pieces of heading and text together; a passage of 200 words has about 270, its end is cut off.
MOST_PIECES = 256
# Of the headings above a passage only so many characters, the nearest ones, are read.
HEADING_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Encoded:
    """A passage as the encoder sees it.

    ``vectors`` has shape (n_pieces, width); ``spans`` (n_pieces, 2) holds the characters of the text that each piece
    stands for, and (0, 0) for pieces of the heading and the marks between.
    """

    vectors: Floats
    spans: NDArray[np.int32]


class Encoder:
    """Turns texts into vectors, one for each word piece.

    ``graph`` is an ONNX model with the inputs ids and types, both (1, n), and positions (n,), and the output tokens
    (1, n, width); ``tokenizer`` the JSON of a Hugging Face tokenizer with pair template.
    """

    def __init__(self, graph: bytes, tokenizer: str) -> None:
        # Imported here: onnxruntime costs 0.15 s that a run by rules alone need not pay.
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # processes work side by side, not threads
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_str(tokenizer)
        except Exception as error:  # both libraries raise plain Exceptions of their own for bytes they cannot read
            remedy = "train it anew, or take the packaged one: ascn-nlp train"
            raise ModelError(f"has an encoder that cannot be read: {error}", "the model", remedy) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_PIECES)

    def encode(self, text: str, heading: str = "") -> Encoded:
        """The vectors of ``text`` read under ``heading``."""
        pieces = (
            self._tokenizer.encode(heading[-HEADING_CHARACTERS:], text) if heading else self._tokenizer.encode(text)
        )
        ids = np.array([pieces.ids], np.int64)
        types = np.array([pieces.type_ids], np.int64)
        positions = np.arange(ids.shape[1], dtype=np.int64)
        (vectors,) = self._session.run(["tokens"], {"ids": ids, "types": types, "positions": positions})
        last = 1 if heading else 0
        of_text = [n == last for n in pieces.sequence_ids]
        spans = np.where(np.array(of_text)[:, None], np.array(pieces.offsets), 0).astype(np.int32)
        return Encoded(vectors[0], spans)
