"""Commands on sources, runs, stories and forgetting, as a person types them."""

import pytest


def test_sources_are_listed_with_what_they_are(run, workspace):
    done = run("sources", "list", "-w", workspace)
    assert done.status == 0
    assert ["notes", "folder", "VN", "yes", "no", "A", "ministry"] in [line.split() for line in done.out.splitlines()]
    assert {row["id"] for row in run("sources", "list", "-w", workspace, "--json").rows} == {"notes", "web"}


def test_the_catalogue_is_listed_and_taken_from(run, tmp_path):
    rows = run("sources", "list", "--catalogue", "--json", "-w", tmp_path).rows
    assert len(rows) >= 40
    done = run("sources", "add", rows[0]["id"], "-w", tmp_path)
    assert done.status == 0 and rows[0]["id"] in done.out
    assert [row["id"] for row in run("sources", "list", "--json", "-w", tmp_path).rows] == [rows[0]["id"]]
    again = run("sources", "add", rows[0]["id"], "-w", tmp_path)
    assert again.status == 2 and "already" in again.err


def test_a_check_says_what_is_broken_and_ends_with_three(run, workspace):
    good = run("sources", "check", "notes", "-w", workspace)
    assert good.status == 0 and "ok" in good.out
    (workspace / "notes").rename(workspace / "elsewhere")
    bad = run("sources", "check", "notes", "-w", workspace)
    assert bad.status == 3 and "no such folder" in bad.out
    assert run("sources", "check", "nowhere", "-w", workspace).status == 2
    [row] = run("sources", "check", "notes", "--json", "-w", workspace).rows
    assert (row["state"], row["listed"]) == ("broken", 0)


def test_a_check_tells_of_files_that_two_sources_list(run, workspace):
    table = workspace / "sources.toml"
    own = table.read_text(encoding="utf-8")
    table.write_text(own + own.replace("[notes]", "[again]").partition("[web]")[0], encoding="utf-8")
    [row] = run("sources", "check", "notes", "--json", "-w", workspace).rows
    assert row["state"] == "partly" and "source again lists too" in row["findings"][-1]
    table.write_text(own + own.replace("[notes]", "[again]\nenabled = false").partition("[web]")[0], encoding="utf-8")
    [row] = run("sources", "check", "notes", "--json", "-w", workspace).rows
    assert (row["state"], row["findings"]) == ("ok", [])


def test_runs_are_listed_and_shown(run, workspace):
    [row] = run("runs", "--json", "-w", workspace).rows
    assert (row["flow"], row["state"], row["counts"]["new"]) == ("refresh", "done", 5)
    assert row["id"] in run("runs", "-w", workspace).out
    one = run("runs", row["id"][:8], "-w", workspace)
    assert "Made with" in one.out and "settings.since" in one.out and "fetch.fetched" in one.out
    assert run("runs", "nothing", "-w", workspace).status == 2


def test_two_runs_are_compared(run, workspace):
    (workspace / "notes" / "a.md").unlink()
    assert run("refresh", "--offline", "-w", workspace).status == 3
    newest, first = (row["id"] for row in run("runs", "--json", "-w", workspace).rows)
    done = run("diff", first, newest, "-w", workspace)
    assert done.status == 0 and "Documents: 0 gained, 1 lost" in done.out and "  - notes/a.md" in done.out
    [row] = run("diff", first, newest, "--json", "-w", workspace).rows
    assert (row["what"], row["kind"]) == ("document", "lost")
    assert run("diff", first, "nothing", "-w", workspace).status == 2


def test_the_way_of_a_document_is_shown(run, workspace):
    done = run("status", "broken.pdf", "-w", workspace)
    assert done.status == 0
    assert [line.split()[2] for line in done.out.splitlines() if "  r2" in line] == ["find", "fetch", "read"]
    assert "To mend it:" in done.out
    rows = run("status", "broken.pdf", "--json", "-w", workspace).rows
    assert [(row["stage"], row["outcome"]) for row in rows][-1] == ("read", "failed")
    assert run("status", "nothing.pdf", "-w", workspace).status == 2


def test_status_counts_by_source_and_stage(run, workspace):
    lines = [line.split() for line in run("status", "-w", workspace).out.splitlines()]
    assert ["notes", "4", "0", "0", "3", "0", "1", "3", "0", "0"] in lines
    [row] = run("status", "--json", "-w", workspace).rows
    assert {"source_id": "notes", "stage": "read", "outcome": "failed", "documents": 1} in row["stages"]
    assert row["silent"] == {}


def test_a_source_that_went_quiet_is_named(run, workspace):
    for path in (workspace / "notes").iterdir():
        path.unlink()
    done = run("refresh", "--offline", "-w", workspace)
    assert "Silent sources:" in done.out and "notes: lists nothing since" in done.out
    assert "notes" in run("status", "--json", "-w", workspace).rows[0]["silent"]


