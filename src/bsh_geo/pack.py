"""An order and a path in, the pack's ZIP file out: made in several processes, told as it goes.

A picture that fails is told in the log and does not lose the rest; what is stopped leaves nothing.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from bsh_geo import __version__, atlas, manifest, orders, pack_log, zip_files
from bsh_geo.errors import BshError, DataError
from bsh_geo.manifest import Failure, Made, Manifest
from bsh_geo.orders import Order
from bsh_geo.project import Project

_POLL = 0.25
"""Seconds between two looks at whether to stop."""


class StoppedError(BshError):
    """The pack was stopped before it was whole."""


@dataclass(frozen=True)
class Progress:
    """How far a pack is: files done and failed of all, seconds left (None: not known yet)."""

    done: int
    failed: int
    total: int
    left: float | None
    name: str = ""


@dataclass(frozen=True)
class Job:
    """One file for a worker: where the project is, what to make, where to put the bytes."""

    roots: tuple[Path, ...]
    version: str
    order: Order
    one: Made
    digest: str
    path: Path


Report = Callable[[Progress], None]
Stop = Callable[[], bool]


def quiet(progress: Progress) -> None:
    """Tells nobody."""
    del progress


def never() -> bool:
    """Never stops."""
    return False


def make_pack(
    project: Project,
    order: Order,
    out: Path,
    jobs: int | None = None,
    report: Report = quiet,
    stop: Stop = never,
) -> Manifest:
    """Make the pack of an order as the file ``out``, whole or not at all.

    Parameters
    ----------
    jobs : int, optional
        Processes, by default one for each core; 1 works in this process.
    report, stop : callable
        Told after each file; asked now and then whether to stop.

    Raises
    ------
    BshError
        The order is wrong, nothing could be made, ``out`` cannot be written, or it was stopped.
    """
    orders.check(project, order)
    _check_out(out)
    plan = atlas.planned(project, order)
    if not plan:
        raise DataError(
            "所选区域与格式没有可制作的内容。", "There is nothing to make for these areas."
        )
    data = manifest.content_files(project)
    digest = manifest.content_digest(data)
    with folder_of_files() as folder:
        made, failures = made_files(project, order, plan, digest, folder, jobs, report, stop)
        if not made:
            raise _nothing_made(failures[0])
        whole = Manifest(
            order.plain(), digest, data, tuple(made), tuple(failures), __version__,
            manifest.libraries(),
        )  # fmt: skip
        _write(out, _held(project, order, whole, folder))
    return whole


def _nothing_made(first: Failure) -> DataError:
    return DataError(
        f"没有一个文件制作成功。{first.name}：{first.zh}",
        f"Not one file could be made. {first.name}: {first.en}",
    )


def _held(
    project: Project, order: Order, whole: Manifest, folder: Path
) -> list[tuple[str, Path | bytes]]:
    """The files of the archive: those made, the log, the manifest."""
    held: list[tuple[str, Path | bytes]] = [(one.name, folder / one.name) for one in whole.files]
    told = "\ufeff" + "\r\n".join(pack_log.log_lines(project, order, whole)) + "\r\n"
    name = pack_log.LOG[order.lang]
    return [*held, (name, told.encode()), (manifest.NAME, whole.text().encode())]


def made_files(
    project: Project,
    order: Order,
    plan: Sequence[Made],
    digest: str,
    folder: Path,
    jobs: int | None = None,
    report: Report = quiet,
    stop: Stop = never,
) -> tuple[list[Made], list[Failure]]:
    """Make every file of a plan into ``folder``; in the plan's order, and what failed."""
    count = jobs or os.cpu_count() or 1
    waiting = [
        Job(project.roots, project.version, order, one, digest, folder / one.name) for one in plan
    ]
    found: dict[str, Made | Failure] = {}
    start, first = time.monotonic(), 0.0
    for job, result in _results(waiting, min(count, len(waiting)), stop):
        found[job.one.name] = result
        done = len(found)
        elapsed = time.monotonic() - start
        first = first or elapsed  # the first files wait for the workers to start
        rest = len(plan) - done
        left = (elapsed - first) / (done - 1) * rest if done > 2 else None
        failed = sum(isinstance(one, Failure) for one in found.values())
        report(Progress(done, failed, len(plan), left, job.one.name))
    ordered = [found[one.name] for one in plan]
    return (
        [one for one in ordered if isinstance(one, Made)],
        [one for one in ordered if isinstance(one, Failure)],
    )


