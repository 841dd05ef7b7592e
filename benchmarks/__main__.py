"""Run benchmarks and print their tables in Markdown; ``--write`` also puts them into a file, between their markers."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks import BENCHMARKS
from benchmarks.table import FULL, markdown, replace_part


def main() -> None:
    """Run those named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--write", type=Path, metavar="FILE", help="for example docs/benchmarks.md")
    parser.add_argument("--pdf", type=Path, metavar="FOLDER", help="also read these PDFs, beside those made here")
    parser.add_argument("--gold", type=Path, metavar="FILE", help="labelled passages to measure on")
    parser.add_argument("--cases", type=int, default=FULL.cases, help="broken files to read")
    parser.add_argument("--seed", type=int, default=FULL.seed, help="they are drawn with")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}")
    sizes = replace(FULL, pdfs=given.pdf, gold=given.gold, cases=given.cases, seed=given.seed)
    for name in given.names or BENCHMARKS:
        print(f"{name} ...", file=sys.stderr)
        text = markdown(name, BENCHMARKS[name](sizes))
        print(text, flush=True)
        if given.write:
            before = given.write.read_text("utf-8") if given.write.exists() else ""
            given.write.write_text(replace_part(before, name, text), "utf-8")


if __name__ == "__main__":
    main()
