"""The flows as Prefect runs them: in batches, with retries for what may pass and for nothing else."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from ascn_nlp import pipeline
from ascn_nlp.errors import StoreError, TableError
from ascn_nlp.prefect_runtime import load_flow
from ascn_nlp.records import document_id


@pytest.fixture(scope="session")
def prefect(prefect_home):
    """Prefect with a server of its own, started once."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=300):
        yield


@pytest.fixture
def flows(prefect, monkeypatch):
    """The module of the refresh flow, and the names of the tasks that were run to their end, as they are."""
    module, done = load_flow("refresh"), []
    for name in ("fetch_batch", "read_batch", "tag_batch", "sketch_batch", "group_stories"):
        task = getattr(module, name)
        task.on_completion(lambda task, run, state: done.append(task.name))
        task.on_failure(lambda task, run, state: done.append(f"{task.name} failed"))
    return module, done


def failing(module, name, error, times):
    """The module's task, raising ``error`` the first ``times`` times; and the number of tries so far."""
    from prefect import task

    usual, tries = getattr(module, name).fn, []

    def fn(*arguments):
        tries.append(1)
        if len(tries) <= times:
            raise error
        return usual(*arguments)

    setattr(module, name, task(fn, name=name, **{**module._BATCH, "retry_delay_seconds": 0}))
    return tries


def test_a_refresh_runs_one_task_for_each_batch_and_no_more(workplace, flows, monkeypatch):
    module, done = flows
    monkeypatch.setattr("ascn_nlp.pipeline.fetching.FETCH_BATCH", 4)
    monkeypatch.setattr("ascn_nlp.pipeline.reading.READ_BATCH", 3)
    for number in range(7):
        workplace.put(f"{number}.txt")
    summary = module.refresh(workspace=str(workplace.root))
    assert done == ["fetch"] * 2 + ["read"] * 3 + ["tag", "sketch", "group"]
    assert (summary["counts"]["read.read"], summary["problems"]) == (7, [])
    assert workplace.rows("SELECT id, state FROM runs") == [(summary["run_id"], "done")]
    again = module.refresh(workspace=str(workplace.root))
    assert len(done) == 8  # nothing new is no task
    assert again["counts"]["new"] == 0


def test_a_store_that_was_busy_is_tried_again(workplace, flows):
    module, _ = flows
    tries = failing(module, "read_batch", StoreError("cannot be written: database is locked"), 2)
    workplace.put("a.txt")
    assert module.refresh(workspace=str(workplace.root))["counts"]["read.read"] == 1
    assert len(tries) == 3
    assert workplace.outcomes() == {"a.txt": "read"}


def test_a_store_that_stays_busy_fails_the_run_and_keeps_what_was_done(workplace, flows):
    module, _ = flows
    tries = failing(module, "tag_batch", StoreError("cannot be written: database is locked"), 9)
    workplace.put("a.txt")
    with pytest.raises(StoreError, match="locked"):
        module.refresh(workspace=str(workplace.root))
    assert len(tries) == 3
    assert workplace.rows("SELECT state FROM runs") == [("failed",)]
    assert workplace.outcomes() == {"a.txt": "read"}
    load_flow("refresh").refresh(workspace=str(workplace.root))
    assert workplace.rows("SELECT count(*) > 0 FROM tags") == [(1,)]


def test_a_wrong_table_is_not_tried_again(workplace, flows):
    module, _ = flows
    tries = failing(module, "tag_batch", TableError("unknown key", "taxonomy.toml:3"), 1)
    workplace.put("a.txt")
    with pytest.raises(TableError, match=r"taxonomy\.toml:3"):
        module.refresh(workspace=str(workplace.root))
    assert len(tries) == 1
    assert workplace.rows("SELECT state FROM runs") == [("failed",)]


def test_a_broken_file_fails_no_task(workplace, flows):
    module, done = flows
    workplace.put("a.pdf", b"")
    workplace.put("b.txt")
    assert module.refresh(workspace=str(workplace.root))["counts"]["read.failed"] == 1
    assert done == ["fetch", "read", "tag", "sketch", "group"]


