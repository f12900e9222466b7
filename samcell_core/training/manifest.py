"""Manifests: CSV files that list images, their labels and checksums."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from samcell_core.errors import TrainingError
from samcell_core.metrics.table import Table
from samcell_core.models.cache import sha256_of
from samcell_core.training.pairs import Pair

__all__ = ["pairs_in_manifest", "write_manifest"]


def pairs_in_manifest(
    path: str | os.PathLike[str], *, folder: str | os.PathLike[str] | None = None
) -> list[Pair]:
    """Images and labels that a CSV file lists, separated by commas, semicolons or tabs.

    Parameters
    ----------
    path
        The file. Its columns: ``image`` (or ``file``) and ``labels``, paths; where there,
        ``set``, ``group``, and the checksums ``sha256`` (of the image) and ``labels_sha256``.
        Others are ignored. Where not said, the set is the folder's name, and each image is its
        own group.
    folder
        Where the paths start; at the folder of the manifest where not given.

    Raises
    ------
    TrainingError
        The file or one that it names cannot be read or is not the one it was, with its row.
    """
    path = Path(path)
    start = path.parent if folder is None else Path(folder)
    if folder is not None and not start.is_dir():
        raise TrainingError(
            f"There is no folder {start} for the paths of {path} to start from: check its name."
        )
    pairs: list[Pair] = []
    rows: dict[Path, int] = {}
    for row, values in _rows(path):
        image_text = values["image" if "image" in values else "file"]
        image = _listed(start, path, row, image_text, "image", values.get("sha256"))
        labels = _listed(start, path, row, values["labels"], "labels", values.get("labels_sha256"))
        if rows.setdefault(image.resolve(), row) != row:
            raise TrainingError(
                f"Rows {rows[image.resolve()]} and {row} of {path} name the same image "
                f"{image_text!r}: drop one of them."
            )
        named = values.get("set") or start.resolve().name
        group = values.get("group") or image_text
        pairs.append(Pair(image, labels, named, group, image_text.replace("\\", "/")))
    return _named(pairs)


def write_manifest(
    pairs: Iterable[Pair], path: str | os.PathLike[str], *, overwrite: bool = False
) -> None:
    """Write a CSV file that `pairs_in_manifest` reads, with the checksums of all files.

    It is written whole or not at all, and over an existing file only on demand.

    Raises
    ------
    TrainingError
        There are no pairs, or cells in a COCO file, which no row of a manifest can point to.
    """
    pairs = list(pairs)
    for pair in pairs:
        if pair.labels.suffix.lower() == ".json":
            raise TrainingError(
                f"The cells of {pair.name or pair.image} are a part of {pair.labels}, which a "
                "manifest cannot name: give that COCO file itself, or save its cells as label "
                "images first."
            )
    folder = Path(path).resolve().parent
    rows = [
        {
            "image": _relative(pair.image, folder),
            "labels": _relative(pair.labels, folder),
            "set": pair.set,
            "group": pair.group,
            "sha256": _checksum(pair.image),
            "labels_sha256": _checksum(pair.labels),
        }
        for pair in pairs
    ]
    if not rows:
        raise TrainingError(f"There are no pairs to write to {path}: give at least one.")
    Table.from_rows(rows).to_csv(path, overwrite=overwrite)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and values of each row of a manifest, its columns checked."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise TrainingError(f"{path} is no text in UTF-8: save it as 'CSV UTF-8'.") from error
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise TrainingError(f"{path} is no CSV file ({error}): save it again as CSV.") from error
    filled = [(number, row) for number, row in enumerate(rows, 1) if any(map(str.strip, row))]
    if len(filled) < 2:
        raise TrainingError(f"{path} lists no images: give a row of names and a row for each pair.")
    header = [name.strip().lower() for name in filled[0][1]]
    if "labels" not in header or not {"image", "file"} & set(header):
        raise TrainingError(
            f"{path} needs the columns image (or file) and labels, and has {', '.join(header)}: "
            "name them in its first row."
        )
    for number, row in filled[1:]:
        if len(row) != len(header):
            raise TrainingError(
                f"Row {number} of {path} has {len(row)} columns and the first row has "
                f"{len(header)}: complete it, or put what holds a {delimiter!r} in quotes."
            )
        yield number, dict(zip(header, map(str.strip, row), strict=True))


def _named(pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs whose names begin with their set, as the paths of some sets do by themselves."""
    bare = {pair.set for pair in pairs if not pair.name.startswith(f"{pair.set}/")}
    return [
        replace(pair, name=f"{pair.set}/{pair.name}") if pair.set in bare else pair
        for pair in pairs
    ]


def _listed(
    start: Path, manifest: Path, row: int, text: str, what: str, checksum: str | None
) -> Path:
    """One file that a manifest names."""
    # A Windows path is understood everywhere.
    path = start / text.replace("\\", "/")
    if not text or not path.is_file():
        raise TrainingError(
            f"Row {row} of {manifest} names {what} {text!r}, which is no file: give a path that "
            f"starts at {start}."
        )
    if checksum and _checksum(path) != checksum.lower():
        raise TrainingError(
            f"{path} is not what row {row} of {manifest} says: its sha256 is {_checksum(path)}, "
            f"not {checksum}: bring the file back, or write the manifest anew."
        )
    return path


def _checksum(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> TrainingError:
    return TrainingError(
        f"{path} cannot be read ({error.strerror or error}): check its name and rights."
    )


def _relative(path: Path, folder: Path) -> str:
    path = path.resolve()
    with suppress(ValueError):  # it lies on another drive
        path = Path(os.path.relpath(path, folder))
    return path.as_posix()
