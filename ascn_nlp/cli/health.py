"""Whether everything needed is here, and what to do about what is not: doctor."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ascn_nlp.cli.options import WorkspaceOption

if TYPE_CHECKING:
    from ascn_nlp.workspace import Workspace

# Bounds that Prefect's own metadata does not state; see docs/decisions.md.
_TREE = {"fastapi": "0.151", "sqlalchemy": "2.1"}


def doctor(workspace: WorkspaceOption = Path()) -> None:
    """Check installation and workspace; say how to mend them.

    Exit status 1 when something needed is broken; what is optional is only named.

    Example: ascn-nlp doctor
    """
    from ascn_nlp.cli.console import table
    from ascn_nlp.errors import AscnNlpError
    from ascn_nlp.workspace import open_workspace

    rows, is_broken = [], False
    place: Workspace | None = None
    try:
        place = open_workspace(workspace)
        rows.append(("ok", "workspace", str(place.root)))
    except AscnNlpError as error:
        rows.append(("BROKEN", "workspace", str(error)))
        is_broken = True
    for name, check in CHECKS.items():
        if place is None:
            break
        try:
            state, text = check(place)
        except AscnNlpError as error:
            state, text = "BROKEN", str(error)
        is_broken = is_broken or state == "BROKEN"
        rows.append((state, name, text))
    table("Doctor", ("state", "what", "finding"), rows)
    raise typer.Exit(1 if is_broken else 0)


def _python(_place: Workspace) -> tuple[str, str]:
    version = ".".join(map(str, sys.version_info[:3]))
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        return "BROKEN", f"{version}; use Python 3.11, 3.12 or 3.13"
    return "ok", version


def _packages(_place: Workspace) -> tuple[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = {name: version(name) for name in ("prefect", *_TREE)}
    except PackageNotFoundError as error:
        return "BROKEN", f"{error.name} is not installed: pip install ascn-nlp"
    shown = ", ".join(f"{name} {number}" for name, number in found.items())
    for name, below in _TREE.items():
        if _numbers(found[name]) >= _numbers(below):
            return "BROKEN", f"{shown}; Prefect does not work with {name} >= {below}: pip install '{name}<{below}'"
    return "ok", shown


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _readers(_place: Workspace) -> tuple[str, str]:
    from importlib import import_module

    names = ("pdf.reader", "html.reader", "office.docx", "office.odt", "mail.eml", "mail.mhtml", "text")
    for name in names:
        try:
            import_module(f"ascn_nlp.extract.{name}")
        except ImportError as error:
            return "BROKEN", f"{name}: {error}; install ascn-nlp anew, with its dependencies"
    return "ok", ", ".join(name.removesuffix(".reader").rpartition(".")[2] for name in names)


def _taxonomy(place: Workspace) -> tuple[str, str]:
    from ascn_nlp.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(place.taxonomy)
    return "ok", f"{len(taxonomy.concerns)} concerns, version {taxonomy.version}: {place.taxonomy}"


def _gazetteer(place: Workspace) -> tuple[str, str]:
    from ascn_nlp.gazetteer import load_gazetteer

    return "ok", f"{len(load_gazetteer(place.gazetteer).cities)} cities: {place.gazetteer}"


def _sources(place: Workspace) -> tuple[str, str]:
    from ascn_nlp.sources.table import load_sources

    return "ok", f"{len(load_sources(place.sources).sources)} sources: {place.sources}"


def _contact(place: Workspace) -> tuple[str, str]:
    if place.contact:
        return "ok", place.contact
    return "note", "none: set fetching.contact in ascn.toml, so that the keepers of sites can reach you"


def _model(place: Workspace) -> tuple[str, str]:
    from ascn_nlp.tagging import load_tagging, warnings_of

    tagging = load_tagging(place.taxonomy, place.gazetteer, place.model, place.tagger)
    if warnings := warnings_of(tagging):
        return "note", warnings[0]
    return "ok", f"{place.tagger}: {place.model}"


def _store(place: Workspace) -> tuple[str, str]:
    from ascn_nlp.pipeline import store_of
    from ascn_nlp.store import shown_url

    store = store_of(place)
    if not store.exists():
        return "note", f"none yet, refresh makes it: {shown_url(place.store_url)}"
    store.make()
    return "ok", shown_url(place.store_url)


def _room(place: Workspace) -> tuple[str, str]:
    import shutil

    free = shutil.disk_usage(place.root).free / 2**30
    # A thousand reports with their passages and search index take two gigabytes.
    return ("ok" if free > 2 else "note"), f"{free:.0f} GB free" + ("" if free > 2 else "; a large corpus needs more")


def _ocr(_place: Workspace) -> tuple[str, str]:
    from contextlib import closing

    from ascn_nlp.errors import InstallationError
    from ascn_nlp.extract.ocr.engine import REGIONAL, find_engine, how_to_install, model_of

    try:
        with closing(find_engine()) as engine:
            name, models = engine.name, engine.models
    except InstallationError as error:
        return "note", f"scanned pages stay unread: {error}"
    lacking = [language for language in REGIONAL if not model_of(language, models)]
    shown = f"{name}: {', '.join(sorted(models))}"
    if not lacking:
        return "ok", shown
    return "ok", f"{shown}; no model for {', '.join(lacking)}: {how_to_install(*lacking)}"


CHECKS: dict[str, Callable[[Workspace], tuple[str, str]]] = {
    "python": _python,
    "packages": _packages,
    "readers": _readers,
    "taxonomy": _taxonomy,
    "gazetteer": _gazetteer,
    "sources": _sources,
    "contact": _contact,
    "model": _model,
    "store": _store,
    "disk": _room,
    "ocr": _ocr,
}