def test_progress_reaches_its_listener_through_prefect(workplace, flows):
    from ascn_nlp import progress

    module, _ = flows
    heard = []
    workplace.put("a.txt")
    with progress.listening(lambda stage, done, total: heard.append((stage, done, total))):
        module.refresh(workspace=str(workplace.root))
    assert heard == [(stage, *step) for stage in ("fetch", "read", "tag", "group") for step in ((0, 1), (1, None))]


def test_what_failed_is_told_by_the_state_an_artifact_and_a_notification(workplace, flows, monkeypatch):
    from prefect.blocks.core import Block

    module, _ = flows
    told = []

    class Channel:
        def notify(self, subject, body):
            told.append((subject, body))

    monkeypatch.setattr(Block, "load", lambda name: told.append(name) or Channel())
    settings = (workplace.root / "ascn.toml").read_text(encoding="utf-8")
    workplace.settings(settings + '[schedule]\nnotify = "slack-webhook/ours"\n')
    workplace.put("a.txt")
    workplace.put("bad|name.pdf", b"%PDF-1.7 cut off")
    state = module.refresh(workspace=str(workplace.root), return_state=True)
    assert (state.is_completed(), state.name) == (True, "SomeFailed")
    assert state.result()["counts"]["read.failed"] == 1
    block, (subject, body) = told
    assert block == "slack-webhook/ours" and subject == "ascn-nlp: 1 document failed"
    assert "| papers | bad\\|name.pdf | extract | is damaged or cut off | download it again |" in body
    assert "a.txt" not in body


def test_a_notification_that_cannot_be_sent_is_told_and_fails_nothing(workplace, flows):
    module, _ = flows
    settings = (workplace.root / "ascn.toml").read_text(encoding="utf-8")
    workplace.settings(settings + '[schedule]\nnotify = "slack-webhook/nowhere"\n')
    workplace.put("bad.pdf", b"%PDF-1.7 cut off")
    summary = module.refresh(workspace=str(workplace.root))
    [problem] = summary["problems"]
    assert "slack-webhook/nowhere could not be sent" in problem
    assert workplace.rows("SELECT state FROM runs") == [("done",)]


@pytest.mark.parametrize(
    ("documents", "sources", "told"),
    [
        (1, 0, "1 document failed"),
        (2, 1, "2 documents failed, 1 problem with sources"),
        (0, 3, "3 problems with sources"),
    ],
)
def test_what_a_person_is_told_first_names_only_what_there_is(flows, documents, sources, told):
    assert load_flow("reporting").what_failed(documents, sources) == told


def test_a_run_without_failures_tells_nothing(workplace, flows):
    module, _ = flows
    workplace.put("a.txt")
    assert module.refresh(workspace=str(workplace.root), return_state=True).name == "Completed"


def test_a_retag_in_which_the_tagger_failed_on_a_document_says_so(workplace, flows, monkeypatch):
    workplace.put("a.txt")
    workplace.put("b.txt")
    flows[0].refresh(workspace=str(workplace.root))
    with pipeline.store_of(workplace.workspace).writing() as connection:
        connection.exec_driver_sql("UPDATE documents SET tagged_key = NULL")
    tagging = type(pipeline.tagging_of(workplace.workspace))
    real = tagging.tag_document

    def tag_document(self, passages, title=""):
        if passages[0].document_id == document_id("papers", "b.txt"):
            raise ValueError("a strange passage")
        return real(self, passages, title)

    monkeypatch.setattr(tagging, "tag_document", tag_document)
    state = load_flow("retag").retag(workspace=str(workplace.root), return_state=True)
    assert (state.is_completed(), state.name) == (True, "SomeFailed")
    assert state.message.startswith("1 document failed")
    assert (state.result()["documents"], list(workplace.failures())) == (1, ["b.txt"])


