"""Reads documents in processes of their own, which are stopped when one takes too long or too much memory.

A parser that hangs or crashes on a strange file takes its process along and nothing else: the document is recorded and
the others go on.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path

from pebble import ProcessPool

from ascn_nlp.errors import AscnNlpError, DocumentError, ExtractError
from ascn_nlp.extract.draft import Limits
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

    ``workers`` of 0 means one a processor; ``seconds`` and ``megabytes`` are limits for one document.
    ``read`` is ``read_one`` unless another function that worker processes can import by name is given.
    """
    count = min(workers or os.cpu_count() or 1, len(jobs)) or 1
    # A fork of this process would inherit its threads' locks; the fork server has none.
    context = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
    if hasattr(context, "set_forkserver_preload"):
        context.set_forkserver_preload(["ascn_nlp.workers", "ascn_nlp.warm"])
    with ProcessPool(max_workers=count, context=context, initializer=_limit_worker, initargs=[megabytes]) as pool:
        futures = [pool.schedule(read or read_one, args=[job], timeout=seconds) for job in jobs]
        try:
            for job, future in zip(jobs, futures, strict=True):
                error = future.exception()  # returned, not raised: ours is not to leave when a worker calls sys.exit
                yield job, future.result() if error is None else _failure(job, error, seconds, megabytes)
        finally:
            for future in futures:
                future.cancel()


def read_one(job: ReadJob) -> Reading:
    """The reading of one job; DocumentError, and nothing else, when its bytes cannot be read."""
    from ascn_nlp.extract import read_document
    from ascn_nlp.extract.assemble import clean
    from ascn_nlp.segment import segment

    try:
        content = job.path.read_bytes()
        document = read_document(
            content,
            source=job.source,
            address=job.address,
            declared_type=job.declared_type,
            final_url=job.final_url,
            last_modified=job.last_modified,
            fetched_at=job.fetched_at,
            limits=job.limits,
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


def _failure(job: ReadJob, error: BaseException, seconds: float, megabytes: int) -> DocumentError:
    """What is to be recorded of a job that ended so; errors of ours that are about no document are raised."""
    if isinstance(error, DocumentError):
        return error
    if isinstance(error, AscnNlpError):
        raise error
    if isinstance(error, FutureTimeout):
        what, key = f"took more than {seconds:g} s to read and was stopped", "reading.seconds"
    elif isinstance(error, MemoryError):
        what, key = f"needs more than {megabytes} MB to read and was stopped", "reading.megabytes"
    else:
        what, key = f"ended its reader: {type(error).__name__}: {error}", "reading.megabytes"
    return ExtractError(what, job.address, f"save it anew or split it; or raise {key} in ascn.toml")


def _limit_worker(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; time is limited all the same
        pass
    else:
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        wanted = _address_space() + megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (wanted if most < 0 else min(wanted, most), most))
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()


def _address_space() -> int:
    import psutil

    return int(psutil.Process().memory_info().vms)


def _end_with(parent: int) -> None:
    # A worker whose run was killed would read on for nobody.
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
