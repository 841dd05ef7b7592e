"""A workspace: a folder with an optional ``ascn.toml`` and everything a run makes, under ``data/``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ascn_nlp.addresses import is_web_address
from ascn_nlp.cron import comes, is_cron
from ascn_nlp.dates import first_and_last_day
from ascn_nlp.errors import OptionError, TableError
from ascn_nlp.extract.draft import Limits
from ascn_nlp.filters import is_iso_date
from ascn_nlp.resources import packaged, resource
from ascn_nlp.tables import Table, read_table

SETTINGS_FILE = "ascn.toml"
# Where a workspace keeps models that were replaced.
VERSIONS = "models/versions"

# Key -> (kind of value, what it means): the whole of ascn.toml, and the source of its documentation.
SETTINGS: dict[str, dict[str, tuple[type, str]]] = {
    "window": {
        "since": (str, "first day, month or year of the study; earlier documents are kept and left out of exports"),
        "until": (str, "last day, month or year of the study"),
    },
    "paths": {
        "sources": (str, "the table of sources; default: sources.toml here, else the sample corpus"),
        "taxonomy": (str, "the taxonomy; default: taxonomy.toml here, else the packaged one"),
        "gazetteer": (str, "the gazetteer; default: gazetteer.toml here, else the packaged one"),
        "model": (str, "the folder of the tagger's weights; default: models/default here, else the packaged one"),
    },
    "store": {"url": (str, "SQLAlchemy URL; default: the SQLite file data/ascn.db here")},
    "tagger": {"kind": (str, "rules, light, model or both")},
    "reading": {
        "workers": (int, "documents read at the same time; 0 means one a processor"),
        "seconds": (int, "a document that takes longer is stopped and recorded"),
        "megabytes": (int, "a document that needs more memory is stopped and recorded"),
        "pages": (int, "pages read of one document; the rest is recorded as unread"),
        "ocr_seconds": (int, "time, beside the other, to recognise scanned pages of one document; 0: they stay unread"),
    },
    "fetching": {
        "contact": (str, "an address or page named in the User-Agent, so that a site's keeper can reach you"),
        "megabytes": (int, "a larger response is refused and recorded"),
        "seconds": (int, "time for one response"),
        "per_host": (int, "requests to one host at the same time"),
        "per_minute": (int, "requests to one host in a minute; a site's robots.txt may ask for fewer"),
        "parallel": (int, "hosts asked at the same time"),
        "archive": (str, "the web archive that sources with archive = true fall back on"),
    },
    "schedule": {
        "refresh": (str, "when `serve` refreshes, as a cron line"),
        "retag": (str, "when `serve` tags anew what a changed taxonomy or model asks for, as a cron line"),
        "timezone": (str, "of these cron lines"),
        "notify": (str, "a Prefect notification block, type/name, that is told of failures"),
    },
}
_FETCHING = ("seconds", "megabytes", "per_host", "per_minute", "parallel")
TAGGERS = ("both", "light", "model", "rules")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a run reads and writes, and how. Made by ``open_workspace``."""

    root: Path
    sources: Path
    taxonomy: Path
    gazetteer: Path
    model: Path
    store_url: str
    since: str = "2018"
    until: str = "2024"
    tagger: str = "both"
    workers: int = 0
    reading_seconds: int = 120
    reading_megabytes: int = 1500
    reading_pages: int = 3000
    reading_ocr_seconds: int = 600
    contact: str = ""
    fetching_megabytes: int = 200
    fetching_seconds: int = 60
    fetching_per_host: int = 2
    fetching_per_minute: int = 60
    fetching_parallel: int = 8
    archive: str = "https://web.archive.org"
    refresh_cron: str = "0 2 * * *"
    retag_cron: str = "30 5 * * *"
    timezone: str = "UTC"
    notify: str = ""

    @property
    def data(self) -> Path:
        """Everything a run makes; safe to delete as a whole, and never committed."""
        return self.root / "data"

    @property
    def raw(self) -> Path:
        """What was fetched, by SHA-256."""
        return self.data / "raw"

    @property
    def incoming(self) -> Path:
        """What is being fetched, and what broke off and waits to be gone on with."""
        return self.data / "incoming"

    @property
    def review_csv(self) -> Path:
        """The export that a refresh writes."""
        return self.data / "exports" / "review.csv"

    @property
    def limits(self) -> Limits:
        """How much of one document is read."""
        return Limits(max_pages=self.reading_pages, max_ocr_seconds=self.reading_ocr_seconds)


