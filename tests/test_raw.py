from __future__ import annotations

import errno
import hashlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ascn_nlp import raw
from ascn_nlp.errors import FetchError, StoreError
from ascn_nlp.raw import RESUMABLE_LIFE, drop_raw, drop_unfinished, keep_raw, raw_path, read_raw

IS_SPARE = [False, True]


def put(root, content, is_spare=False):
    """(SHA-256, size) of a file with this content, put into the store at ``root``; and the file."""
    given = root.parent / "given"
    given.write_bytes(content)
    return keep_raw(root, given, is_spare), given


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.booleans())
def test_what_is_put_is_got_under_its_digest(tmp_path, content, is_spare):
    root = tmp_path / "raw"
    (sha256, size), given_file = put(root, content, is_spare)
    assert (sha256, size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert read_raw(raw_path(root, sha256)) == content
    assert given_file.exists() is not is_spare  # a file of the user's stays where it is
    assert put(root, content, is_spare)[0] == (sha256, size)


@pytest.mark.parametrize("is_spare", IS_SPARE)
def test_nothing_but_the_file_is_left(tmp_path, is_spare):
    root = tmp_path / "data" / "raw"
    root.parent.mkdir()
    (sha256, _), _ = put(root, b"words", is_spare)
    assert files(root) == [raw_path(root, sha256)]


@pytest.mark.parametrize("is_spare", IS_SPARE)
def test_a_file_that_is_there_is_not_written_again(tmp_path, is_spare):
    root = tmp_path / "raw"
    path = raw_path(root, put(root, b"words", is_spare)[0][0])
    before = path.stat().st_mtime_ns, path.stat().st_ino
    put(root, b"words", is_spare)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


@pytest.mark.parametrize("is_spare", IS_SPARE)
def test_a_half_file_of_a_killed_machine_is_made_whole(tmp_path, is_spare):
    root = tmp_path / "raw"
    path = raw_path(root, put(root, b"many words")[0][0])
    path.write_bytes(b"many")
    put(root, b"many words", is_spare)
    assert path.read_bytes() == b"many words"


@pytest.mark.parametrize("is_spare", IS_SPARE)
@pytest.mark.parametrize("at", ["copy", "fsync", "replace"])
def test_a_full_disk_stops_with_a_remedy_and_leaves_no_half_file(tmp_path, monkeypatch, at, is_spare):
    if at == "copy" and is_spare:
        pytest.skip("a spare file is not copied")

    def full(*_arguments) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if at == "replace":
        monkeypatch.setattr(Path, "replace", full)
    elif at == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(raw, "_copy", full)
    with pytest.raises(StoreError, match=os.strerror(errno.ENOSPC)) as caught:
        put(tmp_path / "raw", b"words", is_spare)
    assert "free disk space" in caught.value.remedy
    monkeypatch.undo()
    assert not files(tmp_path / "raw")


def test_a_file_that_is_not_there_is_an_error_of_its_document(tmp_path):
    with pytest.raises(FetchError, match="cannot be read"):
        keep_raw(tmp_path / "raw", tmp_path / "absent")


def test_what_killed_runs_left_is_dropped_but_for_transfers_that_can_be_gone_on_with(tmp_path):
    root, incoming = tmp_path / "raw", tmp_path / "incoming"
    put(root, b"words")
    incoming.mkdir()
    (root / "ab12.part").write_bytes(b"half")
    for name in ("resumable.part", "resumable.json", "half.part", "alone.json", "old.part", "old.json"):
        (incoming / name).write_bytes(b"x")
    for name in ("old.part", "old.json"):
        then = time.time() - RESUMABLE_LIFE - 60
        os.utime(incoming / name, (then, then))
    drop_unfinished(root, incoming)
    assert len(files(root)) == 1
    assert sorted(path.name for path in files(incoming)) == ["resumable.json", "resumable.part"]


def test_what_is_dropped_is_gone_and_dropping_it_again_does_no_harm(tmp_path):
    root = tmp_path / "raw"
    (sha256, _), _ = put(root, b"words")
    for _ in range(2):
        drop_raw(root, sha256)
    assert not files(root)


def test_a_folder_that_is_a_file_stops_with_a_remedy(tmp_path):
    (tmp_path / "raw").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be kept"):
        put(tmp_path / "raw", b"words")


def test_a_copy_that_is_gone_is_an_error_of_its_document(tmp_path):
    with pytest.raises(FetchError, match="cannot be read") as caught:
        read_raw(raw_path(tmp_path, "ab" * 32))
    assert "refresh" in caught.value.remedy
