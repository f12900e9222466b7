"""A whole run: images in, results, tables, a report and a record out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from samcell_core._version import __version__
from samcell_core.batch.events import ImageFailed, Listener, RunFinished, RunStarted
from samcell_core.batch.inputs import Found, Source, printable
from samcell_core.batch.job import CellFinder, Job, Worked
from samcell_core.batch.ledger import Ledger
from samcell_core.batch.naming import assign_names
from samcell_core.batch.pipeline import choose_workers, work
from samcell_core.batch.record import Clock, run_record
from samcell_core.batch.report import Facts, write_report
from samcell_core.batch.results import Output
from samcell_core.batch.staging import write_json
from samcell_core.batch.tables import ImageRow, write_cells, write_images
from samcell_core.errors import SamcellError
from samcell_core.files import sha256_of
from samcell_core.segmentation import ModelInfo
from samcell_core.settings import Settings

__all__ = ["Outcome", "Planned", "plan_run", "run_images"]

_RECORD = "run.json"
_FINAL = ("cells.csv", "images.csv", "report.html", _RECORD)


class _NothingNew(Exception):  # noqa: N818 - no error
    """An earlier run wrote all there is to write."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes
    ----------
    rows
        One for each image, and for each folder that could not be read.
    skipped
        Images whose results were there already.
    """

    rows: tuple[ImageRow, ...]
    skipped: int

    @property
    def failed(self) -> int:
        """Images without results."""
        return sum(bool(row.error) for row in self.rows)

    @property
    def cells(self) -> int:
        """Cells of all images."""
        return sum(row.count for row in self.rows)


@dataclass(frozen=True)
class Planned:
    """What a run would do with one image: its results' name, and whether they are there."""

    source: Source
    name: str
    finished: bool


def run_images(
    found: Found,
    out: Path,
    segmenter: CellFinder,
    *,
    settings: Settings,
    outputs: Sequence[Output],
    overwrite: bool = False,
    workers: int | None = None,
    title: str = "images",
    arguments: Sequence[str] = (),
    listen: Listener = lambda _: None,
) -> Outcome:
    """Segment images, or those of them that an earlier run did not finish.

    Parameters
    ----------
    found
        The images.
    out
        Folder of the results; made where it is missing.
    segmenter
        A `Segmenter`.
    settings
        How.
    outputs
        Kinds of files to write for each image, besides tables and report.
    overwrite
        Replace files that are there and not of this run, and results that were made otherwise.
    workers
        Images at work at a time.
    title, arguments
        For report and record: what was segmented, and the command that was given.
    listen
        Is told what happens.

    Raises
    ------
    SamcellError
        If ``out`` cannot be used, or the settings fit no image. Images that fail do not raise:
        they have a row with their error.
    """
    began, start = datetime.now(timezone.utc), time.monotonic()
    info = _tellable(segmenter.model)
    settings = segmenter.resolve(settings)  # refused before anything is written
    identity = _identity(info, segmenter.precision, settings, outputs)
    ledger = Ledger(out)
    with ledger.open(identity, overwrite=overwrite):
        final_record = ledger.final.read(overwrite=overwrite)
        _check_final(ledger, final_record, overwrite=overwrite)
        key = ledger.key()
        _leave_out_others(ledger, found.sources, key, overwrite=overwrite)
        names = assign_names(found.sources, _names_in(ledger.records()))
        job = Job(names, settings, outputs, key, overwrite, choose_workers(workers))
        listen(RunStarted(len(names) + len(found.problems), str(out)))
        rows = [ImageRow(problem.shown, error=problem.reason) for problem in found.problems]
        for row in rows:
            listen(ImageFailed(row.image, row.error))
        done = work(segmenter, ledger, job, listen)
        worked = {source: done[source] for source in names}
        rows = [each.row for each in worked.values()] + rows
        clock = Clock(began, time.monotonic() - start)
        record = run_record(
            identity=identity,
            model=info,
            device=segmenter.device,
            arguments=arguments,
            workers=job.workers,
            worked=worked,
            problems=found.problems,
            clock=clock,
        )
        facts = _facts(title, info, segmenter.precision, settings)
        _finish(ledger, rows, facts, record, final_record, worked, overwrite=overwrite)
    skipped = sum(each.timing is None and not each.row.error for each in worked.values())
    outcome = Outcome(tuple(rows), skipped)
    listen(
        RunFinished(
            images=len(rows),
            failed=outcome.failed,
            skipped=outcome.skipped,
            cells=outcome.cells,
            seconds=round(clock.seconds, 3),
            out=str(out),
        )
    )
    return outcome


