"""The encoder: its graph computes what BERT is defined to, and its pieces are traced to the characters of the text."""

import numpy as np
import pytest

from ascn_nlp.classify.encoder import MOST_PIECES, Encoder
from ascn_nlp.errors import ModelError
from ascn_nlp.training.graph import build_graph, quantise

TEXT = "Cameras watched the river market; families fear 12 homes."


@pytest.fixture(scope="module")
def arrays(made_encoder):
    return made_encoder.make_arrays()


@pytest.fixture(scope="module")
def exact(made_encoder, arrays):
    """The encoder in 32-bit numbers."""
    return Encoder(build_graph(arrays, made_encoder.HEADS), made_encoder.make_tokenizer())


@pytest.fixture(scope="module")
def encoder(made_encoder, arrays):
    """The encoder as it is shipped, in 8 bits."""
    return Encoder(quantise(build_graph(arrays, made_encoder.HEADS)), made_encoder.make_tokenizer())


def pieces_of(made_encoder, text, heading=""):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(made_encoder.make_tokenizer())
    return tokenizer.encode(heading, text) if heading else tokenizer.encode(text)


@pytest.mark.parametrize("heading", ["", "Safe city"])
def test_the_graph_computes_what_the_papers_define(made_encoder, arrays, exact, heading):
    pieces = pieces_of(made_encoder, TEXT, heading)
    expected = made_encoder.by_numpy(arrays, np.array(pieces.ids), np.array(pieces.type_ids))
    np.testing.assert_allclose(exact.encode(TEXT, heading).vectors, expected, atol=2e-5)


def test_eight_bits_turn_the_mean_vector_little(exact, encoder):
    for text in (TEXT, "Law.", "The river is a market of rain and song, home of the drones." * 3):
        first, second = (one.encode(text).vectors.mean(0) for one in (exact, encoder))
        assert first @ second / np.linalg.norm(first) / np.linalg.norm(second) > 0.98


def test_eight_bits_take_a_third_of_the_space(arrays, made_encoder):
    wide = {name: np.tile(array, (8, 1)) if name == "embeddings.word_embeddings.weight" else array
            for name, array in arrays.items()}  # fmt: skip
    graph = build_graph(wide, made_encoder.HEADS)
    assert len(quantise(graph)) < len(graph)


@pytest.mark.parametrize("heading", ["", "Market news"])
def test_pieces_are_traced_to_the_text(encoder, heading):
    encoded = encoder.encode(TEXT, heading)
    spans = [TEXT[a:b].lower() for a, b in encoded.spans if b > a]
    assert "".join(spans) == TEXT.replace(" ", "").lower()
    assert len(encoded.spans) == len(encoded.vectors)


def test_a_heading_is_read_and_is_no_part_of_the_text(encoder):
    plain, headed = encoder.encode(TEXT), encoder.encode(TEXT, "Evicted")
    assert (headed.spans[:, 1] > headed.spans[:, 0]).sum() == (plain.spans[:, 1] > plain.spans[:, 0]).sum()
    assert not np.allclose(plain.vectors.mean(0), headed.vectors.mean(0))


def test_a_long_text_is_cut_and_its_beginning_kept(encoder):
    encoded = encoder.encode("river market " * 400)
    assert len(encoded.vectors) == MOST_PIECES
    assert encoded.spans[1].tolist() == [0, 5]


@pytest.mark.parametrize("text", ["", " ", "...", "ตำรวจ", "🏙", "\x00\n", "x" * 3000])
def test_any_text_is_encoded(encoder, text):
    encoded = encoder.encode(text, "A heading")
    assert np.isfinite(encoded.vectors).all()
    assert all(0 <= a <= b <= len(text) for a, b in encoded.spans)


def test_encoding_again_gives_the_same(encoder):
    np.testing.assert_array_equal(encoder.encode(TEXT).vectors, encoder.encode(TEXT).vectors)


@pytest.mark.parametrize(("graph", "tokenizer"), [(b"no graph", None), (None, "no tokenizer"), (b"", "{}")])
def test_bytes_that_are_no_encoder_are_refused_with_a_remedy(made_encoder, arrays, graph, tokenizer):
    good = build_graph(arrays, made_encoder.HEADS), made_encoder.make_tokenizer()
    given = [given if given is not None else own for given, own in zip((graph, tokenizer), good, strict=True)]
    with pytest.raises(ModelError) as caught:
        Encoder(*given)
    assert caught.value.remedy
