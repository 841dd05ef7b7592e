"""Models on disk: which there are, which replaced which, and how to go back. Opens files.

A workspace's model lies in ``models/default``. What it replaces goes to ``models/versions``, under its own name and the
digest of its weights; one that was refused because it does worse lies beside it, as ``models/default.refused``.
"""

from __future__ import annotations

import hashlib
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
from ascn_nlp.workspace import VERSIONS, Workspace

_SUSPECTS = "suspects.jsonl"
# What the names of folders end with that are no model of their own: one being written, one being put away.
UNFINISHED, _AWAY, _REFUSED = ".new", ".old", ".refused"


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
    return f"{folder.name}-{_digest(folder)[:8]}" if is_model(folder) else ""


def _digest(folder: Path) -> str:
    """A name for the weights in a folder, even for those that cannot be read: they are replaced by training anew."""
    try:
        return load_weights(folder).digest
    except ModelError:
        return hashlib.sha256((folder / "weights.npz").read_bytes()).hexdigest()


def replace_model(new: Path, target: Path) -> Path:
    """``target``, which is the ``new`` model now; the one that was there is kept among the versions.

    There is a model at ``target`` all the time but between two renames. Who is stopped there finds the old one among
    the versions; where the second rename fails, the old one is put back.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        new.rename(target)
    elif is_model(target):
        _exchange(new, target)
    else:
        _move_files(new, target)
    return target


def _exchange(new: Path, target: Path) -> None:
    kept = target.parent / "versions" / version_of(target)
    is_known = kept.exists() or _digest(new) == _digest(target)  # the same weights, kept before or not replaced at all
    away = target.with_name(target.name + _AWAY) if is_known else kept
    if is_known:
        shutil.rmtree(away, ignore_errors=True)
    away.parent.mkdir(exist_ok=True)
    target.rename(away)
    try:
        new.rename(target)
    finally:
        if not target.exists():
            away.rename(target)
    if is_known:
        shutil.rmtree(away)


def _move_files(new: Path, target: Path) -> None:
    """Put a model into a folder that has something else in it, or nothing; the weights last, which make it a model."""
    for path in sorted(new.iterdir(), key=lambda path: path.name == "weights.npz"):
        path.replace(target / path.name)
    new.rmdir()


def refuse(new: Path, target: Path) -> Path:
    """Where the ``new`` model lies now that it was not taken: beside ``target``."""
    beside = target.with_name(target.name + _REFUSED)
    shutil.rmtree(beside, ignore_errors=True)
    new.rename(beside)
    return beside


def list_models(root: Path, used: Path | None = None) -> list[Version]:
    """The models of a workspace, "default" first, then the versions it replaced, newest first; then the packaged.

    The one that is ``used`` is told wherever it lies. Each name is one that ``--model`` takes. A model without a card
    that can be read has an empty one.
    """
    own, packaged = root / "models", resource("models")
    folders = [path for path in own.glob("*") if is_model(path) and path.suffix not in (UNFINISHED, _AWAY)]
    folders.sort(key=lambda path: (path.name != "default", path.name))
    kept = [path for path in (root / VERSIONS).glob("*") if is_model(path)]
    kept.sort(key=lambda path: (str(_card(path).get("trained", "")), path.stat().st_mtime), reverse=True)
    named = [(path.name, path) for path in [*folders, *kept]]
    if packaged.resolve() != own.resolve():
        named += [(f"packaged/{path.name}", path) for path in sorted(packaged.glob("*")) if is_model(path)]
    if used and is_model(used) and used.resolve() not in [path.resolve() for _, path in named]:
        named.append((str(used), used))
    return [Version(name, path, _card(path)) for name, path in named]


def _card(folder: Path) -> dict[str, Any]:
    try:
        return load_card(folder)
    except ModelError:
        return {}


def save_suspects(folder: Path, suspects: Sequence[Suspect]) -> None:
    """Write labels that are likely wrong beside the weights that say so, a JSON object a line."""
    lines = (json.dumps(asdict(one)) + "\n" for one in suspects)
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


def latest_suspects(workspace: Workspace) -> list[Suspect]:
    """Labels that are likely wrong, as the latest training found, whether its model was taken or refused."""
    usual = workspace.root / "models" / "default"
    places = [place for model in (workspace.model, usual) for place in (model, model.with_name(model.name + _REFUSED))]
    written = [place for place in places if (place / _SUSPECTS).is_file()]
    return load_suspects(max(written, key=lambda place: (place / _SUSPECTS).stat().st_mtime)) if written else []
