"""Where the data that travels with the package lies: models, corpus and flows.

In a checkout these are folders beside ``ascn_nlp/``; a wheel carries the same folders inside the package, under
``_data/``, so that no wheel claims global names such as ``flows``.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """The path of a file or folder that travels with the package, e.g. ``resource("models", "default")``."""
    bundled = _PACKAGE / "_data"
    return (bundled if bundled.is_dir() else _PACKAGE.parent).joinpath(*parts)


def packaged(name: str) -> Path:
    """The path of a table inside the package itself, e.g. ``packaged("taxonomy.toml")``."""
    return _PACKAGE / name
