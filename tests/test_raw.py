from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ascn_nlp import raw
from ascn_nlp.errors import FetchError, StoreError
from ascn_nlp.raw import get_raw, put_raw, raw_path


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200))
def test_what_is_put_is_got_under_its_digest(tmp_path, content):
    sha256 = put_raw(tmp_path, content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert get_raw(tmp_path, sha256) == content
    assert put_raw(tmp_path, content) == sha256


def test_nothing_but_the_file_is_left(tmp_path):
    sha256 = put_raw(tmp_path / "data" / "raw", b"words")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [raw_path(tmp_path / "data" / "raw", sha256)]


def test_a_file_that_is_there_is_not_written_again(tmp_path):
    path = raw_path(tmp_path, put_raw(tmp_path, b"words"))
    before = path.stat().st_mtime_ns, path.stat().st_ino
    put_raw(tmp_path, b"words")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_a_half_file_of_a_killed_machine_is_made_whole(tmp_path):
    path = raw_path(tmp_path, put_raw(tmp_path, b"many words"))
    path.write_bytes(b"many")
    put_raw(tmp_path, b"many words")
    assert path.read_bytes() == b"many words"


@pytest.mark.parametrize("at", ["write", "fsync", "replace"])
def test_a_full_disk_stops_with_a_remedy_and_leaves_no_half_file(tmp_path, monkeypatch, at):
    def full(*_arguments) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if at == "replace":
        monkeypatch.setattr(Path, "replace", full)
    elif at == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(raw, "_write_whole", full)
    with pytest.raises(StoreError, match=os.strerror(errno.ENOSPC)) as caught:
        put_raw(tmp_path, b"words")
    assert "free disk space" in caught.value.remedy
    monkeypatch.undo()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    put_raw(tmp_path, b"words")


def test_a_folder_that_is_a_file_stops_with_a_remedy(tmp_path):
    (tmp_path / "raw").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be kept"):
        put_raw(tmp_path / "raw", b"words")


def test_a_copy_that_is_gone_is_an_error_of_its_document(tmp_path):
    with pytest.raises(FetchError, match="cannot be read") as caught:
        get_raw(tmp_path, "ab" * 32)
    assert "refresh" in caught.value.remedy


def test_what_a_killed_run_left_half_written_is_removed_and_nothing_else(tmp_path):
    sha256 = put_raw(tmp_path, b"words")
    left = raw_path(tmp_path, sha256).with_name(f"{sha256}.0a1b2c3d.part")
    left.write_bytes(b"wor")
    raw.drop_unfinished(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [raw_path(tmp_path, sha256)]
    raw.drop_unfinished(tmp_path / "not made yet")
