"""Write one broken file of the fuzzing benchmark into a folder, say how it was made, and what reading it gives."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.fuzzing import read_cases
from benchmarks.mutations import make_case, sample_files


def main() -> None:
    """Make the case, write it and read it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_case", description=__doc__)
    parser.add_argument("number", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(), metavar="FOLDER")
    given = parser.parse_args()
    case = make_case(given.seed, given.number, sample_files())
    (given.out / case.name).write_bytes(case.content)
    print(given.out / case.name, "from", ", ".join(case.steps))
    for result in read_cases(given.seed, [given.number]):
        print(result.verdict, result.detail)


if __name__ == "__main__":
    main()
