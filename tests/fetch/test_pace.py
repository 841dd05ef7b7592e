"""How often a host is asked."""

import threading

import pytest

from ascn_nlp.fetch.errors import HeldError
from ascn_nlp.fetch.pace import LONGEST_WAIT, Pace


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.now += seconds


def turns(pace, clock, host, count, gap=0.0):
    times = []
    for _ in range(count):
        with pace.turn(host, gap):
            times.append(round(clock.now - 1000, 6))
    return times


@pytest.fixture
def clock():
    return Clock()


def test_requests_to_one_host_come_no_faster_than_allowed(clock):
    assert turns(Pace(1, 30, clock, clock.sleep), clock, "a", 4) == [0, 2, 4, 6]


def test_a_host_that_wants_longer_pauses_gets_them_and_shorter_ones_change_nothing(clock):
    pace = Pace(1, 30, clock, clock.sleep)
    assert turns(pace, clock, "a", 3, gap=5) == [0, 5, 10]
    assert turns(pace, clock, "b", 3, gap=1) == [10, 12, 14]


def test_hosts_do_not_wait_for_each_other(clock):
    pace = Pace(1, 1, clock, clock.sleep)
    assert [turns(pace, clock, host, 1) for host in "abc"] == [[0], [0], [0]]


def test_a_host_that_asks_for_peace_gets_it(clock):
    pace = Pace(1, 60, clock, clock.sleep)
    turns(pace, clock, "a", 1)
    pace.hold("a", 30)
    pace.hold("a", 10)  # a shorter wish does not undo a longer one
    assert turns(pace, clock, "a", 2) == [30, 31]
    assert turns(pace, clock, "b", 1) == [31]


def test_a_host_that_asks_for_long_is_given_up_with_its_reason(clock):
    pace = Pace(1, 60, clock, clock.sleep)
    pace.hold("a", LONGEST_WAIT + 60, "the host could not be reached")
    with pytest.raises(HeldError, match="could not be reached; not asked for 180 s"), pace.turn("a"):
        pass
    assert clock.now == 1000  # without waiting


def test_a_pause_between_requests_that_is_longer_than_a_run_waits_is_told(clock):
    pace = Pace(1, 60, clock, clock.sleep)
    turns(pace, clock, "a", 1, gap=3600)
    with pytest.raises(HeldError, match="long pauses"), pace.turn("a", 3600):
        pass


def test_no_more_than_so_many_are_inside_at_a_time():
    pace, inside, most = Pace(3, 10**9), [], []
    lock = threading.Lock()

    def work():
        with pace.turn("a"):
            with lock:
                inside.append(1)
                most.append(len(inside))
            threading.Event().wait(0.01)
            with lock:
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 20 and max(most) == 3


def test_a_hold_that_comes_while_another_waits_holds_that_one_too(clock):
    pace = Pace(1, 60, clock, lambda seconds: (clock.sleep(seconds), held.pop() and pace.hold("a", 20)))
    held = [False, True]
    turns(pace, clock, "a", 1)
    assert turns(pace, clock, "a", 1) == [21]
