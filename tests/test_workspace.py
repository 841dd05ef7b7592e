from __future__ import annotations

import dataclasses

import pytest

from ascn_nlp.errors import OptionError, TableError
from ascn_nlp.workspace import SETTINGS, SETTINGS_FILE, TAGGERS, open_workspace

# Section and key -> a value to write, and the field it must reach.
FIELD_OF = {
    ("window", "since"): ("2019-03", "since"),
    ("window", "until"): ("2023", "until"),
    ("paths", "sources"): ("x/s.toml", "sources"),
    ("paths", "taxonomy"): ("x/t.toml", "taxonomy"),
    ("paths", "gazetteer"): ("x/g.toml", "gazetteer"),
    ("paths", "model"): ("x/m", "model"),
    ("store", "url"): ("postgresql+psycopg://host/db", "store_url"),
    ("tagger", "kind"): ("rules", "tagger"),
    ("reading", "workers"): (3, "workers"),
    ("reading", "seconds"): (7, "reading_seconds"),
    ("reading", "megabytes"): (8, "reading_megabytes"),
    ("reading", "pages"): (9, "reading_pages"),
    ("reading", "ocr_seconds"): (0, "reading_ocr_seconds"),
    ("fetching", "contact"): ("me@example.org", "contact"),
    ("fetching", "megabytes"): (5, "fetching_megabytes"),
    ("fetching", "seconds"): (6, "fetching_seconds"),
    ("fetching", "per_host"): (3, "fetching_per_host"),
    ("fetching", "per_minute"): (20, "fetching_per_minute"),
    ("fetching", "parallel"): (4, "fetching_parallel"),
    ("fetching", "archive"): ("https://archive.example.org", "archive"),
    ("schedule", "refresh"): ("0 4 * * 1", "refresh_cron"),
    ("schedule", "retag"): ("0 6 * * 1", "retag_cron"),
    ("schedule", "timezone"): ("Asia/Jakarta", "timezone"),
    ("schedule", "notify"): ("slack-webhook/ours", "notify"),
}
KEYS = [(section, key) for section, keys in SETTINGS.items() for key in keys]


def write(folder, toml: str):
    (folder / SETTINGS_FILE).write_text(toml, encoding="utf-8")
    return folder


def literal(value) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_every_setting_reaches_the_workspace(tmp_path, section, key):
    value, field = FIELD_OF[section, key]
    place = open_workspace(write(tmp_path, f"[{section}]\n{key} = {literal(value)}\n"))
    wanted = tmp_path / value if section == "paths" else value
    assert getattr(place, field) == wanted
    assert getattr(place, field) != getattr(open_workspace(tmp_path.parent), field)


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_every_setting_is_explained(section, key):
    assert len(SETTINGS[section][key][1]) > 10


def test_an_empty_folder_is_a_workspace_with_everything_of_the_package(tmp_path):
    place = open_workspace(tmp_path)
    assert place.root == tmp_path
    assert place.store_url == f"sqlite:///{tmp_path}/data/ascn.db"
    assert place.raw == tmp_path / "data" / "raw"
    assert place.review_csv == tmp_path / "data" / "exports" / "review.csv"
    assert (place.since, place.until, place.tagger) == ("2018", "2024", "both")
    assert tmp_path not in place.taxonomy.parents
    assert list(tmp_path.iterdir()) == []  # looking at a workspace makes nothing in it


@pytest.mark.parametrize("name", ["sources.toml", "taxonomy.toml", "gazetteer.toml"])
def test_tables_in_the_folder_stand_above_those_of_the_package(tmp_path, name):
    (tmp_path / name).touch()
    assert getattr(open_workspace(tmp_path), name.removesuffix(".toml")) == tmp_path / name


def test_options_stand_above_the_settings(tmp_path):
    write(tmp_path, '[paths]\nsources = "s.toml"\n[tagger]\nkind = "model"\n')
    (tmp_path / "mine.toml").touch()
    place = open_workspace(tmp_path, sources=tmp_path / "mine.toml", tagger="rules", model=tmp_path)
    assert (place.sources, place.tagger, place.model) == (tmp_path / "mine.toml", "rules", tmp_path)


BAD = {
    "[window]\nsince = 2018\n": (2, "window.since", "first day"),
    '[window]\nsince = "18"\n': (2, "window.since", "2018-07-08"),
    '[window]\nuntil = "2021-13"\n': (2, "window.until", "2018-07"),
    '[window]\nuntil = "2021-02-30"\n': (2, "window.until", "2018-07"),
    "[window]\nsince = 2018-01-01\n": (2, "window.since", "first day"),
    '[window]\nsince = "2024"\nuntil = "2018"\n': (1, "window", "swap"),
    '[window]\nsince = "2025"\n': (1, "window", "swap"),
    "[windows]\n": (1, "windows", "window, paths, store, tagger, reading, fetching"),
    '\n[paths]\nsource = "x"\n': (3, "paths.source", "sources, taxonomy, gazetteer, model"),
    "store = 3\n": (1, "store", "[store]"),
    "store.url = 3\n": (1, "store.url", "SQLAlchemy"),
    "[[store]]\n": (1, "store", "[store]"),
    '[tagger]\nkind = "magic"\n': (2, "tagger.kind", "both, light, model, rules"),
    '[reading]\nworkers = "2"\n': (2, "reading.workers", "processor"),
    "[reading]\nworkers = true\n": (2, "reading.workers", "processor"),
    "[reading]\nworkers = -1\n": (2, "reading.workers", "processor"),
    "[reading]\nseconds = 0\n": (2, "reading.seconds", "stopped"),
    "[reading]\nseconds = 1.5\n": (2, "reading.seconds", "stopped"),
    "[fetching]\nmegabytes = -5\n": (2, "fetching.megabytes", "refused"),
    '[fetching]\ncontact = "Đại học"\n': (2, "fetching.contact", "accents"),
    '[fetching]\ncontact = "a\\nX-Evil: 1"\n': (2, "fetching.contact", "address"),
}


