"""Whether a page that is all picture is a page of print that was scanned, or a photograph, a map or a drawing."""

from __future__ import annotations

from typing import Any

# Measured on eight scanned pages, and six covers, maps and posters, drawn at 72 dots an inch: paper covers 0.78 and
# more of the scans; along a row of pixels with ink these change between ink and paper 48 times and more, pictures 25
# at most. Both are in parts of the page, so that its size does not matter.
_LIGHT = 160  # of 255: yellowed paper is darker than white
_NEAR = 20  # of the paper's grey
_PAPER = 0.6
_INKED = 0.01  # of a row's pixels
_CHANGES = 0.06  # a pixel


def is_printed(page: Any) -> bool:
    """Whether an open pypdfium2 page, drawn small, is light paper with rows of letters."""
    import numpy as np

    drawn = page.render(scale=min(1.0, 1000 / max(page.get_size())), grayscale=True).to_numpy()
    grey = drawn.reshape(drawn.shape[:2]).astype(np.int16)
    paper = int(np.bincount(grey.ravel()).argmax())
    if paper < _LIGHT or float(np.mean(np.abs(grey - paper) < _NEAR)) < _PAPER:
        return False
    ink = grey < paper / 2
    inked = ink.mean(axis=1) > _INKED
    changes = (ink[:, 1:] != ink[:, :-1]).mean(axis=1)
    return bool(inked.any()) and float(changes[inked].mean()) > _CHANGES
