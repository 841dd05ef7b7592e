"""The command ``ascn-nlp``, also ``python -m ascn_nlp``."""

from __future__ import annotations

import io
import sys


def run() -> None:
    """Run the command line and leave with its exit status."""
    from ascn_nlp.cli import main

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Data is UTF-8 on every system, pipes of Windows included; half a character, as a file's name may hold,
            # is written as \udc80, which is also how JSON writes it.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
