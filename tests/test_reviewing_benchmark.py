"""The simulated review: what it draws, and that the order we choose is worth something."""

import re
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import reviewing, reviewing_plot
from benchmarks.table import TINY


@pytest.fixture(scope="module")
def simulated():
    return reviewing.simulate(replace(TINY, labelled=2000))


def test_our_order_finds_more_than_chance_and_every_order_finds_all_in_the_end(simulated):
    curves, _, tasks = simulated
    for of in curves.values():
        assert sorted(of[0].order) == list(range(len(tasks[0].pool)))
        assert reviewing._shares(of[0])[0][-1] == 1
    ours, by_chance = curves[reviewing.OURS][0], curves[reviewing.RANDOM][0]
    assert reviewing.found_after(ours, 200) > 1.3 * reviewing.found_after(by_chance, 200)


def test_no_passage_is_begun_from_and_read_or_read_and_measured_on(simulated):
    _, _, (task,) = simulated
    rows = [set(of.tolist()) for of in (task.start, task.pool, task.test)]
    assert all(rows) and len(set.union(*rows)) == sum(map(len, rows))


def test_the_rule_says_stop_after_a_batch_or_more_and_not_before_most_is_found(simulated):
    _, stops, (task,) = simulated
    read, recall = np.array(stops).T
    assert read.min() >= 100 and read.max() <= len(task.pool)
    assert (recall >= 0.95).mean() > 0.8


def test_the_plot_is_small_and_the_same_each_time(simulated, tmp_path):
    curves, stops, _ = simulated
    for name in ("one.svg", "two.svg"):
        reviewing_plot.draw(curves, stops, tmp_path / name)
    one = (tmp_path / "one.svg").read_bytes()
    assert one == (tmp_path / "two.svg").read_bytes()
    assert len(one) < 150_000
    assert not re.search(rb"20\d\d-\d\d-\d\d", one)
    assert b"choose_active" in one and b"passages read" in one