def _results(waiting: list[Job], count: int, stop: Stop) -> Iterator[tuple[Job, Made | Failure]]:
    """Each job's outcome as it comes. Where a worker dies, its jobs are tried again one by one."""
    again: list[Job] = []
    yield from _round(waiting, count, stop, again)
    for job in again:
        lost: list[Job] = []
        yield from _round([job], 1, stop, lost, own_process=True)
        for one in lost:
            yield (
                one,
                Failure(
                    one.one.name,
                    "制作进程意外退出（内存不足？）。",
                    "Its process died (no memory?).",
                ),
            )


def _round(
    waiting: Iterable[Job], count: int, stop: Stop, lost: list[Job], own_process: bool = False
) -> Iterator[tuple[Job, Made | Failure]]:
    """Outcomes of jobs in ``count`` workers; ``lost`` takes those whose worker died."""
    left = list(waiting)[::-1]
    running: dict[Future[Made], Job] = {}
    pool = _pool(count, own_process)
    try:
        while left or running:
            # No more in flight than the workers hold: a stop need not wait for a queue.
            while left and len(running) < count + 1:
                job = left.pop()
                try:
                    running[pool.submit(_worked, job)] = job
                except BrokenExecutor:
                    lost.append(job)
            if stop():
                raise StoppedError("已取消，没有写出文件。", "Stopped; no file was written.")
            done, _ = wait(running, _POLL, FIRST_COMPLETED)
            for future in done:
                job = running.pop(future)
                fault = future.exception()
                if isinstance(fault, BrokenExecutor):
                    lost.append(job)
                else:
                    yield job, future.result() if fault is None else _failure(job, fault)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _pool(count: int, own_process: bool) -> Executor:
    """Workers: a thread for one, else processes that start anew, whatever the caller holds."""
    if count == 1 and not own_process:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"))


def _failure(job: Job, fault: BaseException) -> Failure:
    """A fault of the data in its own words, one of the program by its name."""
    if isinstance(fault, BshError):
        return Failure(job.one.name, fault.zh, fault.en)
    text = f"{type(fault).__name__}: {fault}"
    return Failure(job.one.name, f"程序错误：{text}", f"fault of the program: {text}")


def _worked(job: Job) -> Made:
    """Make one file; the bytes stay on disk, so that no process holds a pack in memory."""
    content, note = atlas.make(_project(job.roots, job.version), job.order, job.one, job.digest)
    # A drawn figure is a web of references that Python would keep for many pictures more.
    gc.collect()
    job.path.write_bytes(content)
    return replace(job.one, note=note, sha256=sha256(content).hexdigest(), size=len(content))


@lru_cache(maxsize=1)
def _project(roots: tuple[Path, ...], version: str) -> Project:
    return Project(roots, version)


@contextlib.contextmanager
def folder_of_files() -> Iterator[Path]:
    """A folder for the files of a pack, gone afterwards whatever happens."""
    path = Path(tempfile.mkdtemp(prefix="bsh-pack-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _check_out(out: Path) -> None:
    if out.suffix.lower() != ".zip":
        raise DataError(
            f"图包应为 .zip 文件，而不是 {out.name}。", f"A pack is a .zip file, not {out.name}."
        )
    if not out.parent.is_dir():
        raise DataError(
            f"无法写入 {out}：没有文件夹 {out.parent}。",
            f"Cannot write {out}: there is no folder {out.parent}.",
        )


def _write(out: Path, held: Sequence[tuple[str, Path | bytes]]) -> None:
    """The archive under another name first: what stands at ``out`` is always whole."""
    part = out.with_name(f".{out.name}.part")
    try:
        zip_files.packed_into(part, held)
        os.replace(part, out)
    except OSError as error:
        raise DataError(
            f"无法写入 {out}：{error.strerror}。", f"Cannot write {out}: {error.strerror}."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
