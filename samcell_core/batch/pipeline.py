"""Many images through one model: reading, inference, post-processing and writing overlap.

Each worker takes one image through all steps, so that memory grows with the workers and not with
the images. At most two of them are with the network at a time: while it works on the tiles of one,
another's are being prepared, and the others read, measure and write.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from samcell_core.batch.events import (
    Event,
    ImageDone,
    ImageFailed,
    ImageSkipped,
    Listener,
    TilesDone,
)
from samcell_core.batch.inputs import Source, printable
from samcell_core.batch.job import CellFinder, Job, Timing, Worked
from samcell_core.batch.ledger import Ledger
from samcell_core.batch.memory import MemoryBudget
from samcell_core.batch.parts import row_of, summary_of, thumbnail_side, write_parts
from samcell_core.batch.reasons import reason_of
from samcell_core.batch.results import Result
from samcell_core.batch.tables import ImageRow
from samcell_core.errors import SamcellError, SettingsError
from samcell_core.files import sha256_of
from samcell_core.images import Image, read_image
from samcell_core.machine import available_cores
from samcell_core.metrics import measure
from samcell_core.segmentation import Segmentation

__all__ = ["choose_workers", "work"]

_AT_THE_NETWORK = 2
_MOST_WORKERS = 8
_RELIEF = "close other programs, or use fewer --workers"
_LOOK_UP = 0.1  # seconds after which Ctrl-C is noticed at the latest


class _StoppedError(Exception):
    """Somebody pressed Ctrl-C, or another image showed that no image can be segmented."""


def choose_workers(wanted: int | None) -> int:
    """Images at work at a time: as wanted, else by the number of cores."""
    if wanted is not None:
        return wanted
    return max(2, min(_MOST_WORKERS, available_cores() // 2 + 1))


def work(segmenter: CellFinder, ledger: Ledger, job: Job, listen: Listener) -> dict[Source, Worked]:
    """Segment all images and write their files.

    An image that fails has its reason in its row. Settings that fit no image raise.
    """
    team = _Team(segmenter, ledger, job)
    try:
        for each in team.events():
            listen(each)
    finally:
        team.stop()
    return team.worked


class _Team:
    def __init__(self, segmenter: CellFinder, ledger: Ledger, job: Job) -> None:
        self._segmenter = segmenter
        self._ledger = ledger
        self._job = job
        self._sources: Iterator[Source] = iter(job.names)
        self._lock = threading.Lock()
        self._owners: dict[str, Source] = {}
        self._stop = threading.Event()
        self._network = threading.Semaphore(_AT_THE_NETWORK)
        self._memory = MemoryBudget()
        self._events: queue.SimpleQueue[Event | BaseException | None] = queue.SimpleQueue()
        self.worked: dict[Source, Worked] = {}
        # Daemons: after a second Ctrl-C the program ends, whatever a dead network drive does.
        self._threads = [
            threading.Thread(target=self._run, name=f"samcell-image-{number}", daemon=True)
            for number in range(min(job.workers, max(1, len(job.names))))
        ]

    def events(self) -> Iterator[Event]:
        """Start, and yield what happens until all images are done."""
        for thread in self._threads:
            thread.start()
        running = len(self._threads)
        while running:
            try:
                # With a limit, because Windows does not interrupt an endless wait.
                event = self._events.get(timeout=_LOOK_UP)
            except queue.Empty:
                continue
            if event is None:
                running -= 1
            elif isinstance(event, BaseException):
                raise event
            else:
                yield event

    def stop(self) -> None:
        """End the threads at the next tile; what is being written is finished."""
        self._stop.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                with self._lock:
                    source = next(self._sources, None)
                if source is None:
                    break
                self._one(source)
        except _StoppedError:
            pass
        except BaseException as error:
            self._stop.set()
            self._events.put(error)
        finally:
            self._events.put(None)

    def _one(self, source: Source) -> None:
        start = time.monotonic()
        try:
            worked = self._take_through(source)
        except (_StoppedError, SettingsError):
            raise
        except Exception as error:  # of any library that meets a file nobody thought of
            reason = reason_of(error, relief=_RELIEF) + self._withdraw(source)
            self.worked[source] = Worked(ImageRow(image=source.shown, error=reason))
            self._events.put(ImageFailed(source.shown, reason))
            return
        self.worked[source] = worked
        count = worked.row.count
        if worked.timing is None:
            self._events.put(ImageSkipped(source.shown, count))
        else:
            self._events.put(ImageDone(source.shown, count, time.monotonic() - start))

    def _take_through(self, source: Source) -> Worked:
        job, name = self._job, self._job.names[source]
        promise = self._ledger.image(name)
        start = time.monotonic()
        record = promise.read(overwrite=job.overwrite)
        # Also brings the file into the system's memory, so that the network need not wait for it.
        sha256 = source.checksum()
        if record is not None and record.get("made_with") == job.made_with:
            if record["sha256"] == sha256 and self._all_there(record):
                return Worked(row_of(record, promise.part("")))
            if record["sha256"] != sha256 and not job.overwrite:
                raise SamcellError(
                    f"{source.shown} has changed since its results were made: give --overwrite to "
                    "replace them, or another folder with -o."
                )
        settings = job.settings
        image = read_image(source.path, axes=settings.axes, pixel_size=settings.pixel_size)
        planes = image.planes(settings.channel)
        targets = {output: output.targets(name, planes.axes, len(planes)) for output in job.outputs}
        for target in (each for some in targets.values() for each in some):
            self._claim(target, source)
            if not promise.may_write(target, overwrite=job.overwrite, record=record):
                raise SamcellError(
                    f"{self._ledger.out / target} exists and is not of this run: move it away, or "
                    "give --overwrite to replace it."
                )
        with self._memory.take(image):
            read = time.monotonic()
            segmentation = self._segment(source, image)
            segmented = time.monotonic()
            result = Result(source.shown, image, segmentation, measure(segmentation, image))
            summary = summary_of(result)

            def describe() -> dict[str, Any]:
                return {
                    "image": source.shown,
                    "name": name,
                    "sha256": sha256,
                    "made_with": job.made_with,
                    "summary": summary,
                    "notes": [printable(note) for note in segmentation.notes],
                }

            with promise.write(describe, before=record, overwrite=job.overwrite) as draft:
                for output, paths in targets.items():
                    for plane, target in enumerate(paths):
                        output.write(draft.path(target), result, plane)
                write_parts(draft.folder, result, thumbnail_side(len(job.names)))
        record = promise.read()
        if record is None:
            raise SamcellError(f"The results of {source.shown} vanished while they were written.")
        timing = Timing(read - start, segmented - read, time.monotonic() - segmented)
        return Worked(row_of(record, promise.part("")), timing)

    def _withdraw(self, source: Source) -> str:
        """Remove what an image that failed had of other settings; why not, where that fails.

        OUT is this run's now, so its earlier results would pass for new ones.
        """
        promise = self._ledger.image(self._job.names[source])
        try:
            record = promise.look()
            if record is not None and record.get("made_with") != self._job.made_with:
                promise.withdraw(record)
        except (OSError, SamcellError) as error:
            return f" (its earlier results could not be removed: {reason_of(error)})"
        return ""

    def _claim(self, target: str, source: Source) -> None:
        """Refuse a file that another image of this run writes, such as a plane of its stack."""
        with self._lock:
            owner = self._owners.setdefault(target, source)
        if owner != source:
            raise SamcellError(
                f"{target} would be a file of both {source.shown} and {owner.shown}: rename one of "
                "them."
            )

    def _all_there(self, record: Mapping[str, Any]) -> bool:
        """Whether the results of an image are in OUT; unchanged, where they may be replaced."""
        for target, known in record["outputs"].items():
            path = self._ledger.out / target
            if not path.is_file() or (self._job.overwrite and sha256_of(path) != known):
                return False
        return True

    def _segment(self, source: Source, image: Image) -> Segmentation:
        """Find the cells, one of few at the network; what follows the last tile does not count."""
        self._network.acquire()
        held = True

        def progress(done: int, total: int) -> None:
            nonlocal held
            if self._stop.is_set():
                raise _StoppedError
            self._events.put(TilesDone(source.shown, done, total))
            if done == total and held:
                held = False
                self._network.release()

        try:
            if self._stop.is_set():
                raise _StoppedError
            found: Segmentation = self._segmenter.segment(
                image, self._job.settings, progress=progress
            )
            return found
        finally:
            if held:
                self._network.release()