@pytest.mark.parametrize("toml", BAD, ids=lambda toml: " ".join(toml.split()))
def test_a_setting_not_understood_is_refused_by_file_line_and_key_with_what_is_valid(tmp_path, toml):
    line, key, remedy = BAD[toml]
    with pytest.raises(TableError) as caught:
        open_workspace(write(tmp_path, toml))
    assert caught.value.where == f"{tmp_path / SETTINGS_FILE}:{line}: {key}"
    assert remedy in caught.value.remedy


def test_the_error_for_a_number_below_its_least_says_the_least(tmp_path):
    for key, least in (("workers", 0), ("pages", 1)):
        with pytest.raises(TableError, match=f"at least {least}"):
            open_workspace(write(tmp_path, f"[reading]\n{key} = {least - 1}\n"))
        open_workspace(write(tmp_path, f"[reading]\n{key} = {least}\n"))


@pytest.mark.parametrize("options", [{"tagger": "magic"}, {"sources": "absent"}, {"model": "absent"}])
def test_an_option_that_does_not_exist_is_refused_by_its_name(tmp_path, options):
    [(name, value)] = options.items()
    with pytest.raises(OptionError) as caught:
        open_workspace(tmp_path, **{name: value if name == "tagger" else tmp_path / value})
    assert caught.value.where == f"--{name}"
    assert name != "tagger" or all(kind in caught.value.remedy for kind in TAGGERS)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(TableError, match="is not a folder"):
        open_workspace(tmp_path / "absent")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("sqlite:///x/y.db", "sqlite:///{root}/x/y.db"),
        ("sqlite+pysqlite:///y.db", "sqlite+pysqlite:///{root}/y.db"),
        ("sqlite:////abs/y.db", "sqlite:////abs/y.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("postgresql+psycopg:///db?host=/run", "postgresql+psycopg:///db?host=/run"),
    ],
)
def test_a_relative_store_lies_in_the_workspace_as_every_path_of_its_settings(tmp_path, given, wanted):
    place = open_workspace(write(tmp_path, f'[store]\nurl = "{given}"\n'))
    assert place.store_url == wanted.format(root=tmp_path)


@pytest.mark.parametrize("name", ["100% mine", "a#b", "a@b:c", "ข้อมูล", "a b"])
def test_a_store_opens_in_a_folder_of_any_name(tmp_path, name):
    from ascn_nlp.store import open_store

    folder = tmp_path / name
    folder.mkdir()
    open_store(open_workspace(folder).store_url).close()
    assert (folder / "data" / "ascn.db").is_file()


def test_a_folder_name_that_no_sqlite_url_can_hold_is_refused(tmp_path):
    folder = tmp_path / "why?"
    folder.mkdir()
    with pytest.raises(TableError, match="'\\?' in its name"):
        open_workspace(folder)
    write(folder, '[store]\nurl = "postgresql+psycopg://host/db"\n')
    assert open_workspace(folder).store_url == "postgresql+psycopg://host/db"


def test_a_workspace_is_a_value(tmp_path):
    place = open_workspace(tmp_path)
    assert place == open_workspace(tmp_path)
    assert hash(place) == hash(open_workspace(tmp_path))
    assert {field.name for field in dataclasses.fields(place)} >= {field for _, field in FIELD_OF.values()}


@pytest.mark.parametrize(
    "cron",
    [
        "0 2 * * *",
        "*/15 0-6 1,15 * 1-5",
        "5 4 * JAN sun",
        "0 0 31 12 7",
        "0 2 29 2 *",
        "0 2 31 3-4 *",
        "0 2 L 2 *",
        "0 2 30-2 feb *",
    ],
)
def test_a_cron_line_is_taken(tmp_path, cron):
    assert open_workspace(write(tmp_path, f'[schedule]\nrefresh = "{cron}"\n')).refresh_cron == cron


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('refresh = "61 * * * *"', "schedule.refresh"),
        ('refresh = "0 24 * * *"', "schedule.refresh"),
        ('refresh = "0 2 30 2 *"', "schedule.refresh"),
        ('refresh = "0 2 31 feb,apr,6,9,11 *"', "schedule.refresh"),
        ('refresh = "0 2 31 4 mon"', "schedule.refresh"),
        ('refresh = "*/0 * * * *"', "schedule.refresh"),
        ('refresh = "0 two * * *"', "schedule.refresh"),
        ('retag = "at noon"', "schedule.retag"),
        ('retag = "0 2 * *"', "schedule.retag"),
        ('timezone = "Asia/Atlantis"', "schedule.timezone"),
        ('notify = "slack"', "schedule.notify"),
    ],
)
def test_a_schedule_that_could_not_be_kept_is_refused_with_its_line(tmp_path, line, key):
    with pytest.raises(TableError) as caught:
        open_workspace(write(tmp_path, f"[schedule]\n{line}\n"))
    assert caught.value.where.endswith(f"{SETTINGS_FILE}:2: {key}") and caught.value.remedy


def test_a_web_archive_that_is_no_address_is_refused(tmp_path):
    with pytest.raises(TableError, match="no web address"):
        open_workspace(write(tmp_path, '[fetching]\narchive = "wayback"\n'))
