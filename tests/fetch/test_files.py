"""Documents in folders."""

import pytest

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch import fetch_file


def test_a_file_is_taken_where_it_lies(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"\x00words")
    fetched = fetch_file(str(tmp_path / "a.pdf"), "a.pdf", 6)
    assert (fetched.address, fetched.path, fetched.media_type) == ("a.pdf", tmp_path / "a.pdf", "")
    assert not fetched.is_spare


def test_a_file_that_is_too_large_gone_or_a_folder_is_an_error_of_its_document(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"words")
    with pytest.raises(FetchError, match="larger than"):
        fetch_file(str(tmp_path / "a.pdf"), "a.pdf", 4)
    for location in ("absent.pdf", ""):
        with pytest.raises(FetchError, match="cannot be read") as caught:
            fetch_file(str(tmp_path / location), "a.pdf", 100)
        assert caught.value.where == "a.pdf"
