"""Reading, tagging and grouping: what is made good after a kill or a failure."""

from datetime import UTC, datetime, timedelta

import pytest

from ascn_nlp import pipeline
from ascn_nlp.filters import Filters
from ascn_nlp.refreshing import covering_run
from ascn_nlp.retagging import retag

EVICTED = "Residents of Hanoi were evicted without compensation when the smart city towers were built along the river."
OTHER = "Farmers of the delta harvested rice early this year, and traders from the coast paid more than ever before."
TAGGED = (
    "SELECT count(*) FROM passages JOIN taggings ON passage_seq = passages.seq WHERE is_current",
    "SELECT count(*) FROM passages WHERE is_current",
)


def killing(monkeypatch, name):
    """Within it, this stage is where the run is killed."""

    def killed(*_arguments, **_named):
        raise KeyboardInterrupt

    patch = monkeypatch.context()
    entered = patch.__enter__()
    entered.setattr(pipeline, name, killed)
    return patch


def test_a_document_that_is_read_again_under_the_same_key_is_tagged_again(workplace):
    workplace.put("a.txt", EVICTED)
    workplace.refresh()
    with pipeline.store_of(workplace.workspace).writing() as connection:
        connection.exec_driver_sql("UPDATE documents SET outcome = 'partly_read'")
        connection.exec_driver_sql("UPDATE passages SET is_current = 0")
        connection.exec_driver_sql("DELETE FROM taggings")
    counts = workplace.refresh(failed_only=True)["counts"]
    assert (counts["retried"], counts["read.planned"], counts["tag.planned"], counts["group.planned"]) == (1, 1, 1, 1)
    tagged, passages = (workplace.rows(query)[0][0] for query in TAGGED)
    assert tagged == passages > 0


def test_a_file_that_changes_back_after_a_kill_has_its_tags_again(workplace, monkeypatch):
    path = workplace.put("a.txt", EVICTED)
    workplace.refresh()
    tags = workplace.rows("SELECT concern, stance FROM tags ORDER BY 1")
    assert tags
    path.write_text(OTHER, encoding="utf-8")
    patch = killing(monkeypatch, "plan_tag")
    with pytest.raises(KeyboardInterrupt):
        workplace.refresh()
    patch.__exit__(None, None, None)
    path.write_text(EVICTED, encoding="utf-8")
    workplace.refresh()
    assert workplace.rows("SELECT concern, stance FROM tags ORDER BY 1") == tags


def test_stories_that_a_killed_run_did_not_find_are_found_by_the_next(workplace, monkeypatch):
    for name in "ab":
        workplace.put(f"{name}.txt", f"{EVICTED} {OTHER} {EVICTED} {OTHER}")
    patch = killing(monkeypatch, "is_grouping_due")
    with pytest.raises(KeyboardInterrupt):
        workplace.refresh()
    patch.__exit__(None, None, None)
    assert workplace.rows("SELECT DISTINCT story FROM documents") == [(None,)]
    assert pipeline.has_work(workplace.workspace)
    workplace.refresh()
    assert workplace.rows("SELECT count(DISTINCT story), count(story) FROM documents") == [(1, 2)]
    assert not pipeline.has_work(workplace.workspace)


def test_documents_of_the_same_bytes_are_one_story_however_short(workplace):
    for name in "abc":
        workplace.put(f"{name}.txt", "Published on 3 March 2021. Trams of Hanoi stop." if name < "c" else EVICTED)
    workplace.refresh()
    assert workplace.rows("SELECT count(DISTINCT story) FROM documents") == [(2,)]


BOX = (
    "The network brings together officials of all member cities twice a year, keeps a library of plans and rules in "
    "nine languages, and pays for visits of those who wish to see how others have dealt with floods and buses, on "
    "the condition that they write down what they saw, and what they would not do again, for everybody to read."
)
OWN = (
    "Cameras over the fish stalls follow who buys from whom, and nobody has said who looks at them.",
    "A new desk at the town hall answers letters about land titles within three working days or fewer.",
    "Bridges over the canal close at night since the barge of a sand dealer tore away one of the piers.",
    "Teachers in the hills have asked for a second bus, since children walk an hour through the rain.",
)


def test_a_box_is_no_story_as_soon_as_four_documents_hold_it(workplace):
    for number, own in enumerate(OWN[:3]):
        workplace.put(f"{number}.txt", f"{own}\n\n{BOX}")
    workplace.refresh()
    assert workplace.rows("SELECT count(DISTINCT story), count(story) FROM documents") == [(1, 3)]
    workplace.put("3.txt", f"{OWN[3]}\n\n{BOX}")
    workplace.refresh()
    assert workplace.rows("SELECT count(DISTINCT story), count(story) FROM documents") == [(4, 4)]