def plan_run(found: Found, out: Path) -> list[Planned]:
    """What a run would do, found without a model and without writing anything."""
    ledger = Ledger(out)
    key = ledger.key()
    records = list(ledger.records())
    names = assign_names(found.sources, _names_in(records))
    known = {each["image"]: str(each["sha256"]) for each in records if each.get("made_with") == key}
    return [
        Planned(source, name, source.shown in known and _unchanged(source, known[source.shown]))
        for source, name in names.items()
    ]


def _names_in(records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {record["image"]: str(record["name"]) for record in records}


def _unchanged(source: Source, sha256: str) -> bool:
    try:
        return source.checksum() == sha256
    except OSError:
        return False


def _tellable(model: ModelInfo) -> ModelInfo:
    """A model whose name and file can be written in UTF-8, whatever its file is called."""
    return replace(model, name=printable(model.name), source=printable(model.source))


def _identity(
    info: ModelInfo, precision: str, settings: Settings, outputs: Sequence[Output]
) -> dict[str, Any]:
    """Everything that the results depend on."""
    values = settings.to_dict()
    values.pop("batch")  # as the device: a matter of speed, and of rounding at most
    return {
        "version": __version__,
        "model": {"name": info.name, "sha256": info.sha256},
        "precision": precision,
        "settings": values,
        "save": sorted(output.kind for output in outputs),
    }


def _check_final(ledger: Ledger, record: Mapping[str, Any] | None, *, overwrite: bool) -> None:
    for name in _FINAL:
        if not ledger.final.may_write(name, overwrite=overwrite, record=record):
            raise SamcellError(
                f"{ledger.out / name} exists and is not, or not any more, what a run wrote: move "
                "it away, give another folder with -o, or --overwrite to replace it."
            )


def _leave_out_others(
    ledger: Ledger, sources: Sequence[Source], key: str, *, overwrite: bool
) -> None:
    """Refuse to write tables without images that have results in OUT, unless that is wanted."""
    finished = _names_in(each for each in ledger.records() if each.get("made_with") == key)
    earlier = ledger.left_out()
    given = {source.shown for source in sources}
    known = sorted((finished | earlier).items())
    others = {image: name for image, name in known if image not in given}
    asked = [image for image in others if image not in earlier]
    if asked and not overwrite:
        raise SamcellError(
            f"{ledger.out} holds results of {len(asked)} images that are not among those given "
            f"now (such as {asked[0]}): give them, too, or another folder with -o, or "
            "--overwrite for tables without them."
        )
    ledger.leave_out(others)


def _facts(title: str, info: ModelInfo, precision: str, settings: Settings) -> Facts:
    model = {
        "name": info.name,
        "architecture": info.architecture,
        "checksum (SHA-256)": info.sha256 or "made in memory",
        "licence": info.licence or "not known",
        "precision": precision,
        "version": f"samcell-suite {__version__}",
    }
    default = (
        Settings().with_defaults(peak=info.peak, fill=info.fill, markers=info.markers).to_dict()
    )
    values = settings.to_dict()
    changed = frozenset(name for name in values if values[name] != default[name])
    values.pop("batch")
    return Facts(title, __version__, model, values, changed)


def _finish(
    ledger: Ledger,
    rows: Sequence[ImageRow],
    facts: Facts,
    record: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    worked: Mapping[Source, Worked],
    *,
    overwrite: bool,
) -> None:
    """Write tables, report and record, unless an earlier run wrote the same."""
    try:
        write = ledger.final.write(dict, before=before, overwrite=overwrite)
        with suppress(_NothingNew), write as draft:
            written = {name: draft.path(name) for name in _FINAL}
            write_cells(written["cells.csv"], rows)
            write_images(written["images.csv"], rows)
            write_report(written["report.html"], rows, facts)
            if not any(each.timing for each in worked.values()) and _same(ledger, before, written):
                raise _NothingNew  # the record of the run that did the work stays
            write_json(written[_RECORD], record)
    except OSError as error:
        raise SamcellError(
            f"The tables and the report cannot be written to {ledger.out} "
            f"({error.strerror or error}): make space or room for them, and run the same command "
            "again; the images that are finished stay."
        ) from error


def _same(ledger: Ledger, before: Mapping[str, Any] | None, written: Mapping[str, Path]) -> bool:
    """Whether an earlier run wrote the same tables and report, and they are still there."""
    known = {} if before is None else before["outputs"]
    return all(
        (ledger.out / name).is_file() and (name == _RECORD or sha256_of(path) == known.get(name))
        for name, path in written.items()
    )