@pytest.fixture
def stories(run, workspace):
    """Documents a.md and old.md hold the same words but for their dates."""
    [row] = run("stories", "--json", "-w", workspace).rows
    return [document["id"] for document in row["documents"]]


def test_stories_are_listed_and_a_verdict_is_kept(run, workspace, stories):
    assert "3 documents tell 2 stories" in run("stories", "-w", workspace).out
    done = run("stories", "--different", *stories, "--reviewer", "ann", "-w", workspace)
    assert done.status == 0 and "3 documents tell 3 stories" in done.out
    assert run("refresh", "--offline", "-w", workspace).status == 3
    assert run("stories", "--json", "-w", workspace).rows == []
    run("stories", "--withdraw", *stories, "--reviewer", "ann", "-w", workspace)
    assert len(run("stories", "--json", "-w", workspace).rows) == 1


def test_a_verdict_needs_a_name_and_two_documents(run, workspace, stories):
    assert run("stories", "--same", *stories, "-w", workspace).status == 2
    assert run("stories", "--same", stories[0], stories[0], "--reviewer", "ann", "-w", workspace).status == 2
    assert run("stories", "--same", stories[0], "nothing", "--reviewer", "ann", "-w", workspace).status == 2


def test_the_review_file_tells_how_many_documents_tell_a_story(run, workspace):
    import csv

    run("review", "export", workspace / "out.csv", "--any-date", "-w", workspace)
    with (workspace / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        told = {(row["doc_title"], row["appearances"]) for row in csv.DictReader(file)}
    assert ("Towers on the river", "2") in told
    assert {count for title, count in told if title != "Towers on the river"} <= {"1"}


def test_a_document_is_forgotten_for_good_and_what_is_left_is_named(run, workspace):
    done = run("forget", "a.md", "--reason", "takedown", "--by", "bo", "--yes", "-w", workspace)
    assert done.status == 0
    assert "is out:" in done.out and "review.csv" in done.out
    assert run("refresh", "--offline", "-w", workspace).status == 3
    [row] = run("status", "--json", "-w", workspace).rows
    assert sum(one["documents"] for one in row["documents"] if one["source_id"] == "notes") == 3
    assert "a.md" not in run("search", "--any-date", "evicted", "-w", workspace).out
    left = (workspace / "data" / "exports" / "review.csv").read_text(encoding="utf-8")
    assert "Towers on the river" not in left  # the refresh has written it anew
    again = run("forget", "a.md", "--reason", "takedown", "--yes", "-w", workspace)
    assert again.status == 2 and "was taken out for good" in again.err


def test_a_document_is_found_by_the_name_that_status_prints(run, workspace):
    assert run("status", "notes/a.md", "-w", workspace).status == 0
    assert run("forget", "notes/a.md", "--reason", "takedown", "--yes", "-w", workspace).status == 0
    for name in ("a.md", "notes/a.md"):
        told = run("status", name, "-w", workspace)
        assert told.status == 2 and "was taken out for good on" in told.err and "takedown" in told.err


def test_a_question_that_nobody_answers_is_a_no(run, workspace):
    done = run("forget", "a.md", "--reason", "x", "-w", workspace, stdin=b"")
    assert done.status == 1 and "add --yes" in done.err and "Traceback" not in done.err
    assert run("status", "a.md", "-w", workspace).status == 0


def test_a_source_that_could_not_be_asked_is_named_from_the_first_time_on(run, workspace):
    (workspace / "notes").rename(workspace / "elsewhere")
    done = run("refresh", "--offline", "-w", workspace)
    assert done.status == 3
    assert "Sources that could not be asked" in done.out and "no such folder" in done.out
    told = run("status", "-w", workspace).out
    assert "could not be asked the last time" in told and "no such folder" in told
    assert list(run("status", "--json", "-w", workspace).rows[0]["problems"]) == ["notes"]


def test_forgetting_asks_first_and_wants_a_reason(run, workspace):
    assert run("forget", "a.md", "--reason", "x", "-w", workspace, stdin=b"n\n").status == 1
    assert run("forget", "a.md", "--reason", " ", "--yes", "-w", workspace).status == 2
    assert run("status", "a.md", "-w", workspace).status == 0


def test_what_is_left_in_the_database_can_be_wiped_later(run, workspace):
    done = run("forget", "--wipe", "-w", workspace)
    assert done.status == 0 and "Nothing that was deleted is left" in done.out
    assert run("forget", "-w", workspace).status == 2


def test_serve_without_a_server_says_what_to_run(run, workspace, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    done = run("serve", "-w", workspace)
    assert done.status == 1 and "prefect server start" in done.err
