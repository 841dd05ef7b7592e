"""The codebook as a person exports it, edits it in another program and takes it back."""

import pytest

from ascn_nlp.resources import packaged
from ascn_nlp.taxonomy import load_taxonomy

PACKAGED = packaged("taxonomy.toml").read_bytes()


@pytest.fixture
def qdc(run, tmp_path):
    """The codebook of an empty workspace, exported."""
    path = tmp_path / "book.qdc"
    assert run("codebook", "export", path, "-w", tmp_path) == (0, f"{path}\n", "")
    return path


def edited(path, *pairs):
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


RENAMED = ('name="Surveillance"', 'name="Watching people"')


@pytest.mark.parametrize(
    ("name", "begins"), [("book.html", "<!DOCTYPE html>"), ("book.md", "# Codebook"), ("BOOK.QDC", "<?xml")]
)
def test_the_ending_names_the_format(run, tmp_path, name, begins):
    path = tmp_path / "new" / name
    assert run("codebook", "export", path, "-w", tmp_path).status == 0
    first = path.read_bytes()
    assert first.decode("utf-8").startswith(begins)
    assert run("codebook", "export", path, "-w", tmp_path).status == 0, "our own file may be written anew"
    assert path.read_bytes() == first
    assert [one.name for one in path.parent.iterdir()] == [name]


def test_the_workspaces_own_taxonomy_is_exported(run, tmp_path):
    own = PACKAGED.replace(b'name = "Surveillance"', b'name = "Watching"').replace(
        b"\nversion = 1\n", b"\nversion = 7\n"
    )
    (tmp_path / "taxonomy.toml").write_bytes(own)
    digest = load_taxonomy(tmp_path / "taxonomy.toml").digest
    for name in ("b.html", "b.md", "b.qdc"):
        assert run("codebook", "export", tmp_path / name, "-w", tmp_path).status == 0
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "Watching" in text and digest in text and "version 7" in text


@pytest.mark.parametrize("name", ["book.docx", "book", "notes.md", "folder.md", "other.qdc"])
def test_what_cannot_or_must_not_be_written_is_refused(run, tmp_path, name):
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "notes.md").write_text("# My notes\n", encoding="utf-8")
    (tmp_path / "other.qdc").write_text('<CodeBook origin="NVivo"/>', encoding="utf-8")
    done = run("codebook", "export", tmp_path / name, "-w", tmp_path)
    assert (done.status, done.out) == (2, "")
    assert "OUT" in done.err
    assert (tmp_path / "notes.md").read_text(encoding="utf-8") == "# My notes\n"
    assert "NVivo" in (tmp_path / "other.qdc").read_text(encoding="utf-8")


def test_an_unedited_codebook_changes_nothing(run, tmp_path, qdc):
    assert run("codebook", "import", qdc, "-w", tmp_path) == (0, "nothing to change\n", "")
    assert [one.name for one in tmp_path.iterdir()] == ["book.qdc"]


def test_an_edit_is_written_into_a_taxonomy_of_the_workspaces_own(run, tmp_path, qdc):
    edited(
        qdc, RENAMED, ("Exclude: physical security; crime in general", "Exclude: theft & fire".replace("&", "&amp;"))
    )
    done = run("codebook", "import", qdc, "-w", tmp_path)
    assert done.status == 0
    assert "concerns.surveillance.name\n  - Surveillance\n  + Watching people" in done.out
    assert f"2 changes written: {tmp_path / 'taxonomy.toml'}, now version 2" in done.out
    taxonomy = load_taxonomy(tmp_path / "taxonomy.toml")
    assert taxonomy.version == 2
    assert taxonomy.concern("surveillance").name == "Watching people"
    assert taxonomy.concern("cybersecurity").exclude == "theft & fire"
    assert packaged("taxonomy.toml").read_bytes() == PACKAGED
    assert b"# What ascn-nlp looks for" in (tmp_path / "taxonomy.toml").read_bytes()
    again = run("codebook", "import", qdc, "-w", tmp_path)
    assert (again.status, again.out) == (0, "nothing to change\n")


