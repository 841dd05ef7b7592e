"""Readers that fail as libraries do; worker processes import them by name."""

import os
import signal
import sys
import threading
import time

from ascn_nlp.errors import ExtractError


def read(job):
    """What the job's address says."""
    return _BEHAVIOURS[job.address](job)


def _good(job):
    time.sleep(job.seq % 3 / 20)  # later ones are often done first
    return job.seq, os.getpid()


def _hang(job):
    time.sleep(600)


def _hang_deaf(job):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def _fill_memory(job):
    return [bytearray(2**26) for _ in range(2**10)]


def _crash_later(job):
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return job.seq, os.getpid()


def _slow(job):
    time.sleep(0.6)
    return job.seq, os.getpid()


def _leave_no_room(job):
    _LEFT.append(bytearray(400 * 2**20))
    return job.seq, os.getpid()


def _take_room(job):
    return job.seq, len(bytearray(200 * 2**20))


class _CrashesWhenSent:
    def __reduce__(self):
        os.kill(os.getpid(), signal.SIGKILL)


class _TooLargeToSend:
    def __reduce__(self):
        return bytes, (bytes(2**30),)


def _refuse(job):
    raise ExtractError("is encrypted", job.address, "save a copy without a password")


_LEFT = []
_BEHAVIOURS = {
    "good": _good,
    "hang": _hang,
    "hang-deaf": _hang_deaf,
    "memory": _fill_memory,
    "exit": lambda job: os._exit(3),
    "sys-exit": lambda job: sys.exit("a library that thinks it is a program"),
    "crash": lambda job: os.kill(os.getpid(), signal.SIGSEGV),
    "abort": lambda job: os.abort(),
    "refuse": _refuse,
    "unsendable": lambda job: lambda: None,
    "crash-later": _crash_later,
    "slow": _slow,
    "leave-no-room": _leave_no_room,
    "take-room": _take_room,
    "crash-when-sent": lambda job: _CrashesWhenSent(),
    "too-large": lambda job: _TooLargeToSend(),
}
