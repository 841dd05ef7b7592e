"""What an address is: of a page on the web, or of a file."""

from __future__ import annotations


def is_web_address(address: str) -> bool:
    """Whether this is fetched over the network rather than read from a folder."""
    return address.startswith(("http://", "https://"))