def open_workspace(
    root: Path | None = None, sources: Path | None = None, tagger: str = "", model: Path | str = ""
) -> Workspace:
    """The workspace at ``root`` (default: the current folder); the other arguments stand above its ``ascn.toml``.

    Raises TableError, naming file, line and key, for anything in ``ascn.toml`` that is not understood, and OptionError
    for a tagger or file given here that does not exist.
    """
    if tagger and tagger not in TAGGERS:
        raise OptionError(f"{tagger!r} is no tagger", "--tagger", f"one of: {', '.join(TAGGERS)}")
    if sources and not sources.exists():
        raise OptionError(f"there is no {sources}", "--sources", "check the path")
    folder = (root or Path.cwd()).resolve()
    if not folder.is_dir():
        raise TableError("is not a folder", str(folder), "make it first, or name another one with --workspace")
    path = folder / SETTINGS_FILE
    settings = _read_settings(read_table(path)) if path.is_file() else {}
    paths = settings.get("paths", {})
    reading, fetching, schedule = (settings.get(name, {}) for name in ("reading", "fetching", "schedule"))
    chosen = {
        **settings.get("window", {}),
        "tagger": tagger or settings.get("tagger", {}).get("kind"),
        "workers": reading.get("workers"),
        **{f"reading_{name}": reading.get(name) for name in ("seconds", "megabytes", "pages", "ocr_seconds")},
        "contact": fetching.get("contact"),
        **{f"fetching_{name}": fetching.get(name) for name in _FETCHING},
        "archive": fetching.get("archive"),
        **{f"{name}_cron": schedule.get(name) for name in ("refresh", "retag")},
        "timezone": schedule.get("timezone"),
        "notify": schedule.get("notify"),
    }
    known = {field.name for field in fields(Workspace)}
    return Workspace(
        root=folder,
        sources=sources.resolve()
        if sources
        else _choose(folder, paths.get("sources"), "sources.toml", resource("corpus", "sources.toml")),
        taxonomy=_choose(folder, paths.get("taxonomy"), "taxonomy.toml", packaged("taxonomy.toml")),
        gazetteer=_choose(folder, paths.get("gazetteer"), "gazetteer.toml", packaged("gazetteer.toml")),
        model=_named_model(folder, model)
        if model
        else _choose(folder, paths.get("model"), "models/default", resource("models", "default")),
        store_url=_store_url(folder, settings.get("store", {}).get("url", "")),
        **{name: value for name, value in chosen.items() if name in known and value is not None},
    )


def _named_model(folder: Path, name: Path | str) -> Path:
    """The folder of a model: its path, from here or from the workspace, or its name as ``ascn-nlp models`` tells it."""
    own, kept, shipped = folder / "models", folder / VERSIONS, resource("models")
    places = [Path(name), folder / name, own / name, kept / name]
    if Path(name).parts[:1] == ("packaged",):
        places.append(shipped.joinpath(*Path(name).parts[1:]))
    # A folder that has the name by chance, and no weights, is not meant where there is another.
    for path in sorted(places, key=lambda path: not (path / "weights.npz").is_file()):
        if path.is_dir():
            return path.resolve()
    found = [path.parent for place in (own, kept) for path in sorted(place.glob("*/weights.npz"))]
    names = [path.name for path in found] + [f"packaged/{path.parent.name}" for path in shipped.glob("*/weights.npz")]
    raise OptionError(f"there is no model {name}", "--model", f"a folder, or one of: {', '.join(names)}")


