"""Files take the place of others once they are whole, or not at all."""

import pytest

from ascn_nlp.replacing import replacing


def test_what_was_written_takes_the_place_of_what_was_there(tmp_path):
    path = tmp_path / "new folder" / "report.csv"
    for text in ("old", "new"):
        with replacing(path) as unfinished:
            unfinished.write_text(text)
            assert not path.exists() or path.read_text() == "old"
    assert [one.name for one in path.parent.iterdir()] == ["report.csv"]
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_broke_off_leaves_what_was_there_and_nothing_else(tmp_path, error):
    path = tmp_path / "report.csv"
    path.write_text("old")
    with pytest.raises(error), replacing(path) as unfinished:
        unfinished.write_text("half")
        raise error
    assert [one.name for one in tmp_path.iterdir()] == ["report.csv"]
    assert path.read_text() == "old"
