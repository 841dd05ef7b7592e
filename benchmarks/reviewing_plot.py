"""The curves of the simulated review as a picture: ``python -m benchmarks.reviewing_plot docs/reviewing.svg``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reviewing import BATCH, FOUND, LEARNING, OURS, RANDOM, Curve, f1_after, found_after, simulate, table_of
from benchmarks.table import FULL, markdown

# Okabe and Ito's colours, told apart with any eyes, and lines told apart in grey.
_LINES = {
    RANDOM: ("#000000", ":"),
    "unsure": ("#E69F00", "-."),
    "likeliest": ("#56B4E9", "--"),
    OURS: ("#0072B2", "-"),
}


def draw(curves: Mapping[str, list[Curve]], stops: list[tuple[float, float]], path: Path) -> None:
    """Write both curves of each order as an SVG, the same bytes for the same curves."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot
    from matplotlib.ticker import PercentFormatter

    style = {"svg.hashsalt": "reviewing", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10}
    with matplotlib.rc_context(style):
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.5, 3.9), layout="constrained")
        for name, of in curves.items():
            last = min(int(curve.read[-1]) for curve in of)
            _band(left, last, found_after, of, name)
            _band(right, min(last, LEARNING), f1_after, of, name)
        stop = float(np.mean([read for read, _ in stops]))
        left.axhline(FOUND, color="#999999", linewidth=0.8)
        left.axvline(stop, color="#999999", linewidth=0.8)
        left.text(stop, 0.03, "told to stop (mean) ", color="#555555", horizontalalignment="right")
        left.text(0, FOUND + 0.01, f" {FOUND:.0%}", color="#555555", verticalalignment="bottom")
        left.yaxis.set_major_formatter(PercentFormatter(1))
        left.set(xlabel="passages read", title="Tags found", xlim=(0, None), ylim=(0, 1.04))
        right.set(
            xlabel="passages read", title="Macro F1 of the model, on other documents", xlim=(0, None), ylim=(0, None)
        )
        right.legend(frameon=False, loc="lower right")
        for axes in (left, right):
            axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, metadata={"Date": None, "Creator": None})
        pyplot.close(figure)


def _band(axes: Any, last: int, value: Callable[[Curve, int], float], curves: list[Curve], name: str) -> None:
    """A line at the mean of the curves, for two of the orders in a band from the least of them to the most."""
    reads = np.arange(0, last + 1, BATCH // 2)
    each = np.array([[value(curve, int(read)) for read in reads] for curve in curves])
    colour, line = _LINES[name]
    if name in (RANDOM, OURS):  # four bands on each other show none
        axes.fill_between(reads, each.min(0), each.max(0), color=colour, alpha=0.18, linewidth=0)
    axes.plot(reads, each.mean(0), line, color=colour, linewidth=1.8, label=name.strip("`"))


def main() -> None:
    """Write the picture, and print the table of the same run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reviewing_plot", description=__doc__)
    parser.add_argument("path", type=Path, metavar="FILE", help="for example docs/reviewing.svg")
    given = parser.parse_args()
    curves, stops, tasks = simulate(FULL)
    draw(curves, stops, given.path)
    print(markdown("reviewing", table_of(curves, stops, tasks)))


if __name__ == "__main__":
    main()
