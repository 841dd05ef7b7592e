"""Broken files by the hundred: each ends in a sound reading or in an error with a remedy, and the run goes on."""

import pytest

from benchmarks.fuzzing import FAULTS, VERDICTS, read_batch
from benchmarks.mutations import DAMAGES, make_case, sample_files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CASES = 600
SEED = 20240630


@pytest.fixture(scope="module")
def results():
    return read_batch(SEED, range(CASES))


def test_every_case_has_a_verdict_in_its_order(results):
    assert [result.number for result in results] == list(range(CASES))
    assert {result.verdict for result in results} <= {*VERDICTS, *FAULTS}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_gives_way(results, fault):
    assert [(result.name, result.detail) for result in results if result.verdict == fault] == []


def test_most_cases_reach_their_reader(results):
    endings = {result.name.rpartition(".")[2] for result in results if result.verdict in ("read", "partly_read")}
    assert endings == {path.suffix.removeprefix(".") for path in sample_files()}


@pytest.mark.parametrize("number", range(10))
def test_a_case_is_the_same_again(number):
    files = sample_files()
    assert make_case(SEED, number, files) == make_case(SEED, number, files)


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_done_and_an_empty_file_is_no_error(name):
    from random import Random

    sample = b"<p>12 0 R streets of Hanoi 34 0 R</p>" * 3
    assert any(DAMAGES[name](Random(seed), sample, sample[::-1]) != sample for seed in range(5))
    DAMAGES[name](Random(0), b"", b"")