def _choose(folder: Path, given: str | None, usual: str, packaged_path: Path) -> Path:
    if given:
        return (folder / given).resolve()
    return folder / usual if (folder / usual).exists() else packaged_path


def _store_url(folder: Path, given: str) -> str:
    scheme, _, file = (given or "sqlite:///data/ascn.db").partition(":///")
    if scheme.partition("+")[0] != "sqlite" or file in ("", ":memory:"):
        return given
    if "?" in str(folder):
        # SQLAlchemy takes what follows for the URL's options, and has no way to write the sign itself.
        raise TableError("a SQLite file cannot lie in a folder with '?' in its name", str(folder), "rename the folder")
    return f"{scheme}:///{folder / file}"  # as of other paths in ascn.toml; an absolute one stays as it is


def _read_settings(table: Table) -> dict[str, dict[str, Any]]:
    table.refuse_unknown(table.values, SETTINGS)
    for section, values in table.values.items():
        if not isinstance(values, dict):
            raise table.error("must be a table", section, remedy=f"write [{section}] and its keys below it")
        table.refuse_unknown(values, SETTINGS[section], section)
        for key, value in values.items():
            kind = SETTINGS[section][key][0]
            if type(value) is not kind:
                wanted = "a whole number" if kind is int else "a text in quotes"
                raise table.error(f"must be {wanted}", section, key, remedy=SETTINGS[section][key][1])
            least = 0 if key in ("workers", "ocr_seconds") else 1
            if isinstance(value, int) and value < least:
                raise table.error(f"must be at least {least}", section, key, remedy=SETTINGS[section][key][1])
    for key, value in table.values.get("window", {}).items():
        if not is_iso_date(value):
            raise table.error(f"{value!r} is not a date", "window", key, remedy="write 2018, 2018-07 or 2018-07-08")
    window = {field.name: field.default for field in fields(Workspace)} | table.values.get("window", {})
    if first_and_last_day(window["since"])[0] > first_and_last_day(window["until"])[1]:
        raise table.error(f"until {window['until']} is before since {window['since']}", "window", remedy="swap them")
    contact = table.values.get("fetching", {}).get("contact", "")
    if not (contact.isascii() and contact.isprintable()):
        remedy = "an HTTP header takes letters without accents: an e-mail or web address"
        raise table.error("must be plain ASCII", "fetching", "contact", remedy=remedy)
    archive = table.values.get("fetching", {}).get("archive", "https://")
    if not is_web_address(archive):
        raise table.error(f"{archive!r} is no web address", "fetching", "archive", remedy="write https:// and the host")
    _check_schedule(table, table.values.get("schedule", {}))
    kind = table.values.get("tagger", {}).get("kind", "both")
    if kind not in TAGGERS:
        raise table.error(f"{kind!r} is no tagger", "tagger", "kind", remedy=f"one of: {', '.join(TAGGERS)}")
    return table.values


def _check_schedule(table: Table, schedule: dict[str, str]) -> None:
    for name in ("refresh", "retag"):
        line = schedule.get(name, "* * * * *")
        if not is_cron(line):
            remedy = 'five fields: minute, hour, day, month, day of the week, as in "0 2 * * *" (every night at two)'
            raise table.error(f"{line!r} is no cron line", "schedule", name, remedy=remedy)
        if not comes(line):
            remedy = "no month that it names has such a day: mend the third field, the day, or the fourth, the month"
            raise table.error(f"the time of {line!r} never comes", "schedule", name, remedy=remedy)
    try:
        ZoneInfo(schedule.get("timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        what = f"{schedule['timezone']!r} is no time zone"
        raise table.error(what, "schedule", "timezone", remedy="a name such as Asia/Jakarta, or UTC") from None
    notify = schedule.get("notify", "")
    if notify and len(notify.strip("/").split("/")) != 2:
        remedy = "the block's type and name, as in slack-webhook/our-channel"
        raise table.error(f"{notify!r} names no notification block", "schedule", "notify", remedy=remedy)
