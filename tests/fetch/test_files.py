"""Documents in folders."""

import pytest

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch import fetch_file, is_web_address


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


@pytest.mark.parametrize(
    ("location", "is_web"), [("https://x", True), ("http://x", True), ("/x/https://", False), ("httpx.pdf", False)]
)
def test_a_web_address_is_told_from_a_file(location, is_web):
    assert is_web_address(location) is is_web