def test_a_paragraph_of_two_cities_is_two_stories_and_names_that_are_learnt_count_at_the_next_refresh(workplace):
    market = f"The market hall of {{}} opens at six in the morning. {BOX}"
    pier = f"At the pier of {{}} ferries land every hour. {' '.join(OWN)}"
    for number, text in enumerate((market.format("Da Nang"), market.format("Phuket"))):
        workplace.put(f"{number}.txt", text)
    for number, text in enumerate((pier.format("Hat Yai"), pier.format("Songkhla")), 2):
        workplace.put(f"{number}.txt", text)
    workplace.refresh()
    told = dict(workplace.rows("SELECT address, story FROM documents"))
    assert told["0.txt"] != told["1.txt"]
    assert told["2.txt"] == told["3.txt"]
    names = workplace.workspace.gazetteer.read_text(encoding="utf-8")
    towns = "".join(f'"{town}" = {{ country = "TH", joined = 2026, names = [] }}\n' for town in ("Hat Yai", "Songkhla"))
    mine = workplace.root / "gazetteer.toml"
    mine.write_text(names.replace("[cities]\n", f"[cities]\n{towns}"), encoding="utf-8")
    assert workplace.workspace.gazetteer == mine
    assert pipeline.has_work(workplace.workspace)
    workplace.refresh()
    assert workplace.rows("SELECT count(DISTINCT story) FROM documents") == [(4,)]


def test_a_document_that_can_no_longer_be_read_tells_no_story(workplace):
    for name in "ab":
        workplace.put(f"{name}.txt", f"{EVICTED} {OTHER} {EVICTED} {OTHER}")
    workplace.put("c.txt", OTHER)
    workplace.refresh()
    workplace.put("b.txt", "x")
    workplace.refresh()
    if workplace.outcomes()["b.txt"] == "unread":
        pipeline.group_stories(workplace.workspace)
        assert workplace.rows("SELECT story FROM documents WHERE address = 'b.txt'") == [(None,)]


def test_failed_only_reads_again_what_was_read_before_and_now_cannot_be(workplace):
    workplace.put("a.txt", EVICTED)
    workplace.refresh()
    workplace.put("a.txt", b"%PDF-1.7 cut off")
    workplace.refresh()
    assert workplace.outcomes() == {"a.txt": "read"} and workplace.failures()
    assert workplace.refresh(failed_only=True)["counts"]["retried"] == 1


def test_the_counts_of_a_run_are_told_from_the_ledger_whatever_was_tried_twice(workplace, monkeypatch):
    for number in range(60):
        workplace.put(f"{number}.txt", f"{EVICTED} Number {number}.")
    usual, calls = pipeline.store_of(workplace.workspace).writing, []
    begun = workplace.begin()
    [batch] = pipeline.plan_fetch(workplace.workspace)
    pipeline.fetch_batch(workplace.workspace, batch, begun["run_id"])  # counts of this try are lost
    again = workplace.refresh(begun=begun)
    assert again["counts"]["fetch.fetched"] == 60
    assert again["counts"]["read.read"] == 60 and again["counts"]["tag.documents"] == 60
    assert usual and not calls


def test_retagging_settles_a_failure_of_the_tagger(workplace, monkeypatch):
    workplace.put("a.txt", EVICTED)
    tagging = pipeline.tagging_of(workplace.workspace)
    with monkeypatch.context() as patch:
        patch.setattr(type(tagging), "tag_document", lambda *_: 1 / 0)
        workplace.refresh()
    assert "tag" in {stage for stage, _, _ in workplace.failures().values()}
    retag(workplace.workspace, Filters())
    assert not workplace.failures()
    assert workplace.rows("SELECT outcome FROM ledger WHERE stage = 'tag' ORDER BY seq") == [("failed",), ("tagged",)]


def test_a_run_that_did_the_whole_work_since_covers_one_that_was_missed(workplace):
    workplace.put("a.txt", EVICTED)
    missed = datetime.now(UTC) - timedelta(hours=1)
    place = workplace.workspace
    assert covering_run(place, missed) == ""
    workplace.refresh(only=["papers"])
    workplace.refresh(offline=True)
    workplace.refresh(failed_only=True)
    assert covering_run(place, missed) == ""
    summary = workplace.refresh()
    assert summary["run_id"] in covering_run(place, missed)
    assert covering_run(place, datetime.now(UTC) + timedelta(seconds=1)) == ""


def test_a_stored_copy_that_is_lost_is_told_as_that_and_read_when_it_is_back(workplace, monkeypatch):
    workplace.put("a.txt", EVICTED)
    real = pipeline.plan_read

    def plan_read(*arguments):
        for copy in workplace.workspace.raw.glob("*/*"):
            copy.unlink()
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "plan_read", plan_read)
        workplace.refresh()
    stage, message, remedy = workplace.failures()["a.txt"]
    assert (stage, "stored copy cannot be read" in message, "refresh" in remedy) == ("fetch", True, True)
    assert workplace.refresh()["counts"]["read.read"] == 1
    assert not workplace.failures()
