"""Reads documents in processes of their own, which are stopped when one takes too long or too much memory.

A parser that hangs or crashes on a strange file takes its process along and nothing else: the document is recorded and
the others go on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ascn_nlp.errors import AscnNlpError, DocumentError, ExtractError
from ascn_nlp.extract.draft import Limits
from ascn_nlp.processes import Processes, Stopped
from ascn_nlp.raw import read_raw
from ascn_nlp.records import Document, Passage, Source


@dataclass(frozen=True, slots=True)
class ReadJob:
    """One document to be read: where its bytes lie, and what is known of it from outside."""

    seq: int
    path: Path
    source: Source
    address: str
    declared_type: str
    final_url: str
    last_modified: str
    fetched_at: str  # ISO day
    limits: Limits
    listed: tuple[str, str, str] = ("", "", "")  # date, basis and evidence, as its source states them


@dataclass(frozen=True, slots=True)
class Reading:
    """A document and its passages."""

    document: Document
    passages: tuple[Passage, ...]


def read_all(
    jobs: Sequence[ReadJob],
    workers: int,
    seconds: float,
    megabytes: int,
    read: Callable[[ReadJob], Reading] | None = None,
) -> Iterator[tuple[ReadJob, Reading | DocumentError]]:
    """Each job with its reading, or with the error that stopped it; in the order of the jobs.

    ``workers`` of 0 means one a processor; ``seconds`` and ``megabytes`` are limits for one document. Errors of ours
    that are about no document are raised.
    ``read`` is ``read_one`` unless another function that worker processes can import by name is given.
    """
    count = min(workers or os.cpu_count() or 1, len(jobs)) or 1
    processes = Processes(read or read_one, seconds, megabytes, "ascn_nlp.workers", "ascn_nlp.warm")
    with ThreadPoolExecutor(count) as threads:
        futures = [threads.submit(processes.call, job) for job in jobs]
        try:
            for job, future in zip(jobs, futures, strict=True):
                result = future.result()
                if isinstance(result, Stopped):
                    result = _failure(job, result, seconds, megabytes)
                elif isinstance(result, AscnNlpError) and not isinstance(result, DocumentError):
                    raise result
                yield job, result
        finally:
            for future in futures:
                future.cancel()
            processes.close()


def read_one(job: ReadJob) -> Reading:
    """The reading of one job; DocumentError, and nothing else, when its bytes cannot be read."""
    from ascn_nlp.extract import read_document
    from ascn_nlp.extract.assemble import clean
    from ascn_nlp.segment import segment

    try:
        content = read_raw(job.path)
        document = read_document(
            content,
            source=job.source,
            address=job.address,
            declared_type=job.declared_type,
            final_url=job.final_url,
            last_modified=job.last_modified,
            fetched_at=job.fetched_at,
            limits=job.limits,
            listed=job.listed,
        )
        return Reading(document, segment(document))
    except (AscnNlpError, MemoryError):
        raise
    except Exception as error:  # the worker's border: whatever a library throws at a strange file ends here
        raise ExtractError(
            clean(f"the reader failed: {type(error).__name__}: {error}"),
            job.address,
            "open the file and save it anew, or report it with the file",
        ) from error


def _failure(job: ReadJob, stopped: Stopped, seconds: float, megabytes: int) -> ExtractError:
    """What is to be recorded of a job that was stopped."""
    what, key = {
        "time": (f"took more than {seconds:g} s to read and was stopped", "reading.seconds"),
        "memory": (f"needs more than {megabytes} MB to read and was stopped", "reading.megabytes"),
        "death": (f"ended its reader: {stopped.detail}", "reading.megabytes"),
    }[stopped.reason]
    return ExtractError(what, job.address, f"save it anew or split it; or raise {key} in ascn.toml")
