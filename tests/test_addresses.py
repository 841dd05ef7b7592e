"""What tells the address of a page from that of a file, in one place."""

from pathlib import Path

import pytest

import ascn_nlp
from ascn_nlp.addresses import is_web_address

PACKAGE = Path(ascn_nlp.__file__).parent


@pytest.mark.parametrize(
    ("address", "is_web"),
    [("https://x", True), ("http://x", True), ("/x/https://", False), ("httpx.pdf", False), ("file:///x", False)],
)
def test_a_web_address_is_told_from_a_file(address, is_web):
    assert is_web_address(address) is is_web


def test_no_other_module_tells_it_anew():
    found = [path for path in PACKAGE.rglob("*.py") if 'startswith(("http' in path.read_text(encoding="utf-8")]
    assert found == [PACKAGE / "addresses.py"]