@pytest.mark.parametrize("name", ["refresh", "retag"])
def test_a_run_that_finds_another_at_work_steps_aside(workplace, flows, name):
    module = flows[0] if name == "refresh" else load_flow("retag")
    workplace.put("a.txt")
    flows[0].refresh(workspace=str(workplace.root))
    with pipeline.store_of(workplace.workspace).writing() as connection:
        connection.exec_driver_sql("UPDATE documents SET tagged_key = NULL")
    run_id = workplace.begin()["run_id"]
    state = getattr(module, name)(workspace=str(workplace.root), return_state=True)
    assert state.is_cancelled() and run_id in state.message
    assert [one for (one,) in workplace.rows("SELECT state FROM runs ORDER BY id")] == ["done", "running"]


def test_scheduled_runs_that_were_missed_collapse_into_one(workplace, flows, monkeypatch):
    module, _ = flows
    workplace.put("a.txt")
    now = datetime.now(UTC)
    states = []
    for hours in (72, 48, 24):
        scheduled = SimpleNamespace(
            scheduled_start_time=now - timedelta(hours=hours), tags=["auto-scheduled"], id="a run of Prefect's"
        )
        monkeypatch.setattr(module, "flow_run", scheduled)
        states.append(module.refresh(workspace=str(workplace.root), return_state=True))
    assert [state.type.name for state in states] == ["COMPLETED", "CANCELLED", "CANCELLED"]
    assert len(workplace.rows("SELECT id FROM runs")) == 1
    by_hand = SimpleNamespace(scheduled_start_time=now - timedelta(hours=1), tags=[], id="another")
    monkeypatch.setattr(module, "flow_run", by_hand)
    assert module.refresh(workspace=str(workplace.root), return_state=True).is_completed()
    assert len(workplace.rows("SELECT id FROM runs")) == 2


def test_a_nightly_retag_with_nothing_to_do_is_no_run(workplace, flows):
    module, _ = flows
    workplace.put("a.txt")
    module.refresh(workspace=str(workplace.root))
    assert load_flow("retag").retag(workspace=str(workplace.root)) == {}
    assert workplace.rows("SELECT flow FROM runs") == [("refresh",)]


def test_the_retag_flow_brings_tags_up_to_date_and_records_its_run(workplace, flows):
    module, _ = flows
    workplace.put("a.txt")
    module.refresh(workspace=str(workplace.root))
    with pipeline.store_of(workplace.workspace).writing() as connection:
        connection.exec_driver_sql("UPDATE documents SET tagged_key = NULL")
        connection.exec_driver_sql("DELETE FROM tags")
    counts = load_flow("retag").retag(workspace=str(workplace.root))
    assert (counts["documents"], counts["passages"]) == (1, 1)
    assert workplace.rows("SELECT count(*) > 0 FROM tags") == [(1,)]
    assert workplace.rows("SELECT flow, state FROM runs") == [("refresh", "done"), ("retag", "done")]


def test_the_train_flow_hands_its_paths_to_the_training(workplace, flows, monkeypatch, tmp_path):
    module = load_flow("train")
    given = []
    fit = module.fit.with_options(name="fit")
    fit.fn = lambda *told: given.append((told[0].root, *told[1:4], *told[5:])) or {"micro": 1.0}
    monkeypatch.setattr(module, "fit", fit)
    assert module.train(workspace=str(workplace.root), data=["a.jsonl"], out="m", encoder="anew") == {"micro": 1.0}
    ((root, data, out, encoder, *learns_from_reviews_and_is_forced),) = given
    assert learns_from_reviews_and_is_forced == [True, False]
    assert (root, [str(one) for one in data], encoder) == (workplace.root, ["a.jsonl"], "anew")
    assert out == workplace.root / "m"


@pytest.mark.parametrize("name", ["fetch_batch", "read_batch", "tag_batch"])
def test_a_task_is_its_stage_and_nothing_else(flows, name):
    module, _ = flows
    task = getattr(module, name)
    assert task.fn is getattr(pipeline, name)
    assert (task.retries, task.persist_result) == (2, False)