def test_every_taxonomy_that_was_there_is_kept(run, tmp_path, qdc):
    target = tmp_path / "taxonomy.toml"
    target.write_bytes(PACKAGED)
    edited(qdc, RENAMED)
    assert f"as it was before: {target}.before-1" in run("codebook", "import", qdc, "-w", tmp_path).err
    second = target.read_bytes()
    edited(qdc, ("Watching people", "Watched"))
    assert run("codebook", "import", qdc, "-w", tmp_path).status == 0
    assert (tmp_path / "taxonomy.toml.before-1").read_bytes() == PACKAGED
    assert (tmp_path / "taxonomy.toml.before-2").read_bytes() == second
    assert load_taxonomy(target).version == 3


def test_a_taxonomy_named_in_the_settings_is_the_one_that_is_edited(run, tmp_path, qdc):
    (tmp_path / "ascn.toml").write_text('[paths]\ntaxonomy = "ours/words.toml"\n', encoding="utf-8")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "words.toml").write_bytes(PACKAGED)
    edited(qdc, RENAMED)
    assert run("codebook", "import", qdc, "-w", tmp_path).status == 0
    assert load_taxonomy(tmp_path / "ours" / "words.toml").concern("surveillance").name == "Watching people"
    assert not (tmp_path / "taxonomy.toml").exists()


def test_a_dry_run_says_what_would_be_and_writes_nothing(run, tmp_path, qdc):
    edited(qdc, RENAMED)
    done = run("codebook", "import", qdc, "--dry-run", "-w", tmp_path)
    assert done.status == 0
    assert "+ Watching people" in done.out and "1 changes would be written" in done.out
    assert [one.name for one in tmp_path.iterdir()] == ["book.qdc"]


def test_new_and_missing_codes_are_told_and_end_with_three(run, tmp_path, qdc):
    start = qdc.read_text(encoding="utf-8").index(
        '      <Code guid="', qdc.read_text(encoding="utf-8").index("Theme: services")
    )
    text = qdc.read_text(encoding="utf-8")
    end = text.index("</Code>", start) + len("</Code>")
    new = '<Code guid="00000000-0000-0000-0000-000000000001" name="Heritage" isCodable="true"/>'
    qdc.write_text(text[:start] + new + text[end:], encoding="utf-8")
    done = run("codebook", "import", qdc, "-w", tmp_path)
    assert done.status == 3
    assert "[concerns.heritage]" in done.out and 'theme = "services"' in done.out
    assert "new: 'Heritage' in Services" in done.err
    assert "missing there: concern public_services; it is kept" in done.err
    assert not (tmp_path / "taxonomy.toml").exists()


@pytest.mark.parametrize("wrong", [("[themes]", "[subjects]"), ("", "")], ids=["does not load", "is not changed"])
def test_a_taxonomy_that_went_wrong_replaces_nothing(run, tmp_path, qdc, monkeypatch, wrong):
    target = tmp_path / "taxonomy.toml"
    target.write_bytes(PACKAGED)
    edited(qdc, RENAMED)
    from ascn_nlp.codebook import files

    monkeypatch.setattr(files, "edit", lambda source, changes: source.replace(*wrong))
    done = run("codebook", "import", qdc, "-w", tmp_path)
    assert done.status == 1
    assert str(target) in done.err and "left as it is" in done.err and ".part" not in done.err
    assert target.read_bytes() == PACKAGED
    assert sorted(one.name for one in tmp_path.iterdir()) == ["book.qdc", "taxonomy.toml"]


@pytest.mark.parametrize(
    ("content", "status"),
    [(None, 2), (b"no xml", 1), (b'<!DOCTYPE a [<!ENTITY x "y">]><CodeBook>&x;</CodeBook>', 1), (b"PK\x03\x04", 1)],
)
def test_a_file_that_is_no_codebook_is_refused_in_one_line(run, tmp_path, content, status):
    path = tmp_path / "book.qdc"
    if content is not None:
        path.write_bytes(content)
    done = run("codebook", "import", path, "-w", tmp_path)
    assert (done.status, done.out, done.err.count("\n")) == (status, "", 1)
    assert str(path) in done.err
    assert not (tmp_path / "taxonomy.toml").exists()
