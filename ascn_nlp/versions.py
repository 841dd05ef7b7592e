"""Models on disk: which there are, which replaced which, and how to go back. Opens files.

A workspace's model lies in ``models/default``. What it replaces goes to ``models/versions``, under its own name and the
digest of its weights; one that was refused because it does worse lies beside it, as ``models/default.refused``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ascn_nlp.errors import ModelError
from ascn_nlp.resources import resource
from ascn_nlp.training.suspects import Suspect
from ascn_nlp.weights import load_card, load_weights
from ascn_nlp.workspace import VERSIONS

_SUSPECTS = "suspects.jsonl"


@dataclass(frozen=True, slots=True)
class Version:
    """One model on disk: its name, its folder, and what its card says."""

    name: str
    folder: Path
    card: dict[str, Any]


def is_model(folder: Path) -> bool:
    """Whether a folder holds weights."""
    return (folder / "weights.npz").is_file()


def version_of(folder: Path) -> str:
    """The name under which a model is kept when it is replaced: that of its folder and of its weights; "" for none."""
    return f"{folder.name}-{load_weights(folder).digest[:8]}" if is_model(folder) else ""


def replace_model(new: Path, target: Path) -> Path:
    """``target``, which is the ``new`` model now; the one that was there is kept among the versions."""
    if is_model(target):
        kept = target.parent / "versions" / version_of(target)
        kept.parent.mkdir(parents=True, exist_ok=True)
        if kept.exists():  # the same weights, kept before
            shutil.rmtree(target)
        else:
            target.rename(kept)
    elif target.exists():
        _move_files(new, target)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    new.rename(target)
    return target


def _move_files(new: Path, target: Path) -> None:
    """Put a model into a folder that has something else in it, or nothing."""
    for path in new.iterdir():
        path.replace(target / path.name)
    new.rmdir()


def refuse(new: Path, target: Path) -> Path:
    """Where the ``new`` model lies now that it was not taken: beside ``target``."""
    beside = target.with_name(target.name + ".refused")
    shutil.rmtree(beside, ignore_errors=True)
    new.rename(beside)
    return beside


def list_models(root: Path) -> list[Version]:
    """The models of a workspace, the one in use first, then the versions it replaced, newest first; then the packaged.

    One without a card that can be read is told with an empty card.
    """
    own, packaged = root / "models", resource("models")
    folders = [p for p in sorted(own.glob("*")) if is_model(p)] if own.is_dir() else []
    kept = [p for p in (root / VERSIONS).glob("*") if is_model(p)] if own.is_dir() else []
    folders.sort(key=lambda path: (path.name != "default", path.name))
    kept.sort(key=lambda path: (_card(path).get("trained", ""), path.stat().st_mtime), reverse=True)
    others = [p for p in sorted(packaged.glob("*")) if is_model(p) and packaged.resolve() != own.resolve()]
    named = [(path.name, path) for path in [*folders, *kept]] + [(f"packaged {path.name}", path) for path in others]
    return [Version(name, path, _card(path)) for name, path in named]


def _card(folder: Path) -> dict[str, Any]:
    try:
        return load_card(folder)
    except ModelError:
        return {}


def save_suspects(folder: Path, suspects: Sequence[Suspect]) -> None:
    """Write labels that are likely wrong beside the weights that say so, a JSON object a line."""
    lines = (json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in suspects)
    (folder / _SUSPECTS).write_text("".join(lines), encoding="utf-8")


def load_suspects(folder: Path) -> list[Suspect]:
    """Labels that are likely wrong, as a model found when it was trained; none where it has no such list."""
    path = folder / _SUSPECTS
    if not path.is_file():
        return []
    try:
        return [Suspect(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"has a list of suspects that cannot be read: {error}", str(path), "train again") from error
