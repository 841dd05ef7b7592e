"""Saves market-survey.fodt, the editable original, as ODT and DOCX: python make_samples.py. Needs LibreOffice Writer.

Both samples are what LibreOffice writes, so that the readers meet a real program's files; and as both come from one
original, the two readers must find the same blocks in them.
"""

import subprocess
import tempfile
from pathlib import Path

_HERE = Path(__file__).parent


def convert(kind: str, folder: Path) -> None:
    """Write the original as a file of ``kind`` into ``folder``."""
    with tempfile.TemporaryDirectory() as profile:
        options = [f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--convert-to", kind]
        subprocess.run(["soffice", *options, "--outdir", folder, _HERE / "market-survey.fodt"], check=True)


if __name__ == "__main__":
    convert("odt", _HERE)
    convert("docx", _HERE.parent / "docx")
